/** What a name is known by in the tables: 64 bits, in two halves, signed: so each is a number that needs no place of its own. */
export interface Fingerprint {
  readonly high: number;
  readonly low: number;
}

/** HalfSipHash's secret. */
export type HashKey = readonly [number, number];

/**
 * HalfSipHash-1-3 with 64 bits of output (J.-P. Aumasson, D. J. Bernstein: SipHash, 2012; the variant of its authors for words
 * of 32 bits, which the Linux kernel keeps hash tables with). Keyed, so that nobody outside can choose names that fall together:
 * he would share another's bucket, or drive him out of it. In JavaScript because it is asked several times a request, and a
 * call into OpenSSL takes ten times as long.
 */
export function fingerprint(text: string, [k0, k1]: HashKey): Fingerprint {
  return halfSipHash(Buffer.from(text), [k0, k1], 1, 3);
}

export function halfSipHash(bytes: Uint8Array, [k0, k1]: HashKey, rounds: number, lastRounds: number): Fingerprint {
  let v0 = k0;
  let v1 = k1 ^ 0xee;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;
  let low = 0;
  // One loop over the words and the two ends, without functions that share these numbers: those would live on the heap.
  const wordCount = (bytes.length >> 2) + 1;
  for (let at = 0; at < wordCount + 2; at++) {
    const word = at < wordCount ? wordAt(bytes, at * 4) : 0;
    v3 ^= word;
    if (at === wordCount) v2 ^= 0xee;
    if (at > wordCount) {
      low = v1 ^ v3;
      v1 ^= 0xdd;
    }
    for (let round = at < wordCount ? rounds : lastRounds; round > 0; round--) {
      v0 = (v0 + v1) | 0;
      v1 = rotate(v1, 5) ^ v0;
      v0 = rotate(v0, 16);
      v2 = (v2 + v3) | 0;
      v3 = rotate(v3, 8) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = rotate(v3, 7) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = rotate(v1, 13) ^ v2;
      v2 = rotate(v2, 16);
    }
    v0 ^= word;
  }
  return { low, high: v1 ^ v3 };
}

/** Four bytes; the last word is what is left over, and the length. */
function wordAt(bytes: Uint8Array, at: number): number {
  const byteAt = (index: number) => (index < bytes.length ? (bytes[index] as number) : 0);
  const low = byteAt(at) | (byteAt(at + 1) << 8) | (byteAt(at + 2) << 16);
  return low | ((at + 4 <= bytes.length ? (bytes[at + 3] as number) : bytes.length) << 24);
}

const rotate = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits));
