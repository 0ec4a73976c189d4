/**
 * Named bytes, whole or not at all: a directory on one machine, an S3 bucket on many. A key is a path of one to eight parts
 * of letters, digits, `.`, `_`, `~` and `-`, none of them beginning with a dot; others fail an assertion, so that no input
 * of a stranger may reach a key unparsed.
 */
export interface BlobStore {
  /** Undefined if there is none. Throws a StorageFault where the world failed. */
  read(key: string): Promise<Buffer | undefined>;
  /** Another after each write; undefined if there is none. Costs far less than reading. */
  revision(key: string): Promise<string | undefined>;
  /** Readers see the old bytes or the new ones, never a part. */
  write(key: string, bytes: Uint8Array): Promise<void>;
  /** Also when there is none. */
  delete(key: string): Promise<void>;
  /** Keys that begin with the prefix (whole parts: `pages`, `media/originals`), in no order. */
  list(prefix: string): AsyncIterable<string>;
}

/** The disk is full, the bucket does not answer: not what was asked for is wrong, but the world. */
export class StorageFault extends Error {
  override readonly name = 'StorageFault';
}
