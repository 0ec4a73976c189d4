import type { Fields } from './fields.ts';
import type { ContentRange } from './range.ts';
import type { Terms } from './storage.ts';
import type { Selector } from './vary.ts';

/** What an answer is kept under: the host and the target of its request, byte for byte as they came. */
export interface CacheKey {
  /** In lower case, with its port if that is not the scheme's. */
  readonly host: string;
  /** Path and query. Never rewritten: two targets that look alike may be two resources to what is behind. */
  readonly target: string;
}

/** A host as keys have it: in lower case, without a port that says nothing. */
export function hostOf(host: string): string {
  if (host !== last.asked) last = { asked: host, meant: host.toLowerCase().replace(/:(?:80|443)?$/, '') };
  return last.meant;
}

// A shop is asked for by one name, nearly always. The memory holds no state: it is a pure function, remembered.
let last = { asked: '', meant: '' };

export function keyText({ host, target }: CacheKey): string {
  return `${host}\n${target}`;
}

/** One answer as it is kept. What may change in place is said so; all else is replaced with the whole. */
export interface KeptAnswer {
  readonly key: CacheKey;
  readonly status: number;
  readonly statusMessage: string;
  /** End-to-end, without `age`; brought up to date by a validation. */
  fields: Fields;
  terms: Terms;
  readonly selectors: readonly Selector[];
  /** It came to one who showed `Authorization`, and is for others too. */
  readonly isByToken: boolean;
  readonly body: Buffer;
  /** Of a 206: which part of the whole the body is. */
  readonly part?: ContentRange;
  readonly tags: readonly string[];
  readonly groups: readonly string[];
  /** The body in other codings, made after it was kept; no place for one that would not be smaller. */
  readonly encoded: Map<'br' | 'gzip', Buffer>;
  /** All that it takes, in bytes. */
  bytes: number;
  /** Where it waits to be thrown out; undefined once it is. */
  place: 'small' | 'main' | undefined;
  /** Uses since it last stood at the end of its queue, 0 … 3. */
  useCount: number;
  /** As it was last sent, in each coding, for who asks within the same second. Emptied when its fields or terms change. */
  readonly ready: Map<'br' | 'gzip' | 'identity', ReadyAnswer>;
}

/** A hit as bytes. Its head is of one second: what changes with it is made anew, what does not stands in `start`. */
export interface ReadyAnswer {
  /** The status line and the fields, each with the end of its line; checked, in latin1. */
  readonly start: string;
  /** Of its fields. */
  readonly names: ReadonlySet<string>;
  readonly body: Buffer;
  /** All that it takes at most, in bytes. */
  readonly bytes: number;
  /** What the head says of its age, in whole seconds, and of itself in `Cache-Status`. */
  ageS: number;
  cacheStatus: string;
  /** Without the empty line at its end. */
  head: string;
  /** Head and body, once somebody has asked for just that. */
  whole: Buffer | undefined;
}

// Objects, maps and indexes around each answer; measured as heap per small answer, rounded up.
const overheadBytes = 1_024;

export function bytesOf(
  answer: Pick<KeptAnswer, 'key' | 'fields' | 'body' | 'tags' | 'groups' | 'encoded' | 'ready'>,
): number {
  let bytes = overheadBytes + answer.body.length + answer.key.host.length + 2 * answer.key.target.length;
  for (const text of answer.fields) bytes += text.length + 16;
  for (const tag of answer.tags) bytes += tag.length + 64;
  for (const group of answer.groups) bytes += group.length + 64;
  for (const body of answer.encoded.values()) bytes += body.length;
  for (const ready of answer.ready.values()) bytes += ready.bytes;
  return bytes;
}
