import { isStrongTag } from './conditional.ts';
import { type Fields, firstLine, hasField } from './fields.ts';
import { parseHttpDate } from './http-date.ts';

/** First and last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export type RangeAnswer =
  /** As if no range had been asked for: several at once, another unit, no sense, or another version than the client has. */
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' };

// More digits than any length has: beyond 2^53 they would not be exact.
const single = /^bytes=\s*(?:(\d{1,15})-(\d{1,15})?|-(\d{1,15}))\s*$/i;

/** Which bytes of a whole answer a request asks for (RFC 9110, 14.2). */
export function rangeOf(request: Fields, answer: Fields, length: number): RangeAnswer {
  const asked = firstLine(request, 'range');
  const found = asked === undefined ? null : single.exec(asked);
  if (found === null || !isOfSameVersion(request, answer)) return { kind: 'whole' };
  const [, from, to, suffix] = found;
  if (suffix !== undefined) {
    const count = Math.min(Number(suffix), length);
    return count === 0 ? { kind: 'unsatisfiable' } : part(length - count, length - 1);
  }
  const first = Number(from);
  if (to !== undefined && Number(to) < first) return { kind: 'whole' };
  if (first >= length) return { kind: 'unsatisfiable' };
  return part(first, to === undefined ? length - 1 : Math.min(Number(to), length - 1));
}

function part(first: number, last: number): RangeAnswer {
  return { kind: 'part', range: { first, last } };
}

/** `If-Range` (RFC 9110, 13.1.5): a strong tag, or a date that is exact because it is older than the answer by a minute. */
export function isOfSameVersion(request: Fields, answer: Fields): boolean {
  if (!hasField(request, 'if-range')) return true;
  const wanted = firstLine(request, 'if-range') ?? '';
  if (isStrongTag(wanted)) return wanted === firstLine(answer, 'etag');
  const modified = firstLine(answer, 'last-modified');
  if (wanted.includes('"') || modified === undefined || wanted !== modified) return false;
  const modifiedMs = parseHttpDate(modified, 0);
  const dateMs = parseHttpDate(firstLine(answer, 'date'), 0);
  return modifiedMs !== undefined && dateMs !== undefined && dateMs - modifiedMs >= 60_000;
}

export interface ContentRange extends ByteRange {
  /** Of the whole; undefined for `*`. */
  readonly length: number | undefined;
}

export function parseContentRange(value: string | undefined): ContentRange | undefined {
  const found = value === undefined ? null : /^bytes (\d{1,15})-(\d{1,15})\/(?:(\d{1,15})|\*)$/.exec(value);
  if (found === null) return undefined;
  const [first, last] = [Number(found[1]), Number(found[2])];
  const length = found[3] === undefined ? undefined : Number(found[3]);
  return last < first || (length !== undefined && last >= length) ? undefined : { first, last, length };
}
