import { createHmac, hash } from 'node:crypto';

/** Of SHA-256, in bytes. */
const blockBytes = 64;
const digestBytes = 32;
/** Tickets, passes and most quotes; what is longer goes the common way. */
const lengthMax = 2_048;

/**
 * Makes HMAC-SHA256 (RFC 2104) of a text's UTF-8, in base64url. `createHmac` makes an object outside of the heap each time, which takes
 * twice as long as the two hashes do, and burdens the collector: of a poll in a waiting room it was a third.
 */
export function createMac(key: Buffer): (text: string) => string {
  const inner = Buffer.alloc(blockBytes + 3 * lengthMax);
  const outer = Buffer.alloc(blockBytes + digestBytes);
  const ownKey = key.length > blockBytes ? hash('sha256', key, 'buffer') : key;
  for (let at = 0; at < blockBytes; at++) {
    inner[at] = 0x36 ^ (ownKey[at] ?? 0);
    outer[at] = 0x5c ^ (ownKey[at] ?? 0);
  }
  return (text) => {
    if (text.length > lengthMax) return createHmac('sha256', key).update(text).digest('base64url');
    const length = blockBytes + inner.write(text, blockBytes, 'utf8');
    outer.write(hash('sha256', inner.subarray(0, length), 'latin1'), blockBytes, 'latin1');
    return hash('sha256', outer, 'base64url');
  };
}
