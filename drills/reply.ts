import { HttpFault } from './http-client.ts';

/** A shop's answer, parsed. `slug` names the problem where it is one. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly slug: string | undefined;
}

/** Throws HttpFault for a body that is not JSON. */
export function parseReply(status: number, text: string): Reply {
  let body: unknown;
  try {
    body = text === '' ? undefined : JSON.parse(text);
  } catch {
    throw new HttpFault('malformed', `${status} with a body that is not JSON: ${JSON.stringify(text.slice(0, 80))}`);
  }
  const type = status >= 400 ? (body as { type?: unknown } | undefined)?.type : undefined;
  return { status, body, slug: typeof type === 'string' ? type.slice(type.lastIndexOf('/') + 1) : undefined };
}
