import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRouteTable, rankOf, treatmentOf } from './routes.ts';

const table = createRouteTable([
  { method: 'GET', path: '/', treatment: 'standard' },
  { method: 'GET', path: '/zh', treatment: 'standard' },
  { method: 'GET', path: '/v1/orders/:orderId', treatment: 'begun' },
  { method: 'POST', path: '/v1/orders', treatment: 'begun' },
  { method: 'GET', path: '/v1/orders/:orderId/events', treatment: 'free' },
  { method: 'GET', path: '/browse', treatment: 'deferrable' },
  { method: 'GET', path: '/browse/*', treatment: 'deferrable' },
  { method: 'GET', path: '/things/special', treatment: 'core' },
  { method: 'GET', path: '/things/:slug', treatment: 'standard' },
]);

const cases = [
  ['GET', '/', 'standard'],
  ['GET', '/?utm=x', 'standard'],
  ['GET', '/zh', 'standard'],
  ['GET', '/v1/orders/abc?key=1/2', 'begun'],
  ['HEAD', '/v1/orders/abc', 'begun'],
  ['POST', '/v1/orders', 'begun'],
  ['GET', '/v1/orders', undefined],
  ['GET', '/v1/orders/', undefined],
  ['GET', '/v1/orders/abc/events', 'free'],
  ['GET', '/v1/orders/abc/other', undefined],
  ['GET', '/browse/bags/large?x=1', 'deferrable'],
  ['GET', '/browse', 'deferrable'],
  ['GET', '/things/special', 'core'],
  ['GET', '/things/special/', 'core'],
  ['GET', '/things/lamp', 'standard'],
  ['GET', '/things//lamp', undefined],
  ['DELETE', '/things/lamp', undefined],
  ['GET', '', undefined],
  ['OPTIONS', '*', undefined],
] as const;

for (const [method, url, treatment] of cases) {
  test(`${method} ${url} is ${treatment ?? 'no route'}`, () => assert.equal(table(method, url), treatment));
}

test('what a contract says of a route decides how it is treated', () => {
  const route = { scope: 'public', importance: 'core' } as const;
  assert.equal(treatmentOf(route), 'core');
  assert.equal(treatmentOf({ ...route, isContinuation: true }), 'begun');
  assert.equal(treatmentOf({ ...route, isStream: true }), 'free');
  assert.equal(treatmentOf({ ...route, scope: 'admin' }), 'admin');
  assert.equal(
    rankOf({ importance: 'standard', isContinuation: true }),
    'standard',
    'only core work is kept up at any price',
  );
});
