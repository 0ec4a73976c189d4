import assert from 'node:assert/strict';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createMac } from './mac.ts';

/** A key that signs; several may verify, so that keys rotate without breaking what is already out there. */
export interface SigningKey {
  /** Short public name of the key, carried by each token. */
  readonly keyId: string;
  /** At least 32 bytes. */
  readonly secret: Buffer;
  readonly state: KeyState;
}

/** waiting → good → retired: time moves the first arrow, whoever runs the shop the second. */
export type KeyState = 'waiting' | 'good' | 'retired';

/** All keys of a shop, the newest first. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

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
  /**
   * A code that is the same for as long as there is the shop: for what is counted by it, such as a card, and for secrets that
   * processes share. By the shop's first key, also when that is retired.
   */
  pseudonym(purpose: Purpose, subject: string): string;
}

/** A signer whose keys change while it works. */
export interface RotatingSigner extends Signer {
  replaceKeys(keys: SigningKeys): void;
}

interface DerivedKey {
  readonly headerPart: string;
  readonly mac: (text: string) => string;
}

interface DerivedKeys {
  readonly signing: DerivedKey;
  readonly verifying: readonly DerivedKey[];
  readonly naming: DerivedKey;
}

/** The newest good key signs; all that are not retired verify; the oldest of all gives pseudonyms. */
export function createSigner(initialKeys: SigningKeys): RotatingSigner {
  let ring = ringOf(initialKeys);
  let derivedBy = new Map<Purpose, DerivedKeys>();
  const keysOf = (purpose: Purpose) => {
    const known = derivedBy.get(purpose);
    if (known) return known;
    const derived = {
      signing: derive(purpose, ring.signing),
      verifying: ring.verifying.map((key) => derive(purpose, key)),
      naming: derive(purpose, ring.naming),
    };
    derivedBy.set(purpose, derived);
    return derived;
  };

  return {
    sign(purpose, payload) {
      const { headerPart, mac } = keysOf(purpose).signing;
      const signed = `${headerPart}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
      return `${signed}.${mac(signed)}`;
    },
    verify(purpose, token) {
      const headerEnd = token.indexOf('.');
      const payloadEnd = token.indexOf('.', headerEnd + 1);
      if (headerEnd < 0 || payloadEnd < 0) return undefined;
      // The header is compared, not parsed: only headers that this shop writes are valid, whatever `alg` another claims.
      const derived = keysOf(purpose).verifying.find(({ headerPart }) => token.slice(0, headerEnd) === headerPart);
      if (derived === undefined) return undefined;
      // Compared as text: decoding passes over what is no base64url, so that one signature could be written in many ways.
      if (!isSame(token.slice(payloadEnd + 1), derived.mac(token.slice(0, payloadEnd)))) return undefined;
      return JSON.parse(Buffer.from(token.slice(headerEnd + 1, payloadEnd), 'base64url').toString());
    },
    code(purpose, subject) {
      return codeWith(keysOf(purpose).signing, subject);
    },
    checkCode(purpose, subject, code) {
      return keysOf(purpose).verifying.some((derived) => isSame(code, codeWith(derived, subject)));
    },
    pseudonym(purpose, subject) {
      return codeWith(keysOf(purpose).naming, subject);
    },
    replaceKeys(keys) {
      ring = ringOf(keys);
      derivedBy = new Map();
    },
  };
}

export function newSigningKey(): SigningKey {
  return { keyId: randomBytes(4).toString('hex'), secret: randomBytes(32), state: 'good' };
}

/** Who does what. */
function ringOf(keys: SigningKeys) {
  const signing = keys.find(({ state }) => state === 'good');
  assert(signing !== undefined, 'a shop has a key that signs');
  // The one that signs comes first: most of what comes back is new.
  const others = keys.filter((key) => key !== signing && key.state !== 'retired');
  return { signing, verifying: [signing, ...others], naming: keys.at(-1) ?? signing };
}

function derive(purpose: Purpose, { keyId, secret }: SigningKey): DerivedKey {
  const header = { alg: 'HS256', kid: keyId, typ: purpose };
  return {
    headerPart: Buffer.from(JSON.stringify(header)).toString('base64url'),
    mac: createMac(createHmac('sha256', secret).update(`onrush/${purpose}`).digest()),
  };
}

/** The first 128 bits. */
function codeWith({ mac }: DerivedKey, subject: string): string {
  return Buffer.from(mac(`code:${subject}`), 'base64url').toString('base64url', 0, 16);
}

/** In a time that tells nothing of how much of it is right. */
function isSame(given: string, wanted: string): boolean {
  const bytes = Buffer.from(given);
  return bytes.length === wanted.length && timingSafeEqual(bytes, Buffer.from(wanted));
}
