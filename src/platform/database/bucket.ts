import { crc32 } from 'node:zlib';

/** 1,024 fixed hash buckets; a shard holds some of them, and moving a bucket moves its rows (docs/architecture.md). Never changes. */
export const bucketCount = 1024;

/**
 * The bucket of a key: CRC-32 (ISO-HDLC, as in zlib) of its UTF-8 bytes, modulo 1,024. The same in SQL, where an
 * operator needs it: `crc32(convert_to(key, 'UTF8')) % 1024`.
 */
export function bucketOf(key: string): number {
  return crc32(key) % bucketCount;
}
