import type { CachePolicy, Route } from './contract.ts';

/** Conditional requests and caching, RFC 9110 section 13 and RFC 9111. */

/** Entity tags of an `If-None-Match` or `If-Match` list; `*` and weak marks as they came. */
const entityTags = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/** `If-None-Match`: compared weakly, since a copy that means the same need not be sent again. */
export function matchesIfNoneMatch(header: string, etag: string): boolean {
  if (header.trim() === '*') return true;
  const wanted = `"${etag}"`;
  // Nearly always one tag: ours, as we sent it.
  if (header === wanted) return true;
  return tagsOf(header).some((tag) => tag === wanted || tag === `W/${wanted}`);
}

/**
 * `If-Match` for a handler that changes something: whether the caller has seen the version that is stored. Compared
 * strongly. Without the header there is no condition; with it and nothing stored (`etag` undefined) it fails.
 */
export function matchesIfMatch(header: string | undefined, etag: string | undefined): boolean {
  if (header === undefined) return true;
  if (etag === undefined) return false;
  if (header.trim() === '*') return true;
  return tagsOf(header).includes(`"${etag}"`);
}

function tagsOf(header: string): readonly string[] {
  return header.match(entityTags) ?? [];
}

export function cacheControlOf(route: Pick<Route, 'cache'>): string {
  return route.cache === undefined ? 'no-store' : policyText(route.cache);
}

/** Of a 404 that shared caches may keep; undefined where they may not. */
export function notFoundControlOf({ cache }: Pick<Route, 'cache'>): string | undefined {
  if (!cache?.shared || cache.notFoundMaxAgeS === undefined) return undefined;
  return `max-age=0, s-maxage=${cache.notFoundMaxAgeS}`;
}

function policyText({ shared, maxAgeS, staleWhileRevalidateS, isImmutable }: CachePolicy): string {
  const who = shared ? 'public' : 'private';
  if (isImmutable) return `${who}, max-age=${maxAgeS}, immutable`;
  return `${who}, max-age=${maxAgeS}, stale-while-revalidate=${staleWhileRevalidateS}`;
}
