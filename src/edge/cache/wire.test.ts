import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import test from 'node:test';
import { createWireLane } from '../../platform/api/wire-lane.ts';
import { ask, startGated } from './testing.ts';

type Options = Parameters<typeof startGated>[1];

/** A shop behind the cache, whose connections begin on the wire as the shop's do. */
async function startWired(answer: Parameters<typeof startGated>[0], options: Options = {}) {
  const shop = await startGated(answer, options);
  let admitted = 0;
  let share: string | undefined = 'ratelimit: "test"\r\n';
  const lane = createWireLane(shop.server, {
    answer: (request) =>
      shop.cache.gate.onWire?.(request, () => {
        admitted += 1;
        return share;
      }),
    firstBytesTimeoutMs: 5_000,
    idleTimeoutMs: 5_000,
    headBytesMax: 16_384,
  });
  return {
    ...shop,
    admitted: () => admitted,
    admitNobody: () => {
      share = undefined;
    },
    async [Symbol.asyncDispose]() {
      lane.stop();
      await shop[Symbol.asyncDispose]();
    },
  };
}

const lamp = (_: unknown, response: ServerResponse) =>
  response
    .writeHead(200, {
      'cache-control': 'max-age=10, stale-if-error=60',
      'content-type': 'text/plain',
      'content-length': 4,
      etag: '"1"',
    })
    .end('lamp');
const head = (port: number, start: string, more = '') => `${start} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${more}\r\n`;

/** One connection; `said` asks on it, and tells all that comes until it ends so. */
function connected(port: number) {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  const said = (bytes: string, end: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let text = '';
      const onData = (chunk: string) => {
        text += chunk;
        if (!text.endsWith(end)) return;
        socket.off('data', onData);
        resolve(text);
      };
      socket
        .on('data', onData)
        .once('error', reject)
        .once('end', () => reject(new Error(text)));
      socket.write(bytes);
    });
  return { said, [Symbol.dispose]: () => socket.destroy() };
}

test('what is kept is answered from the wire as through Node, with what the client has left', async () => {
  await using shop = await startWired(lamp);
  await ask(shop.port, '/a');
  shop.clock.forwardS(3);
  const byNode = await ask(shop.port, '/a');
  using connection = connected(shop.port);
  const { said } = connection;
  const onWire = await said(head(shop.port, 'GET /a'), 'lamp');
  assert.equal(shop.admitted(), 1);
  assert.equal(shop.asked.length, 1);
  const lines = onWire.split('\r\n').slice(1, -2).sort();
  const told = Object.entries(byNode.headers).filter(([name]) => name !== 'connection');
  for (const [name, value] of told) assert(lines.includes(`${name}: ${value}`), `${name}: ${value} in ${onWire}`);
  assert(lines.includes('ratelimit: "test"') && lines.includes('connection: keep-alive'), onWire);
  assert.equal(lines.length, told.length + 3, 'and keep-alive');
  assert.equal(shop.cache.stats().hitCount, 2);
});

test('conditions, tokens, pages for people and what is not kept go through Node, on the same connection', async () => {
  await using shop = await startWired(lamp);
  await ask(shop.port, '/a');
  using connection = connected(shop.port);
  const { said } = connection;
  assert.match(await said(head(shop.port, 'GET /a', 'If-None-Match: "1"\r\n'), '\r\n\r\n'), /^HTTP\/1\.1 304 /);
  assert.match(await said(head(shop.port, 'GET /a', 'Authorization: Bearer x\r\n'), 'lamp'), /fwd=bypass/);
  assert.match(await said(head(shop.port, 'GET /b'), 'lamp'), /fwd=uri-miss; stored/);
  assert.match(await said(head(shop.port, 'GET /a', 'Accept: text/html\r\n'), 'lamp'), /hit/);
  assert.equal(shop.admitted(), 0);
  assert.match(await said(head(shop.port, 'GET /b'), 'lamp'), /hit/);
  assert.equal(shop.admitted(), 1);
});

test('while the shop is too busy, refusals and what may stand in come from the wire, and cost what they cost through the gates', async () => {
  let isBusy = false;
  const bytes = (lines: string) => `HTTP/1.1 503 Busy\r\n${lines}content-length: 4\r\n\r\nbusy`;
  await using shop = await startWired(lamp, {
    screen: () =>
      isBusy
        ? { toResponse: (response) => void response.writeHead(503, { 'content-length': 4 }).end('late'), onWire: bytes }
        : undefined,
  });
  await ask(shop.port, '/a');
  isBusy = true;
  shop.clock.forwardS(20);
  using connection = connected(shop.port);
  const { said } = connection;
  const body = '{"quantity":1}';
  const post = head(shop.port, 'POST /v1/quotes', `Content-Length: ${body.length}\r\n`) + body;
  assert.match(
    await said(post, 'busy'),
    /^HTTP\/1\.1 503 [\s\S]*ratelimit: "test"\r\ncache-status: Onrush; fwd=method\r\n/,
  );
  assert.match(await said(head(shop.port, 'GET /b'), 'busy'), /cache-status: Onrush; fwd=uri-miss\r\n/);
  const stream = head(shop.port, 'GET /b', 'Accept: text/event-stream\r\n');
  assert.match(await said(stream, 'busy'), /cache-status: Onrush; fwd=bypass\r\n/);
  assert.match(await said(head(shop.port, 'GET /a'), 'lamp'), /fwd=stale; fwd-status=503; detail=stale-if-error/);
  assert.equal(shop.admitted(), 4);
  assert.equal(shop.asked.length, 1, 'the shop was asked for none of them');
  shop.admitNobody();
  assert.match(await said(head(shop.port, 'GET /b'), 'late'), /^HTTP\/1\.1 503 /);
  assert.match(await said(head(shop.port, 'GET /a'), 'lamp'), /stale-if-error/);
  isBusy = false;
  assert.match(await said(head(shop.port, 'GET /b'), 'lamp'), /fwd=uri-miss; stored/);
});

test('what is too large for the wire stands in by the gate, and is screened there alone', async () => {
  let screenedCount = 0;
  let isBusy = false;
  const large = 'l'.repeat(20_000);
  await using shop = await startWired(
    (_request, response) =>
      response.writeHead(200, { 'cache-control': 'max-age=1, stale-if-error=60', 'content-length': 20_000 }).end(large),
    {
      screen() {
        screenedCount += 1;
        return isBusy ? { toResponse: (response) => void response.writeHead(503).end(), onWire: () => '' } : undefined;
      },
    },
  );
  await ask(shop.port, '/a');
  shop.clock.forwardS(20);
  isBusy = true;
  using connection = connected(shop.port);
  const { said } = connection;
  screenedCount = 0;
  assert.match(await said(head(shop.port, 'GET /a'), large), /stale-if-error/);
  assert.equal(screenedCount, 1);
  assert.equal(shop.admitted(), 0);
});

test('on the wire too nothing stands in that must not be stale, that was purged, or that another host was asked for', async () => {
  let isBusy = false;
  const refusal = 'HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy';
  await using shop = await startWired(
    (request, response) =>
      response
        .writeHead(200, {
          'cache-control': `${request.url?.slice(1)}, stale-if-error=60`,
          'cache-tag': 'lamp',
          'content-length': 4,
        })
        .end('lamp'),
    {
      screen: () =>
        isBusy ? { toResponse: (response) => void response.writeHead(503).end(), onWire: () => refusal } : undefined,
    },
  );
  for (const path of ['/max-age=1,must-revalidate', '/max-age=1,no-cache', '/max-age=1,proxy-revalidate', '/max-age=1'])
    await ask(shop.port, path);
  shop.clock.forwardS(20);
  isBusy = true;
  using connection = connected(shop.port);
  const { said } = connection;
  for (const path of ['/max-age=1,must-revalidate', '/max-age=1,no-cache', '/max-age=1,proxy-revalidate'])
    assert.match(await said(head(shop.port, `GET ${path}`), 'busy'), /^HTTP\/1\.1 503 /, path);
  assert.match(await said(head(shop.port, 'GET /max-age=1'), 'lamp'), /stale-if-error/);
  assert.match(await said('GET /max-age=1 HTTP/1.1\r\nHost: other\r\n\r\n', 'busy'), /^HTTP\/1\.1 503 /);
  shop.cache.purge({ tags: ['lamp'] });
  assert.match(await said(head(shop.port, 'GET /max-age=1'), 'busy'), /^HTTP\/1\.1 503 /);
});
