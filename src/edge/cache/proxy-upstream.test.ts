import assert from 'node:assert/strict';
import { createServer as createTcpServer } from 'node:net';
import test from 'node:test';
import { createCacheProxy } from './proxy.ts';
import { ask, listening, testClock } from './testing.ts';

/** An origin that does with the n-th request of all, on the connection's k-th, what it is told. */
async function startFickleOrigin(
  closes: (request: { readonly ofAll: number; readonly ofConnection: number }) => boolean,
) {
  const asked: string[] = [];
  const server = createTcpServer((socket) => {
    let ofConnection = 0;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      ofConnection += 1;
      asked.push(String(chunk).split(' ', 1)[0] ?? '');
      if (closes({ ofAll: asked.length, ofConnection })) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const proxy = createCacheProxy({
    clock: testClock(),
    upstream: new URL(`http://127.0.0.1:${port}/`),
    bytesMax: 1024 * 1024,
    limits: { connectionsMax: 1 },
  });
  return {
    port: await listening(proxy.server),
    asked,
    async [Symbol.asyncDispose]() {
      await proxy.close(0);
      server.close();
    },
  };
}

test('where a kept connection is found closed, an idempotent request is sent once more, on a new one', async () => {
  await using edge = await startFickleOrigin(({ ofConnection }) => ofConnection > 1);
  for (const method of ['GET', 'GET', 'HEAD', 'PUT', 'DELETE']) {
    const { status } = await ask(edge.port, '/', {
      method,
      ...(method === 'PUT' && { headers: { 'content-length': '0' } }),
    });
    assert.equal(status, 200, method);
  }
  // The first is the only one that finds no connection, or a new one after that was closed.
  assert.ok(edge.asked.length > 5 && edge.asked.length < 10, edge.asked.join());
});

test('what is not idempotent, has a body, or met a new connection is sent once; and nothing more than twice', async () => {
  {
    await using edge = await startFickleOrigin(({ ofConnection }) => ofConnection > 1);
    await ask(edge.port, '/');
    assert.equal((await ask(edge.port, '/', { method: 'POST' })).status, 502);
    await ask(edge.port, '/');
    assert.equal((await ask(edge.port, '/', { method: 'PUT', body: 'lamp' })).status, 502);
    assert.deepEqual(edge.asked, ['GET', 'POST', 'GET', 'PUT']);
  }
  {
    await using edge = await startFickleOrigin(() => true);
    assert.equal((await ask(edge.port, '/')).status, 502);
    assert.deepEqual(edge.asked, ['GET']);
  }
  {
    await using edge = await startFickleOrigin(({ ofAll }) => ofAll > 1);
    await ask(edge.port, '/');
    assert.equal((await ask(edge.port, '/')).status, 502);
    assert.deepEqual(edge.asked, ['GET', 'GET', 'GET']);
  }
});
