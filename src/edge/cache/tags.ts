import { type Fields, fieldValue, listOf } from './fields.ts';
import { strings } from './invalidation.ts';

// RFC 9875, 2.2.1 asks for 32 groups of 32 characters at least. Beyond these bounds an answer would weigh more in the indexes
// than in bytes.
const countMax = 1_000;
const lengthMax = 1_024;

/** Of `Cache-Tag`, by which CDNs purge: a list, in which case matters. */
export function tagsOf(fields: Fields): string[] {
  return bounded(listOf(fieldValue(fields, 'cache-tag')));
}

/** Of `Cache-Groups` (RFC 9875). */
export function groupsOf(fields: Fields): string[] {
  return bounded(strings(fieldValue(fields, 'cache-groups')));
}

function bounded(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => name.length <= lengthMax).slice(0, countMax);
}
