import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import test from 'node:test';
import { until } from '../../platform/testing/until.ts';
import { ask, speak, startProxied } from './testing.ts';

test('a flood of headers, and of requests that do not wait for their answers, is refused', async () => {
  await using edge = await startProxied((_, response) => void response.end('lamp'), {
    connectionLimits: { headerCountMax: 20, pipelinedMax: 3 },
  });
  const many = Array.from({ length: 30 }, (_, at) => `x-${at}: 1\r\n`).join('');
  assert.match(await speak(edge.port, `GET /a HTTP/1.1\r\nHost: shop\r\n${many}\r\n`), /^HTTP\/1\.1 431 /);
  assert.deepEqual(edge.asked, []);
  const answers = await speak(edge.port, 'GET /b HTTP/1.1\r\nHost: shop\r\n\r\n'.repeat(9));
  assert.deepEqual(answers.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 429']);
});

test('who sends his headers slowly, or what is no request, is told so and cut off', async () => {
  await using edge = await startProxied((_, response) => void response.end('lamp'), { headersTimeoutMs: 100 });
  const problemOf = async (sent: string) => {
    const [head = '', body = ''] = (await speak(edge.port, sent)).split('\r\n\r\n');
    assert.match(head, /^content-type: application\/problem\+json\b/im);
    const { type, status } = JSON.parse(body) as { type: string; status: number };
    assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `));
    return [type, status];
  };
  assert.deepEqual(await problemOf('GET /a HTTP/1.1\r\nHost: sh'), ['about:blank', 408]);
  assert.deepEqual(await problemOf('lamp\r\n\r\n'), ['about:blank', 400]);
  assert.deepEqual(await problemOf(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\n\r\n`), ['about:blank', 431]);
  assert.deepEqual(await problemOf('GET /a HTTP/1.1\r\nHost: shop\r\nExpect: tea\r\n\r\n'), ['about:blank', 417]);
  for (const host of ['', 'Host: a b\r\n', 'Host: a\r\nHost: b\r\n']) {
    assert.equal((await problemOf(`GET /a HTTP/1.1\r\n${host}Expect: tea\r\n\r\n`))[1], 400, host);
  }
  assert.deepEqual(edge.asked, []);
});

test('one client has so many connections, a proxy that is trusted as many as it needs', async () => {
  for (const [trustedProxies, openCount] of [
    [[], 2],
    [['loopback'], 4],
  ] satisfies [string[], number][]) {
    const held: (() => void)[] = [];
    await using edge = await startProxied((_, response) => void held.push(() => response.end('lamp')), {
      connectionLimits: { connectionsPerClientMax: 2 },
      trustedProxies,
    });
    const asked = Array.from({ length: 4 }, (_, at) =>
      ask(edge.port, `/${at}`).then(
        ({ status }) => status,
        () => 'cut',
      ),
    );
    await until(() => held.length === openCount);
    for (const answer of held) answer();
    const statuses = await Promise.all(asked);
    assert.equal(statuses.filter((status) => status === 200).length, openCount);
  }
});

test('who does not read what he asked for is cut off, who has it sent slowly by the origin is not', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const chunk = Buffer.alloc(1024 * 1024);
  await using edge = await startProxied(
    (request, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=60' });
      if (request.url === '/slow') response.write('la');
      else for (let count = 0; count < 16; count++) response.write(chunk);
    },
    { connectionLimits: { slowGraceMs: 0 } },
  );
  const open = (path: string) => {
    const socket = connect(edge.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`);
    return socket;
  };
  const sweep = () => t.mock.timers.tick(2_000);
  const reader = open('/slow').resume();
  const sleeper = open('/large');
  await until(() => reader.bytesRead > 0 && edge.asked.length === 2);
  // Of a socket that nobody reads from its end is not seen: the reset shows in a write.
  const isCut = (socket: Socket) => socket.destroyed || !socket.write('\r\n');
  await until(() => {
    sweep();
    return isCut(sleeper);
  });
  assert.equal(reader.destroyed, false);
  reader.destroy();
});
