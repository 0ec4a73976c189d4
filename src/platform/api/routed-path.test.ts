import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import fastify from 'fastify';
import { createRouteTable } from '../overload/routes.ts';
import { createPathTable } from './path-table.ts';

// As they go over the wire: an ordinary client would tidy them up.
const targets = [
  '/v1/search?q=1',
  '/v1/%73earch?q=1',
  '/%761/search',
  '/v1/search#x?q=1',
  'http://x/v1/search?q=1',
  'HTTP://x:1/v1/search',
  '/v1/orders/5#/events',
  '/v1/orders/a%2fb',
  '/v1/orders/%e4%b8%ad',
  '/v1/orders/%zz',
  '/v1/orders/5%3Fa/events',
  '/v1/orders/5/%65vents',
  '/v1%2fsearch',
  '/v1//search',
];
const patterns = ['/v1/search', '/v1/orders/:orderId', '/v1/orders/:orderId/events'];

test('however a path is written, it is the same route before the router as in it', async () => {
  const app = fastify();
  for (const path of patterns) app.get(path, async () => path);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const prices = createPathTable(patterns.map((path) => ({ method: 'GET', path, value: path })));
  const treatments = createRouteTable(
    patterns.map((path) => ({ method: 'GET', path, treatment: path.endsWith('events') ? 'free' : 'core' })),
  );
  try {
    for (const target of targets) {
      const socket = connect(port, '127.0.0.1');
      socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      let text = '';
      for await (const chunk of socket) text += chunk;
      const body = text.split('\r\n\r\n')[1] ?? '';
      if (!patterns.includes(body)) continue;
      assert.equal(prices.find('GET', target), body, target);
      assert.equal(treatments('GET', target), body.endsWith('events') ? 'free' : 'core', target);
    }
  } finally {
    await app.close();
  }
});
