import type { Purpose, Signer } from './signer.ts';

/** `<subject>.<code>`: says who someone is, needs no storage, and is the same every time. */
export function subjectToken(signer: Signer, purpose: Purpose, subject: string): string {
  return `${subject}.${signer.code(purpose, subject)}`;
}

/** The subject of a token that was made here for this purpose; undefined for every other text. */
export function readSubjectToken(signer: Signer, purpose: Purpose, token: string): string | undefined {
  const dot = token.lastIndexOf('.');
  if (dot < 0) return undefined;
  const subject = token.slice(0, dot);
  return signer.checkCode(purpose, subject, token.slice(dot + 1)) ? subject : undefined;
}
