import { isStrongTag } from './conditional.ts';
import { type Fields, firstLine, without } from './fields.ts';
import { bytesOf, type KeptAnswer } from './kept-answer.ts';
import { type ContentRange, parseContentRange } from './range.ts';

/** Which part a 206 has; undefined for what cannot be kept: several parts, or a whole of unknown length. */
export function keptPart(fields: Fields): ContentRange | undefined {
  const part = parseContentRange(firstLine(fields, 'content-range'));
  return part?.length === undefined ? undefined : part;
}

/**
 * A part that has just come, joined with one of the same version that is kept and touches it (RFC 9111, 3.4), as long as both are no
 * more than `bodyBytesMax` together: the whole, if nothing is missing then. Undefined if its body is not as long as it says: then
 * nobody knows which bytes they are.
 */
export function combineParts(
  fresh: KeptAnswer,
  variants: readonly KeptAnswer[],
  bodyBytesMax: number,
): KeptAnswer | undefined {
  const { part } = fresh;
  if (part === undefined || fresh.body.length !== part.last - part.first + 1) return undefined;
  const other = variants.find((kept) => isJoinable(kept, fresh));
  if (other?.part === undefined) return isWhole(part) ? asWhole(fresh) : fresh;
  const first = Math.min(part.first, other.part.first);
  const last = Math.max(part.last, other.part.last);
  if (last - first + 1 > bodyBytesMax) return fresh;
  const body = Buffer.alloc(last - first + 1);
  other.body.copy(body, other.part.first - first);
  fresh.body.copy(body, part.first - first);
  const joined = { ...fresh, body, part: { first, last, length: part.length } };
  const sized = { ...joined, bytes: bytesOf(joined) };
  return isWhole(joined.part) ? asWhole(sized) : sized;
}

/** Only a strong tag says that two parts are of the same bytes. */
function isJoinable(kept: KeptAnswer, fresh: KeptAnswer): boolean {
  const etag = firstLine(fresh.fields, 'etag');
  if (kept.part === undefined || fresh.part === undefined || !isStrongTag(etag)) return false;
  if (firstLine(kept.fields, 'etag') !== etag || kept.part.length !== fresh.part.length) return false;
  return kept.part.first <= fresh.part.last + 1 && fresh.part.first <= kept.part.last + 1;
}

function isWhole({ first, last, length }: ContentRange): boolean {
  return first === 0 && length === last + 1;
}

function asWhole({ part: _, ...answer }: KeptAnswer): KeptAnswer {
  const fields = [...without(answer.fields, ofPart), 'content-length', String(answer.body.length)];
  return { ...answer, status: 200, statusMessage: 'OK', fields, encoded: new Map(), ready: new Map() };
}

const ofPart = new Set(['content-range', 'content-length', 'content-md5', 'content-digest']);
