import { hash, randomBytes } from 'node:crypto';

/** Drawn for each form that pays: sent twice, it is one attempt; a form that is shown anew is another. */
export function newNonce(): string {
  return randomBytes(12).toString('base64url');
}

/** The key under which the attempt is charged once. Another card in the same form is another attempt. */
export function paymentKey(form: URLSearchParams, card: string): string {
  const nonce = (form.get('nonce') ?? '').slice(0, 100);
  return `page-${hash('sha256', `${nonce} ${card}`, 'base64url').slice(0, 32)}`;
}
