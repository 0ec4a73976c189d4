import assert from 'node:assert/strict';
import test from 'node:test';
import { createAtOnce } from './at-once.ts';
import type { PageRoute } from './page-request.ts';
import type { PageHost } from './write-reply.ts';

const host = { recorderOf: () => ({}) } as unknown as PageHost;
const routeAt = (path: string): PageRoute => ({
  method: 'GET',
  path,
  importance: 'core',
  handle: async () => assert.fail('not by the route'),
  atOnce: () => undefined,
});

test('a route that could never be answered at once is a mistake, not a slow route', () => {
  for (const path of ['/rooms', '/:roomId/news', '/sales/:saleId/rooms/:roomId']) {
    assert.throws(() => createAtOnce([routeAt(path)], host), /does not end in its one parameter/, path);
  }
  createAtOnce([routeAt('/rooms/:roomId')], host);
});
