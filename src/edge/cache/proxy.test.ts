import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, request } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import test from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { until } from '../../platform/testing/until.ts';
import { createCacheProxy } from './proxy.ts';
import { type Asked, ask, listening, speak, startGated, startOrigin, startProxied, testClock } from './testing.ts';

test('an error of the origin is kept for as long as it says, and one that says nothing is not', async () => {
  let isThere = false;
  const absences: Record<string, { status: number; headers: Record<string, string> }> = {
    '/gone': { status: 410, headers: { 'cache-control': 'max-age=60' } },
    '/for-shared-caches': { status: 404, headers: { 'cache-control': 'max-age=0, s-maxage=60' } },
    '/for-cdns': { status: 404, headers: { 'cache-control': 'no-store', 'cdn-cache-control': 'max-age=60' } },
    '/silent': { status: 404, headers: {} },
    '/for-nobody': { status: 404, headers: { 'cache-control': 'no-store' } },
    '/broken': { status: 503, headers: {} },
  };
  await using edge = await startProxied(({ url = '' }, response) => {
    const { status, headers } = absences[url] ?? { status: 500, headers: {} };
    response.writeHead(isThere ? 200 : status, headers).end(isThere ? 'made' : 'nothing');
  });
  const statusOf = async (path: string) => String((await ask(edge.port, path)).headers['cache-status']);
  const kept = ['/gone', '/for-shared-caches', '/for-cdns'];
  for (const path of Object.keys(absences)) {
    const [first, second] = [await ask(edge.port, path), await ask(edge.port, path)];
    assert.deepEqual([second.status, second.body], [first.status, first.body], path);
    assert.match(
      second.headers['cache-status'] as string,
      kept.includes(path) ? /; hit; ttl=\d+$/ : /; fwd=uri-miss$/,
      path,
    );
  }
  isThere = true;
  for (const path of kept) assert.match(await statusOf(path), /; hit/, path);
  edge.clock.forwardS(61);
  for (const path of kept) assert.equal((await ask(edge.port, path)).body, 'made', path);
});

test('an answer that breaks off, or is shorter than it says, is never kept', async () => {
  for (const broken of [
    'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 10\r\n\r\nhalf',
    'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
    'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n',
    'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\nContent-Length: 9\r\n\r\nhalf',
    'SSH-2.0-OpenSSH_9.6\r\n',
    'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nX: a\x00b\r\nContent-Length: 4\r\n\r\nhalf',
  ]) {
    let count = 0;
    const tcp = createTcpServer((socket) => {
      count += 1;
      socket.on('error', () => {});
      socket.once('data', () => socket.end(broken, 'latin1'));
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const { port: originPort } = tcp.address() as { port: number };
    const upstream = new URL(`http://127.0.0.1:${originPort}/`);
    const proxy = createCacheProxy({ clock: testClock(), upstream, bytesMax: 1e6 });
    const port = await listening(proxy.server);
    for (let round = 0; round < 2; round += 1) {
      const answer = await ask(port, '/').catch(() => 'cut');
      assert.ok(typeof answer === 'string' || answer.status === 502, JSON.stringify(broken));
    }
    assert.equal(proxy.stats().answerCount, 0, JSON.stringify(broken));
    assert.ok(count >= 2);
    await proxy.close(0);
    tcp.close();
  }
});

test('what it says for itself is a problem for programs and a page for people', async () => {
  await using edge = await startProxied((_, response) => void response.destroy());
  const asked = (accept: string) => ask(edge.port, '/', { headers: { accept } });
  const program = await asked('*/*');
  assert.deepEqual([program.status, program.headers['content-type']], [502, 'application/problem+json']);
  const person = await asked('text/html,application/xhtml+xml,*/*;q=0.8');
  assert.deepEqual([person.status, person.headers['content-type']], [502, 'text/html; charset=utf-8']);
  assert.match(person.body.toString(), /<h1>502 Bad Gateway<\/h1><p>The origin cannot be reached/);
  assert.equal(person.headers['cache-control'], 'no-store');
});

test('an origin that does not answer gets a 504, one that is not there a 502, and what is kept stands in for both', async () => {
  let isSilent = false;
  const origin = await startOrigin((request, response) => {
    if (isSilent) return;
    const control = request.url === '/strict' ? 'max-age=1, must-revalidate' : 'max-age=1';
    response.setHeader('cache-control', control).setHeader('etag', '"1"').end('kept');
  });
  const clock = testClock();
  const upstream = new URL(`http://127.0.0.1:${origin.port}/`);
  const proxy = createCacheProxy({ clock, upstream, bytesMax: 1e6, limits: { headersTimeoutMs: 100 } });
  const port = await listening(proxy.server);
  await ask(port, '/');
  await ask(port, '/strict');
  clock.forwardS(5);
  isSilent = true;
  const standIn = await ask(port, '/');
  assert.deepEqual([standIn.status, standIn.body], [200, 'kept']);
  assert.equal(standIn.headers['cache-status'], 'Onrush-Edge; fwd=stale; detail=timeout');
  assert.equal((await ask(port, '/strict')).status, 504);
  assert.equal((await ask(port, '/other')).status, 504);
  await origin[Symbol.asyncDispose]();
  assert.equal((await ask(port, '/other')).status, 502);
  assert.equal((await ask(port, '/')).body, 'kept');
  clock.forwardS(2 * 3600);
  assert.equal((await ask(port, '/')).status, 502);
  await proxy.close(0);
});

test('stale-if-error answers for an origin that fails, as long as it says', async () => {
  let status = 200;
  await using edge = await startProxied((_, response) => {
    response.statusCode = status;
    response.setHeader('cache-control', 'max-age=1, stale-if-error=60').end(String(status));
  });
  await ask(edge.port, '/');
  status = 503;
  edge.clock.forwardS(30);
  const answer = await ask(edge.port, '/');
  assert.deepEqual([answer.status, answer.body], [200, '200']);
  assert.match(answer.headers['cache-status'] as string, /fwd-status=503; detail=stale-if-error/);
  edge.clock.forwardS(60);
  assert.equal((await ask(edge.port, '/')).status, 503);
});

test('parts of what is kept whole, and parts that come in pieces of one version', async () => {
  const whole = Buffer.from(Array.from({ length: 2_000 }, (_, index) => index % 251));
  await using edge = await startProxied((request, response) => {
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    response.setHeader('cache-control', 'max-age=60').setHeader('etag', request.url === '/weak' ? 'W/"1"' : '"1"');
    if (range === null) return void response.end(whole);
    const [first, last] = [Number(range[1]), Number(range[2])];
    response.writeHead(206, { 'content-range': `bytes ${first}-${last}/${whole.length}` });
    response.end(whole.subarray(first, last + 1));
  });
  const part = async (path: string, range: string, headers = {}) => {
    const answer = await ask(edge.port, path, { headers: { range, ...headers } });
    return {
      ...answer,
      of: answer.headers['content-range'],
      hit: /hit/.test(answer.headers['cache-status'] as string),
    };
  };
  await ask(edge.port, '/whole');
  for (const [range, of, first, last] of [
    ['bytes=0-9', 'bytes 0-9/2000', 0, 9],
    ['bytes=1990-', 'bytes 1990-1999/2000', 1990, 1999],
    ['bytes=-10', 'bytes 1990-1999/2000', 1990, 1999],
    ['bytes=1990-5000', 'bytes 1990-1999/2000', 1990, 1999],
  ] as const) {
    const answer = await part('/whole', range);
    assert.deepEqual([answer.status, answer.of, answer.hit], [206, of, true]);
    assert.ok(answer.bytes.equals(whole.subarray(first, last + 1)));
  }
  assert.deepEqual(
    [(await part('/whole', 'bytes=2000-')).status, (await part('/whole', 'bytes=2000-')).of],
    [416, 'bytes */2000'],
  );
  assert.equal((await part('/whole', 'bytes=0-9', { 'if-range': '"2"' })).status, 200);
  assert.equal((await part('/whole', 'bytes=0-9', { 'if-range': '"1"' })).status, 206);
  assert.equal((await part('/whole', 'bytes=0-1,5-6')).status, 200);

  await part('/strong', 'bytes=0-999');
  assert.equal((await part('/strong', 'bytes=10-19')).hit, true);
  await part('/strong', 'bytes=1000-1999');
  const completed = await ask(edge.port, '/strong');
  assert.match(completed.headers['cache-status'] as string, /hit/);
  assert.ok(completed.bytes.equals(whole));
  await part('/weak', 'bytes=0-999');
  await part('/weak', 'bytes=1000-1999');
  assert.match((await ask(edge.port, '/weak')).headers['cache-status'] as string, /fwd=partial/);
});

test('parts are joined to no more than may be kept in one piece', async () => {
  const whole = Buffer.from(Array.from({ length: 4_000 }, (_, index) => index % 251));
  const bodyBytesMax = 1_000;
  await using edge = await startProxied(
    (request, response) => {
      const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      response.writeHead(206, {
        'cache-control': 'max-age=60',
        etag: '"1"',
        'content-range': `bytes ${first}-${last}/${whole.length}`,
      });
      response.end(whole.subarray(Number(first), Number(last) + 1));
    },
    { bodyBytesMax },
  );
  const bytesBefore = edge.proxy.stats().bytes;
  for (let first = 0; first < whole.length; first += 500) {
    const { bytes } = await ask(edge.port, '/', { headers: { range: `bytes=${first}-${first + 499}` } });
    assert.ok(bytes.equals(whole.subarray(first, first + 500)));
    const { answerCount, bytes: keptBytes } = edge.proxy.stats();
    assert.deepEqual([answerCount, keptBytes - bytesBefore < 2 * bodyBytesMax + 1_024], [1, true], `${first}`);
  }
  // The last two are one.
  const joined = await ask(edge.port, '/', { headers: { range: 'bytes=3000-3999' } });
  assert.match(String(joined.headers['cache-status']), /hit/);
  assert.ok(joined.bytes.equals(whole.subarray(3_000)));
});

test('text is offered in other codings once they are made, each with a tag of its own', async () => {
  const page = 'a lamp for every desk. '.repeat(200);
  await using edge = await startProxied((_, response) => {
    response.setHeader('cache-control', 'max-age=60').setHeader('content-type', 'text/html').setHeader('etag', '"1"');
    response.end(page);
  });
  const first = await ask(edge.port, '/', { headers: { 'accept-encoding': 'br, gzip' } });
  assert.deepEqual([first.body, first.headers.vary], [page, 'Accept-Encoding']);
  const get = (accepted: string, headers = {}) =>
    ask(edge.port, '/', { headers: { 'accept-encoding': accepted, ...headers } });
  await until(async () => (await get('gzip')).headers['content-encoding'] === 'gzip');
  const br = await get('gzip;q=0.5, br');
  assert.deepEqual(
    [br.headers['content-encoding'], br.headers.etag, br.headers.vary],
    ['br', '"1.br"', 'Accept-Encoding'],
  );
  assert.equal(brotliDecompressSync(br.bytes).toString(), page);
  assert.equal(gunzipSync((await get('gzip')).bytes).toString(), page);
  assert.equal((await get('br;q=0, gzip;q=0')).body, page);
  assert.equal((await get('identity, br;q=0.5')).body, page);
  assert.equal((await ask(edge.port, '/')).body, page);
  for (const etag of ['"1.br"', 'W/"1.br"', '"1"', '"1.gzip"']) {
    assert.equal((await get('br', { 'if-none-match': etag })).status, 304, etag);
  }
  assert.equal((await get('br', { 'if-none-match': '"2"' })).status, 200);
  assert.equal((await get('br', { range: 'bytes=0-5' })).body, 'a lamp');
  assert.equal(edge.asked.length, 1);
});

test('a body larger than is kept streams at the pace of its reader', async () => {
  const chunk = randomBytes(64 * 1024);
  let written = 0;
  const total = 64 * 1024 * 1024;
  await using edge = await startProxied(
    (_, response) => {
      response.setHeader('cache-control', 'max-age=60');
      const write = () => {
        while (written < total) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    },
    { bodyBytesMax: 1024 * 1024 },
  );
  const response = await new Promise<IncomingMessage>((resolve) => {
    request({ port: edge.port, host: '127.0.0.1', path: '/large', agent: false }, resolve).end();
  });
  // It stands still: neither the cache nor the origin may run ahead by more than what sockets hold.
  let before = -1;
  await until(async () => {
    const isStill = written === before;
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return isStill;
  });
  assert.ok(written < total / 2, `${written} bytes were sent to a reader that reads nothing`);
  let length = 0;
  for await (const part of response) length += part.length;
  assert.equal(length, total);
  assert.equal(edge.proxy.stats().answerCount, 0);
});

test('a request with a body, in either direction, arrives as it was sent', async () => {
  await using edge = await startProxied((request, response) => {
    response.writeHead(201, { trailer: 'x-sum', 'x-method': request.method ?? '' });
    request.pipe(response);
  });
  const body = randomBytes(100_000).toString('hex');
  const answer = await ask(edge.port, '/upload', { method: 'PUT', body });
  assert.deepEqual([answer.status, answer.headers['x-method'], answer.headers.trailer], [201, 'PUT', undefined]);
  assert.equal(answer.body, body);
  assert.equal(answer.headers['cache-status'], 'Onrush-Edge; fwd=method');
});

test('a stream of events begins at once and goes on as it comes', async () => {
  let send: ((text: string) => void) | undefined;
  await using edge = await startProxied((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    send = (text) => response.write(text);
  });
  const seen: string[] = [];
  const client = request({ port: edge.port, host: '127.0.0.1', path: '/events', agent: false }, (response) => {
    seen.push('head');
    response.on('data', (chunk) => seen.push(String(chunk)));
    response.on('error', () => {});
  });
  client.on('error', () => {});
  client.end();
  await until(() => seen.length === 1);
  send?.('data: 1\n\n');
  await until(() => seen.length === 2);
  client.destroy();
  assert.deepEqual(seen, ['head', 'data: 1\n\n']);
});

test('what is said to CDNs alone holds for a cache that is told of changes, and goes by one that is not', async () => {
  for (const isPurged of [true, false]) {
    const told: unknown[] = [];
    await using edge = await startProxied(
      (request, response) => {
        told.push(request.headers['surrogate-capability']);
        response.writeHead(200, { 'cache-control': 'max-age=5', 'cdn-cache-control': 'max-age=3600' });
        response.end('lamp');
      },
      { isPurged },
    );
    await ask(edge.port, '/');
    edge.clock.forwardS(10);
    const { headers } = await ask(edge.port, '/');
    assert.match(String(headers['cache-status']), isPurged ? /hit; ttl=35\d\d/ : /fwd=stale/);
    assert.equal(headers['cdn-cache-control'], 'max-age=3600');
    assert.deepEqual(told, isPurged ? ['onrush="Surrogate/1.0"'] : [undefined, undefined]);
  }
});

test('of two caches in a row each says what it did, that of the shop first', async () => {
  await using shop = await startGated((_, response) => {
    response.setHeader('cache-control', 'max-age=60');
    response.end('lamp');
  });
  const upstream = new URL(`http://127.0.0.1:${shop.port}/`);
  const proxy = createCacheProxy({ clock: shop.clock, upstream, bytesMax: 1e6 });
  const port = await listening(proxy.server);
  const statusOf = async (asked?: Asked) => {
    const { headers } = await ask(port, '/lamp', asked);
    return String(headers['cache-status']).replaceAll(/ttl=(?:59|60)/g, 'ttl=60');
  };
  try {
    assert.equal(await statusOf(), 'Onrush; fwd=uri-miss; stored, Onrush-Edge; fwd=uri-miss; stored');
    // Of the shop's cache it tells what was so when the answer was kept here.
    assert.equal(await statusOf(), 'Onrush; fwd=uri-miss; stored, Onrush-Edge; hit; ttl=60');
    proxy.purge({ everything: true });
    assert.equal(await statusOf(), 'Onrush; hit; ttl=60, Onrush-Edge; fwd=uri-miss; stored');
    for (const headers of [{ connection: 'keep-alive' }, { connection: 'close' }]) {
      assert.equal(await statusOf({ headers }), 'Onrush; hit; ttl=60, Onrush-Edge; hit; ttl=60');
    }
    assert.equal(await statusOf({ method: 'POST' }), 'Onrush; fwd=method, Onrush-Edge; fwd=method');
  } finally {
    await proxy.close(0);
  }
});

test('what a cache answers by itself it does not sign; that it asked in vain it says', async () => {
  await using edge = await startProxied((_, response) => void response.destroy());
  const answers = [
    await ask(edge.port, '/', { method: 'TRACE' }),
    await ask(edge.port, '/', { headers: { 'cache-control': 'only-if-cached' } }),
    await ask(edge.port, '/'),
  ];
  assert.deepEqual(
    answers.map(({ status, headers }) => [status, headers['cache-status']]),
    [
      [405, undefined],
      [504, undefined],
      [502, 'Onrush-Edge; fwd=uri-miss; detail=unreachable'],
    ],
  );
});

test('an OPTIONS that goes no further is answered here, and one that may be passed on counts that', async () => {
  await using edge = await startProxied((request, response) => {
    response.writeHead(204, { 'x-left': request.headers['max-forwards'] ?? 'none' }).end();
  });
  const options = async (target: string, maxForwards?: string) => {
    const left = maxForwards === undefined ? '' : `Max-Forwards: ${maxForwards}\r\n`;
    const text = await speak(edge.port, `OPTIONS ${target} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n${left}\r\n`);
    return {
      status: /^HTTP\/1\.1 (\d+)/.exec(text)?.[1],
      allow: /^allow: (.*)\r$/im.exec(text)?.[1],
      left: /^x-left: (.*)\r$/im.exec(text)?.[1],
    };
  };
  const own = { status: '204', allow: 'GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE', left: undefined };
  for (const [target, maxForwards] of [['*'], ['*', '5'], ['http://shop', '5'], ['/a', '0'], ['/a', '00']] as const) {
    assert.deepEqual(await options(target, maxForwards), own, `${target} ${maxForwards}`);
  }
  assert.deepEqual(edge.asked, []);
  for (const [maxForwards, left] of [
    [undefined, 'none'],
    ['5', '4'],
    ['many', 'many'],
  ] as const) {
    assert.deepEqual(await options('/a', maxForwards), { status: '204', allow: undefined, left });
  }
  assert.equal((await ask(edge.port, '/a', { headers: { 'max-forwards': '0' } })).headers['x-left'], '0');
  const trace = await ask(edge.port, '/a', { method: 'TRACE' });
  assert.deepEqual([trace.status, trace.headers.allow], [405, own.allow]);
});

test('a cache that is its own origin says so instead of asking itself for ever', async () => {
  const reserved = createServer();
  const port = await listening(reserved);
  await new Promise((resolve) => reserved.close(resolve));
  const upstream = new URL(`http://127.0.0.1:${port}/`);
  const proxy = createCacheProxy({ clock: testClock(), upstream, bytesMax: 1e6 });
  await new Promise<void>((resolve) => proxy.server.listen(port, '127.0.0.1', resolve));
  assert.equal((await ask(port, '/')).status, 508);
  await proxy.close(0);
});

test('who spoke for whom is told by addresses that can be trusted, and by nothing that a client made up', async () => {
  const forwardedOf = async (trustedProxies: readonly string[], headers: Record<string, string>) => {
    let seen: IncomingMessage['headers'] = {};
    const origin = (request: IncomingMessage, response: { end(): void }) => {
      seen = request.headers;
      response.end();
    };
    await using edge = await startProxied(origin, { trustedProxies });
    await ask(edge.port, '/', { headers });
    return [seen['x-forwarded-for'], seen['x-forwarded-proto']];
  };
  const told = { 'x-forwarded-for': '6.6.6.6, 203.0.113.7', 'x-forwarded-proto': 'https' };
  assert.deepEqual(await forwardedOf([], told), ['127.0.0.1', 'http']);
  assert.deepEqual(await forwardedOf(['10.0.0.0/8'], told), ['127.0.0.1', 'http']);
  assert.deepEqual(await forwardedOf(['loopback'], told), ['203.0.113.7, 127.0.0.1', 'https']);
  assert.deepEqual(await forwardedOf(['loopback'], { 'x-forwarded-for': '<script>' }), ['127.0.0.1', 'http']);
});

test('behind a proxy that ends TLS, what is kept for one scheme is not given to the other', async () => {
  await using edge = await startProxied(
    (request, response) => {
      response.setHeader('cache-control', 'max-age=60');
      response.end(String(request.headers['x-forwarded-proto']));
    },
    { trustedProxies: ['loopback'] },
  );
  for (let round = 0; round < 3; round += 1) {
    for (const scheme of ['http', 'https']) {
      // One with a head from bytes, one by the way of all others.
      for (const connection of ['keep-alive', 'close']) {
        const headers = { 'x-forwarded-proto': scheme, connection };
        assert.equal((await ask(edge.port, '/', { headers })).body, scheme);
      }
    }
  }
  assert.deepEqual(edge.asked, ['GET /', 'GET /']);
  assert.equal(edge.proxy.stats().hitCount, 10);
});
