import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import test from 'node:test';
import { type Answer, createConnections } from './connections.ts';

/** A server that writes these pieces, each in a packet of its own, for each request. */
async function serving(pieces: (request: string, socket: Socket) => readonly string[]) {
  let connectionCount = 0;
  const server = createServer((socket) => {
    connectionCount += 1;
    socket.setNoDelay(true);
    socket.on('data', async (chunk) => {
      for (const piece of pieces(chunk.toString(), socket)) {
        socket.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const connections = createConnections({ host: '127.0.0.1', port }, 4);
  return {
    connections,
    get connectionCount() {
      return connectionCount;
    },
    ask: (request: string, keepsBody = true) =>
      new Promise<Answer | string>((resolve) => {
        connections.send(request, { keepsBody, answered: resolve, failed: resolve });
      }),
    close() {
      connections.close();
      server.close();
    },
  };
}

const whole = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nhello';

test('an answer is read from whatever pieces it comes in, and its connection is used again', async () => {
  for (let cut = 1; cut < whole.length; cut += 1) {
    const shop = await serving(() => [whole.slice(0, cut), whole.slice(cut)]);
    for (let time = 0; time < 2; time += 1) {
      const answer = (await shop.ask('a')) as Answer;
      assert.deepEqual(
        [answer.status, answer.retryAfterS, answer.body?.toString()],
        [503, 7, 'hello'],
        `cut at ${cut}`,
      );
    }
    assert.equal(shop.connectionCount, 1);
    shop.close();
  }
});

test('requests that meet in time have a connection each, up to as many as there may be', async () => {
  const waiting: Socket[] = [];
  const shop = await serving((_, socket) => {
    waiting.push(socket);
    return [];
  });
  const answers = Array.from({ length: 5 }, () => shop.ask('a', false));
  assert.equal(await answers[4], 'no connection');
  while (waiting.length < 4) await new Promise((resolve) => setImmediate(resolve));
  for (const socket of waiting) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
  for (const answer of answers.slice(0, 4)) assert.equal(((await answer) as Answer).status, 204);
  shop.close();
});

test('an answer that does not come, or has no length, is told once', async () => {
  const cut = await serving((_, socket) => {
    socket.destroy();
    return [];
  });
  assert.equal(await cut.ask('a'), 'lost');
  cut.close();
  const endless = await serving(() => ['HTTP/1.1 200 OK\r\n\r\nhello']);
  assert.equal(await endless.ask('a'), 'malformed');
  endless.close();
});

test('who gives up hears no more of it', async () => {
  let heard = 0;
  const shop = await serving(() => []);
  const exchange = { keepsBody: false, answered: () => heard++, failed: () => heard++ };
  shop.connections.send('a', exchange)();
  while (shop.connections.openCount > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(heard, 0);
  shop.close();
});
