import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPathTable } from './path-table.ts';

const entry = (line: string) => {
  const [method = '', path = ''] = line.split(' ');
  return { method, path, value: line };
};
const table = createPathTable(
  [
    'GET /',
    'GET /v1/orders/:orderId',
    'POST /v1/orders',
    'GET /v1/orders/:orderId/events',
    'GET /v1/orders/latest',
    'GET /browse',
    'GET /browse/*',
    'GET /:page',
  ].map(entry),
);

test('a path is found as the router finds it', () => {
  const cases: [method: string, url: string, found: string | undefined][] = [
    ['GET', '/', 'GET /'],
    ['GET', '/?a=/b', 'GET /'],
    ['HEAD', '/v1/orders/5', 'GET /v1/orders/:orderId'],
    ['GET', '/v1/orders/5/', 'GET /v1/orders/:orderId'],
    ['GET', '/v1/orders/latest', 'GET /v1/orders/latest'],
    ['GET', '/v1/orders/latest/events', 'GET /v1/orders/:orderId/events'],
    ['POST', '/v1/orders?x=1', 'POST /v1/orders'],
    ['POST', '/v1/%6f%72ders', 'POST /v1/orders'],
    ['GET', '/v1/orders/%6catest?x=%', 'GET /v1/orders/latest'],
    ['GET', '/v1/orders%2flatest', undefined],
    ['GET', '/v1/orders/%ff', 'GET /v1/orders/:orderId'],
    ['PUT', '/v1/orders', undefined],
    ['GET', '/v1/orders', undefined],
    ['GET', '/v1/orders/5/other', undefined],
    ['GET', '/browse', 'GET /browse'],
    ['GET', '/browse/a/b/c', 'GET /browse/*'],
    ['GET', '/about', 'GET /:page'],
    ['GET', '*', undefined],
    ['GET', '', undefined],
    ['GET', `/${'a/'.repeat(8000)}`, undefined],
    ['GET', `/browse/${'a/'.repeat(8000)}`, 'GET /browse/*'],
  ];
  for (const [method, url, found] of cases)
    assert.equal(table.find(method, url), found, `${method} ${url.slice(0, 60)}`);
});
