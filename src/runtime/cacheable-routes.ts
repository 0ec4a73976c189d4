import { mediaTypesOf } from '../platform/api/bytes.ts';
import type { Contract, Route } from '../platform/api/contract.ts';

/**
 * Tells at a glance, before anything is parsed, whether a URL may be of a route whose answers shared caches keep. Files that
 * never change are left to who makes them, who has them in memory already.
 */
export function createCacheableRoutes(contracts: readonly Contract[]): (url: string) => boolean {
  const routes = contracts.flatMap(({ routes }) => Object.values(routes)).filter(isCacheable);
  const exact = new Set(routes.map(({ path }) => path).filter((path) => !path.includes(':')));
  const patterns = routes.filter(({ path }) => path.includes(':')).map(({ path }) => matcherOf(path));
  return (url) => {
    const queryAt = url.indexOf('?');
    const path = queryAt < 0 ? url : url.slice(0, queryAt);
    return exact.has(path) || patterns.some((matches) => matches(path));
  };
}

function isCacheable({ method, scope, cache, isStream, responses }: Route): boolean {
  const isOfBytes = Object.values(responses).some((schema) => mediaTypesOf(schema) !== undefined);
  return method === 'GET' && scope === 'public' && cache?.shared === true && !isStream && !isOfBytes;
}

/** Part by part; a parameter is any one part. */
function matcherOf(routePath: string): (path: string) => boolean {
  const nameAt = routePath.indexOf(':');
  const prefix = routePath.slice(0, nameAt);
  const isLast = !routePath.includes('/', nameAt);
  if (isLast) return (path) => path.startsWith(prefix) && path.length > nameAt && !path.includes('/', nameAt);
  const parts = routePath.split('/');
  return (path) => {
    if (!path.startsWith(prefix)) return false;
    const given = path.split('/');
    return given.length === parts.length && parts.every((part, index) => part.startsWith(':') || part === given[index]);
  };
}
