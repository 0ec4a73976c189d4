import { randomFillSync } from 'node:crypto';
import { bucketCount } from './bucket.ts';

/** A string that only the functions of its kind accept: an `OrderId` does not fit where a `VariantId` goes. */
export type Brand<T, Name extends string> = T & { readonly brand?: Name };

// Random bytes are drawn in blocks: a system call for each id would cost more than the rest of it.
const block = Buffer.alloc(4096);
let used = block.length;

function randomBytes10(): number {
  if (used + 10 > block.length) {
    randomFillSync(block);
    used = 0;
  }
  used += 10;
  return used - 10;
}

/**
 * A new id that carries its bucket: a UUID of version 8 (RFC 9562, section 5.8), laid out as
 * 48 bits of Unix milliseconds | version | 10 bits of bucket and 2 random bits | variant | 62 random bits.
 * Ids of one moment lie side by side in an index, and the owner of an id is found without asking every shard.
 */
export function newId(bucket: number, nowMs: number): string {
  const at = randomBytes10();
  const time = nowMs.toString(16).padStart(12, '0');
  const bucketAndRandom = ((bucket << 2) | ((block[at] ?? 0) & 0b11)).toString(16).padStart(3, '0');
  const variant = (0x8000 | (block.readUInt16BE(at + 1) & 0x3fff)).toString(16);
  const tail = block.toString('hex', at + 3, at + 9);
  return `${time.slice(0, 8)}-${time.slice(8)}-8${bucketAndRandom}-${variant}-${tail}`;
}

/** The bucket that an id carries. */
export function bucketOfId(id: string): number {
  return Number.parseInt(id.slice(15, 18), 16) >> 2;
}

/** The instant at which an id was made, Unix milliseconds. */
export function madeAtMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** A bucket for what has no owner (guests): drawn at random, so that load spreads evenly. */
export function randomBucket(): number {
  return block.readUInt16BE(randomBytes10()) % bucketCount;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}
