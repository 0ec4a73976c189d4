import { createHash, createHmac } from 'node:crypto';

export interface EdgeGridKeys {
  readonly clientToken: string;
  readonly clientSecret: string;
  readonly accessToken: string;
}

export interface EdgeGridRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly nowMs: number;
  /** Used once. */
  readonly nonce: string;
}

// Of a longer body only so much is signed.
const signedBytesMax = 131_072;

/**
 * The `Authorization` of a request to Akamai, as https://techdocs.akamai.com/developer/docs/edgegrid describes it (no
 * header is signed). A key of the day, as it were: the secret signs the timestamp, and that signs the request.
 */
export function edgeGridAuthorization(keys: EdgeGridKeys, request: EdgeGridRequest): string {
  const timestamp = timestampOf(request.nowMs);
  const url = new URL(request.url);
  const unsigned = [
    `EG1-HMAC-SHA256 client_token=${keys.clientToken}`,
    `access_token=${keys.accessToken}`,
    `timestamp=${timestamp}`,
    `nonce=${request.nonce}`,
    '',
  ].join(';');
  const signed = [
    request.method.toUpperCase(),
    url.protocol.slice(0, -1),
    url.host,
    `${url.pathname}${url.search}`,
    '',
    request.method.toUpperCase() === 'POST' && request.body !== '' ? bodyHash(request.body) : '',
    unsigned,
  ].join('\t');
  return `${unsigned}signature=${hmac(signed, hmac(timestamp, keys.clientSecret))}`;
}

const hmac = (text: string, key: string) => createHmac('sha256', key).update(text).digest('base64');

function bodyHash(body: string): string {
  return createHash('sha256').update(Buffer.from(body).subarray(0, signedBytesMax)).digest('base64');
}

/** `20140321T19:34:21+0000` */
function timestampOf(nowMs: number): string {
  const text = new Date(nowMs).toISOString();
  return `${text.slice(0, 10).replaceAll('-', '')}T${text.slice(11, 19)}+0000`;
}
