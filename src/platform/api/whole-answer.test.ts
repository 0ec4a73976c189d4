import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { speak } from './testing.ts';
import { keepAliveLines, sendWhole, takesWhole } from './whole-answer.ts';

const big = Buffer.alloc(3_000_000, 'b');

/** Answers from bytes what can be, and says `slow` to the rest. */
async function startServer() {
  const finished: { statusCode: number; isFinished: boolean }[] = [];
  const server = createServer({ keepAliveTimeout: 7_000 }, (request, response) => {
    response.once('finish', () =>
      finished.push({ statusCode: response.statusCode, isFinished: response.writableFinished }),
    );
    if (request.url === '/late') setTimeout(() => response.end('late'), 50);
    else if (takesWhole(response)) answer(response, request.url ?? '');
    else response.end('slow');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    finished,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, url: string): void {
  const body = url === '/big' ? big : Buffer.from(`whole ${url}`);
  const head = Buffer.from(
    `HTTP/1.1 201 Created\r\ncontent-length: ${body.length}\r\n${keepAliveLines(response.socket)}\r\n`,
    'latin1',
  );
  if (url === '/big') sendWhole(response, 201, head, body);
  else sendWhole(response, 201, Buffer.concat([head, body]));
}

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

test('an answer from bytes is one as any other: the connection stays open, and who listens sees it finish', async () => {
  await using server = await startServer();
  const { text } = await speak(server.port, get('/a'), (said) => said.endsWith('whole /a'));
  assert.match(
    text,
    /^HTTP\/1\.1 201 Created\r\ncontent-length: 8\r\nconnection: keep-alive\r\nkeep-alive: timeout=7\r\n\r\n/,
  );
  assert.deepEqual(server.finished, [{ statusCode: 201, isFinished: true }]);
});

test('what is asked at once is answered in turn, and what has to wait for its turn is left to Node', async () => {
  await using server = await startServer();
  const together = await speak(server.port, get('/a') + get('/b') + get('/c', 'Connection: close\r\n'));
  assert.deepEqual(together.text.match(/whole \/a|slow/g), ['whole /a', 'slow', 'slow']);
  assert.ok(together.isEnded);
  const behind = await speak(server.port, get('/late') + get('/b', 'Connection: close\r\n'));
  assert.ok(behind.text.indexOf('late') < behind.text.indexOf('slow'), behind.text);
  assert.ok(behind.isEnded);
});

test('a body that the client takes slowly arrives whole, and the next answer after it', async () => {
  await using server = await startServer();
  const { text } = await speak(server.port, get('/big') + get('/a', 'Connection: close\r\n'));
  assert.equal(text.split('b').length - 1, big.length);
  assert.ok(text.endsWith('slow'));
});

test('a connection that ends, another version and a HEAD are left to Node', async () => {
  await using server = await startServer();
  for (const request of [get('/a', 'Connection: close\r\n'), 'GET /a HTTP/1.0\r\n\r\n']) {
    const { text, isEnded } = await speak(server.port, request);
    assert.match(text, /200 OK[\s\S]*slow$/);
    assert.ok(isEnded);
  }
  const head = await speak(server.port, 'HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(head.text, /200 OK[\s\S]*\r\n\r\n$/);
});
