import { mediaTypesOf } from '../platform/api/bytes.ts';
import type { Contract, Route } from '../platform/api/contract.ts';
import { createPathTable } from '../platform/api/path-table.ts';

/**
 * Tells at a glance, before anything is parsed, whether a URL may be of a route whose answers shared caches keep. Files that
 * never change are left to who makes them, who has them in memory already.
 */
export function createCacheableRoutes(contracts: readonly Contract[]): (url: string) => boolean {
  const routes = contracts.flatMap(({ routes }) => Object.values(routes));
  // Those that are not kept too: `/v1/things/mine` is not one of `/v1/things/:slug`.
  const table = createPathTable(routes.map((route) => ({ ...route, value: isCacheable(route) })));
  return (url) => table.find('GET', url) === true;
}

function isCacheable({ method, scope, cache, isStream, responses }: Route): boolean {
  const isOfBytes = Object.values(responses).some((schema) => mediaTypesOf(schema) !== undefined);
  return method === 'GET' && scope === 'public' && cache?.shared === true && !isStream && !isOfBytes;
}
