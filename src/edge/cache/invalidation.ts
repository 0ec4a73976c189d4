import { parseList } from 'structured-headers';
import { type Fields, fieldValue, firstLine } from './fields.ts';
import type { CacheKey } from './kept-answer.ts';
import type { PurgeTarget } from './purge-log.ts';

/**
 * What a successful unsafe request has made stale (RFC 9111, 4.4): its own URL, those it names in `Location` and
 * `Content-Location` if they are of the same host, and the groups of `Cache-Group-Invalidation` (RFC 9875, 3).
 */
export function invalidatedBy(key: CacheKey, answer: Fields): PurgeTarget {
  const urls = new Set([`${key.host}\n${key.target}`]);
  for (const name of ['location', 'content-location']) {
    const target = targetOnHost(firstLine(answer, name), key);
    if (target !== undefined) urls.add(`${key.host}\n${target}`);
  }
  const hostGroups = new Set(
    strings(fieldValue(answer, 'cache-group-invalidation')).map((group) => `${key.host}\n${group}`),
  );
  return { tags: new Set(), groups: new Set(), hostGroups, urls, everything: false };
}

/** A reference as a target of the same host; undefined for one of another: what others say must not empty this one's cache. */
function targetOnHost(reference: string | undefined, key: CacheKey): string | undefined {
  if (reference === undefined) return undefined;
  // As it stands where it can: what a URL parser makes of a path need not be what it is kept under.
  if (reference.startsWith('/') && !reference.startsWith('//')) return reference.split('#', 1)[0];
  const base = `http://${key.host}${key.target}`;
  const url = URL.parse(reference, base);
  if (url === null || (url.host !== new URL(base).host && url.host !== key.host)) return undefined;
  return url.pathname + url.search;
}

/** The strings of a list (RFC 9651); none if it is not valid. */
export function strings(value: string | undefined): string[] {
  if (value === undefined) return [];
  try {
    return parseList(value)
      .map(([item]) => item)
      .filter((item) => typeof item === 'string');
  } catch {
    return [];
  }
}
