import { hash } from 'node:crypto';

/**
 * The id of what follows from another thing: the same parent and name give the same id for ever, so that whoever retries
 * arrives at the same row. Laid out as in id.ts, with the instant and the bucket of the parent (it lives on the parent's
 * shard, beside it in the index) and 64 bits of SHA-256 where others have random ones.
 */
export function derivedId(parentId: string, name: string): string {
  const digest = hash('sha256', `${parentId}/${name}`, 'hex');
  // Of the three digits after the version the upper ten bits are the bucket; the lower two are ours.
  const bucket = Number.parseInt(parentId.slice(15, 18), 16) & 0xffc;
  const bucketAndDigest = bucket | (Number.parseInt(digest.slice(16, 17), 16) & 0b11);
  const variant = (0x8000 | (Number.parseInt(digest.slice(0, 4), 16) & 0x3fff)).toString(16);
  return `${parentId.slice(0, 14)}8${bucketAndDigest.toString(16).padStart(3, '0')}-${variant}-${digest.slice(4, 16)}`;
}
