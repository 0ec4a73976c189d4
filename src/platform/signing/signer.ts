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
      return `${signed}.${mac(key, signed).toString('base64url')}`;
    },
    verify(purpose, token) {
      const headerEnd = token.indexOf('.');
      const payloadEnd = token.indexOf('.', headerEnd + 1);
      if (headerEnd < 0 || payloadEnd < 0) return undefined;
      // The header is compared, not parsed: only headers that this shop writes are valid, whatever `alg` another claims.
      const derived = keysOf(purpose).find(({ headerPart }) => token.slice(0, headerEnd) === headerPart);
      if (derived === undefined) return undefined;
      // Compared as text: decoding passes over what is no base64url, so that one signature could be written in many ways.
      const given = Buffer.from(token.slice(payloadEnd + 1));
      const wanted = Buffer.from(mac(derived.key, token.slice(0, payloadEnd)).toString('base64url'));
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
      return JSON.parse(Buffer.from(token.slice(headerEnd + 1, payloadEnd), 'base64url').toString());
    },
    code(purpose, subject) {
      return codeWith(keysOf(purpose)[0], subject);
    },
    checkCode(purpose, subject, code) {
      const given = Buffer.from(code);
      return keysOf(purpose).some((derived) => {
        const wanted = Buffer.from(codeWith(derived, subject));
        return given.length === wanted.length && timingSafeEqual(given, wanted);
      });
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

function mac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function codeWith({ key }: DerivedKey, subject: string): string {
  return mac(key, `code:${subject}`).subarray(0, 16).toString('base64url');
}
