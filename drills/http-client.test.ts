import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { createHttpConnection, createHttpPool, HttpFault, targetOf } from './http-client.ts';

async function serve(t: TestContext, listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, target: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } };
}

const echo: RequestListener = async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  response.setHeader('x-path', request.url ?? '');
  response.setHeader('x-key', request.headers['idempotency-key'] ?? '');
  // Without a length Node sends chunks.
  if (request.url?.includes('chunked')) response.write(Buffer.concat(chunks));
  response.end(request.url?.includes('chunked') ? undefined : Buffer.concat(chunks));
};

test('many requests at once each get their own answer, over no more connections than allowed', async (t) => {
  const { server, target } = await serve(t, echo);
  let connectionCount = 0;
  server.on('connection', () => {
    connectionCount += 1;
  });
  const pool = createHttpPool({ ...target, connectionsMax: 7 });
  t.after(() => pool.close());
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, index) =>
      pool.request({
        method: 'POST',
        path: `/${index % 2 ? 'chunked' : 'counted'}/${index}`,
        headers: { 'idempotency-key': `key ${index}` },
        body: JSON.stringify({ index, word: '日本' }),
      }),
    ),
  );
  answers.forEach((answer, index) => {
    assert.equal(answer.status, 200);
    assert.deepEqual(JSON.parse(answer.body), { index, word: '日本' });
    assert.equal(answer.headers['x-key'], `key ${index}`);
  });
  assert(connectionCount <= 7, `${connectionCount} connections`);
});

test('over a real socket, answers cut at any place are read the same', async (t) => {
  const pieces: Buffer[] = [];
  const server = createTcpServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', async () => {
      for (const piece of pieces.splice(0)) await new Promise((resolve) => socket.write(piece, resolve));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connection = createHttpConnection({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  t.after(() => {
    connection.close();
    server.close();
  });
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.array(fc.integer({ min: 1, max: 50 })),
      async (body, cuts) => {
        let rest: Buffer = Buffer.concat([
          Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`),
          Buffer.from(body),
        ]);
        for (const length of cuts) {
          pieces.push(rest.subarray(0, length));
          rest = rest.subarray(length);
        }
        pieces.push(rest);
        const wanted = pieces.filter((piece) => piece.length > 0);
        pieces.splice(0, pieces.length, ...wanted);
        assert.equal((await connection.request({ method: 'GET', path: '/' })).body, body);
      },
    ),
    { numRuns: 30 },
  );
});

test('an answer that does not come in time is a fault, and the next request has a connection of its own', async (t) => {
  const { target } = await serve(t, (request, response) => {
    if (request.url === '/slow') return;
    response.end('quick');
  });
  const connection = createHttpConnection(target);
  t.after(() => connection.close());
  await assert.rejects(
    connection.request({ method: 'GET', path: '/slow', timeoutMs: 30 }),
    (error) => error instanceof HttpFault && error.kind === 'timeout',
  );
  // Were the first connection used again, a late answer to the first request could be taken for one to the second.
  assert.equal((await connection.request({ method: 'GET', path: '/' })).body, 'quick');
});

test('a connection that is lost half-way, or was closed while idle, is told as lost; the next request connects anew', async (t) => {
  const sockets = new Set<Socket>();
  const { target } = await serve(t, (request, response) => {
    sockets.add(request.socket);
    if (request.url === '/half') {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half', () => request.socket.destroy());
    } else response.end('whole');
  });
  const connection = createHttpConnection(target);
  t.after(() => connection.close());
  await assert.rejects(
    connection.request({ method: 'GET', path: '/half' }),
    (error) => error instanceof HttpFault && error.kind === 'lost',
  );
  assert.equal((await connection.request({ method: 'GET', path: '/' })).body, 'whole');
  for (const socket of sockets) socket.destroy();
  // The news of the close may or may not have come before the next request is sent.
  const next = await connection.request({ method: 'GET', path: '/' }).catch((error: HttpFault) => error);
  if (next instanceof HttpFault) {
    assert.equal(next.kind, 'lost');
    assert.equal((await connection.request({ method: 'GET', path: '/' })).body, 'whole');
  } else assert.equal(next.body, 'whole');
});

test('where nobody listens, the fault says that nothing was sent', async (t) => {
  const { server, target } = await serve(t, echo);
  await new Promise((resolve) => server.close(resolve));
  const pool = createHttpPool({ ...target, connectionsMax: 2 });
  await assert.rejects(
    pool.request({ method: 'GET', path: '/' }),
    (error) => error instanceof HttpFault && error.kind === 'unreachable',
  );
  pool.close();
  await assert.rejects(
    pool.request({ method: 'GET', path: '/' }),
    (error) => error instanceof HttpFault && error.kind === 'closed',
  );
});

test('`connection: close` is heeded', async (t) => {
  const { target } = await serve(t, (_, response) => {
    response.setHeader('connection', 'close');
    response.end('last');
  });
  const connection = createHttpConnection(target);
  t.after(() => connection.close());
  for (let turn = 0; turn < 3; turn += 1) {
    assert.equal((await connection.request({ method: 'GET', path: '/' })).body, 'last');
  }
});

test('nothing that a caller passes can become a second request', async () => {
  const connection = createHttpConnection({ host: '127.0.0.1', port: 9 });
  assert.throws(() => connection.request({ method: 'GET', path: '/ HTTP/1.1\r\n\r\nGET /' }), /a path is ASCII/);
  assert.throws(
    () => connection.request({ method: 'GET', path: '/', headers: { a: 'b\r\nc: d' } }),
    /a header is one line/,
  );
});

test('a URL tells host, port and whether it is secure', () => {
  assert.deepEqual(targetOf('http://127.0.0.1:7070'), { host: '127.0.0.1', port: 7070, isSecure: false });
  assert.deepEqual(targetOf('https://shop.example/'), { host: 'shop.example', port: 443, isSecure: true });
  assert.deepEqual(targetOf('http://[::1]:80'), { host: '::1', port: 80, isSecure: false });
});
