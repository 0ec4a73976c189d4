import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key that signs; several may verify, so that keys rotate without breaking what is already out there. */
export interface SigningKey {
  /** Short public name of the key, carried by each token. */
  readonly keyId: string;
  /** At least 32 bytes. */
  readonly secret: Buffer;
}

/**
 * What a token is for. A token of one purpose never passes for another: purpose and secret together make the key.
 */
export type Purpose =
  | 'quote'
  | 'order-capability'
  | 'wall'
  | 'buyer'
  | 'cursor'
  | 'webhook'
  | 'cart'
  | 'cart-name'
  | 'orders'
  | 'ticket'
  | 'pass'
  | 'challenge'
  | 'client'
  | 'instrument';

export interface Signer {
  /** Signs a JSON value: a compact JWS (RFC 7515) with HMAC-SHA256. */
  sign(purpose: Purpose, payload: object): string;
  /** The payload if the token was signed here for this purpose; undefined otherwise. Never throws on garbage. */
  verify(purpose: Purpose, token: string): unknown;
  /** A short deterministic code for a subject (an order's id), 128 bits, url-safe: a capability that needs no storage. */
  code(purpose: Purpose, subject: string): string;
  checkCode(purpose: Purpose, subject: string, code: string): boolean;
}

interface DerivedKey {
  readonly headerPart: string;
  readonly key: Buffer;
}

/** The first key signs; all verify. */
export function createSigner(keys: readonly [SigningKey, ...SigningKey[]]): Signer {
  const derivedBy = new Map<Purpose, readonly [DerivedKey, ...DerivedKey[]]>();
  const keysOf = (purpose: Purpose) => {
    const known = derivedBy.get(purpose);
    if (known) return known;
    const derived = keys.map((key) => derive(purpose, key)) as [DerivedKey, ...DerivedKey[]];
    derivedBy.set(purpose, derived);
    return derived;
  };

  return {
    sign(purpose, payload) {
      const [{ headerPart, key }] = keysOf(purpose);
      const signed = `${headerPart}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
      return `${signed}.${mac(key, signed)}`;
    },
    verify(purpose, token) {
      const headerEnd = token.indexOf('.');
      const payloadEnd = token.indexOf('.', headerEnd + 1);
      if (headerEnd < 0 || payloadEnd < 0) return undefined;
      // The header is compared, not parsed: only headers that this shop writes are valid, whatever `alg` another claims.
      const derived = keysOf(purpose).find(({ headerPart }) => token.slice(0, headerEnd) === headerPart);
      if (derived === undefined) return undefined;
      // Compared as text: decoding passes over what is no base64url, so that one signature could be written in many ways.
      if (!isSame(token.slice(payloadEnd + 1), mac(derived.key, token.slice(0, payloadEnd)))) return undefined;
      return JSON.parse(Buffer.from(token.slice(headerEnd + 1, payloadEnd), 'base64url').toString());
    },
    code(purpose, subject) {
      return codeWith(keysOf(purpose)[0], subject);
    },
    checkCode(purpose, subject, code) {
      return keysOf(purpose).some((derived) => isSame(code, codeWith(derived, subject)));
    },
  };
}

export function newSigningKey(): SigningKey {
  return { keyId: randomBytes(4).toString('hex'), secret: randomBytes(32) };
}

function derive(purpose: Purpose, { keyId, secret }: SigningKey): DerivedKey {
  const header = { alg: 'HS256', kid: keyId, typ: purpose };
  return {
    headerPart: Buffer.from(JSON.stringify(header)).toString('base64url'),
    key: createHmac('sha256', secret).update(`onrush/${purpose}`).digest(),
  };
}

function mac(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}

function codeWith({ key }: DerivedKey, subject: string): string {
  return createHmac('sha256', key).update(`code:${subject}`).digest().subarray(0, 16).toString('base64url');
}

/** In a time that tells nothing of how much of it is right. */
function isSame(given: string, wanted: string): boolean {
  const bytes = Buffer.from(given);
  return bytes.length === wanted.length && timingSafeEqual(bytes, Buffer.from(wanted));
}
