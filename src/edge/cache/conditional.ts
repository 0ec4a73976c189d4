import { type Fields, fieldValue, firstLine, hasField, without } from './fields.ts';
import { parseHttpDate } from './http-date.ts';

/** Fields by which a request asks for an answer only under a condition (RFC 9110, 13.1). */
export const conditionNames = new Set([
  'if-none-match',
  'if-modified-since',
  'if-match',
  'if-unmodified-since',
  'if-range',
]);

/** RFC 9110, 8.8.3.2, weakly: whether two tags mean the same; quotes and the weak mark apart, as they came. */
function isSameTag(a: string, b: string): boolean {
  return opaque(a) === opaque(b);
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}

export function isStrongTag(tag: string | undefined): boolean {
  return tag?.startsWith('"') === true && tag.endsWith('"') && tag.length > 1;
}

// A tag in quotes, or, from senders that forget them, up to the next comma.
const tags = /(?:W\/)?"[^"]*"|[^\s,][^,]*/g;

/** Whether a client has already what it would get: a 304 is enough (RFC 9111, 4.3.2). */
export function isNotModified(request: Fields, answer: Fields, responseAtMs: number): boolean {
  const wanted = fieldValue(request, 'if-none-match');
  if (wanted !== undefined) {
    const etag = firstLine(answer, 'etag');
    if (wanted.trim() === '*') return true;
    return etag !== undefined && (wanted.match(tags) ?? []).some((tag) => isSameTag(tag.trim(), etag));
  }
  const sinceMs = parseHttpDate(firstLine(request, 'if-modified-since'), responseAtMs);
  if (sinceMs === undefined) return false;
  const modifiedMs =
    parseHttpDate(firstLine(answer, 'last-modified'), responseAtMs) ??
    parseHttpDate(firstLine(answer, 'date'), responseAtMs) ??
    responseAtMs;
  return modifiedMs <= sinceMs;
}

/** A 304 carries what tells about the representation in use, not what describes a body that is not sent (RFC 9110, 15.4.5). */
export function notModifiedFields(fields: Fields): string[] {
  return without(fields, describesBody);
}

const describesBody = new Set([
  'content-length',
  'content-encoding',
  'content-type',
  'content-range',
  'content-md5',
  'content-digest',
]);

/** The request as it asks whether what is kept still holds. */
export function validating(request: Fields, kept: Fields): string[] {
  const asks = [...without(request, conditionNames)];
  const etag = firstLine(kept, 'etag');
  if (etag !== undefined) asks.push('if-none-match', etag);
  const modified = firstLine(kept, 'last-modified');
  if (modified !== undefined) asks.push('if-modified-since', modified);
  return asks;
}

export function hasValidator(fields: Fields): boolean {
  return hasField(fields, 'etag') || hasField(fields, 'last-modified');
}

// They belong to the bytes that are kept (RFC 9111, 3.2): from a 304, which has none, they would be wrong.
const notFromNotModified = new Set([
  'content-encoding',
  'content-length',
  'content-range',
  'content-md5',
  'content-digest',
  'repr-digest',
  'etag',
  'transfer-encoding',
]);

const ageNames = new Set(['age', 'date']);

/**
 * Kept fields brought up to date by a 304 or the answer to a HEAD (RFC 9111, 3.2). A 304 with another strong tag than the one
 * that was asked about is of another representation: it may confirm, but changes nothing except when.
 */
export function updatedFields(kept: Fields, news: Fields): string[] {
  const [keptTag, newTag] = [firstLine(kept, 'etag'), firstLine(news, 'etag')];
  if (isStrongTag(newTag) && keptTag !== undefined && newTag !== keptTag) {
    return [...without(kept, ageNames), 'date', firstLine(news, 'date') ?? ''];
  }
  const updates = without(news, notFromNotModified);
  const names = new Set<string>(['age']);
  for (let at = 0; at < updates.length; at += 2) names.add(updates[at] ?? '');
  return [...without(kept, names), ...updates];
}
