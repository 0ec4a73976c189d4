import assert from 'node:assert/strict';
import test from 'node:test';
import type { Route } from '../platform/api/contract.ts';
import { createCacheableRoutes } from './cacheable-routes.ts';
import { contracts } from './testing.ts';

const mayBeKept = createCacheableRoutes(contracts);
const id = '019a0000-0000-7000-8000-000000000001';

test('what everybody is answered alike may be kept', () => {
  for (const url of [
    ...['/v1/products', '/v1/products?sort=price', '/v1/products/river-flask', '/v1/collections', '/v1/search?q=a'],
    ...['/v1/availability?variantIds=a', '/v1/sales', `/v1/storefront/variants?variantIds=${id}`],
    ...['/v1/waiting-rooms', `/v1/waiting-rooms/${id}`],
  ]) {
    assert(mayBeKept(url), url);
  }
});

test('what is for one buyer, for staff or for services never is, and no other path is mistaken for one that is', () => {
  for (const url of [
    ...[`/v1/carts/${id}`, `/v1/orders/${id}`, `/v1/orders/${id}/events`, '/v1/admin/products', '/v1/admin/media'],
    ...[`/v1/waiting-rooms/${id}/ticket`, '/v1/pulse', '/internal/catalog/variants', '/', '/products/river-flask'],
    ...['/v1/products/a/b', '/v1/productsx', '/v1/', '', '*', '/media/a.avif', '/livez', '/metrics'],
  ]) {
    assert(!mayBeKept(url), url);
  }
});

test('a path that is a route of its own is not one of those that take any name', () => {
  const route = { method: 'GET', scope: 'public', cache: { shared: true }, responses: {} };
  const mine = { ...route, path: '/v1/things/mine', cache: { shared: false } };
  const isKept = createCacheableRoutes([
    { name: 'things', routes: { any: { ...route, path: '/v1/things/:slug' }, mine } } as never,
  ]);
  assert(isKept('/v1/things/lamp'));
  assert(!isKept('/v1/things/mine'));
});

test('only routes that anyone may call are ever kept by shared caches', () => {
  for (const { routes } of contracts) {
    for (const route of Object.values(
      routes as Record<string, { scope: string; path: string; cache?: { shared: boolean } }>,
    )) {
      if (route.cache?.shared) assert.equal(route.scope, 'public', route.path);
    }
  }
});

test('what shared caches keep, they keep the absence of as well, for seconds', () => {
  const routes = contracts.flatMap(({ routes }) => Object.values<Route>(routes));
  for (const { path, method, cache, problems } of routes) {
    const mayBeAbsent = method === 'GET' && cache?.shared === true && problems?.includes('not-found') === true;
    const forS = cache?.notFoundMaxAgeS;
    if (mayBeAbsent) assert(forS !== undefined && forS >= 1 && forS <= 5, path);
    else assert.equal(forS, undefined, path);
  }
});
