import { createHash } from 'node:crypto';

/** An answer as it goes out, made once and sent many times. */
export interface CachedJson {
  readonly json: Buffer;
  readonly etag: string;
}

export function cachedJson(body: object): CachedJson {
  const json = Buffer.from(JSON.stringify(body));
  return { json, etag: createHash('sha256').update(json).digest('base64url').slice(0, 22) };
}

/** The reply with these bytes. Who reads `body` instead, in this process, gets a copy of its own. */
export function jsonReply<Body>({ json, etag }: CachedJson) {
  return {
    status: 200 as const,
    json,
    headers: { etag },
    get body(): Body {
      return JSON.parse(json.toString());
    },
  };
}
