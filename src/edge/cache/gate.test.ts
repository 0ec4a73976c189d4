import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import test from 'node:test';
import { behindGates, type Gate } from '../../platform/api/gate.ts';
import { until } from '../../platform/testing/until.ts';
import { createResponseCache } from './cache.ts';
import { ask, listening, speak, startGated, testClock } from './testing.ts';

test('what is kept answers the second request, and says so', async () => {
  await using shop = await startGated((_, response) => {
    response.writeHead(200, { 'cache-control': 'public, max-age=60', 'content-type': 'text/plain', etag: '"1"' });
    response.end('lamp');
  });
  const first = await ask(shop.port, '/products/lamp');
  assert.equal(first.headers['cache-status'], 'Onrush; fwd=uri-miss; stored');
  shop.clock.forwardS(10);
  const second = await ask(shop.port, '/products/lamp');
  assert.deepEqual([second.status, second.body, second.headers.age], [200, 'lamp', '10']);
  assert.equal(second.headers['cache-status'], 'Onrush; hit; ttl=49');
  assert.equal(shop.asked.length, 1);
  const conditional = await ask(shop.port, '/products/lamp', { headers: { 'if-none-match': '"1"' } });
  assert.deepEqual([conditional.status, conditional.body, conditional.headers.etag], [304, '', '"1"']);
  const head = await ask(shop.port, '/products/lamp', { method: 'HEAD' });
  assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', '4']);
  assert.equal(shop.asked.length, 1);
});

test('who says at once that he has nothing more to ask gets what is kept all the same', async () => {
  await using shop = await startGated((_, response) =>
    response.writeHead(200, { 'cache-control': 'max-age=60', 'content-length': 4 }).end('lamp'),
  );
  await ask(shop.port, '/a');
  const socket = connect({ port: shop.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.end(`GET /a HTTP/1.1\r\nHost: 127.0.0.1:${shop.port}\r\n\r\n`);
  const text = Buffer.concat(await Array.fromAsync(socket as AsyncIterable<Buffer>)).toString();
  assert.match(text, /^HTTP\/1\.1 200 OK[\s\S]*hit; ttl=\d+[\s\S]*lamp$/);
  assert.equal(shop.asked.length, 1);
});

test('a purge by tag, by group, by path and of everything makes the next request ask the shop', async () => {
  let price = 0;
  await using shop = await startGated((_, response) => {
    response.setHeader('cache-control', 'max-age=600');
    response.setHeader('cache-tag', 'product:7, list');
    response.setHeader('cache-groups', '"prices"');
    response.end(String(price));
  });
  const purges = [{ tags: ['product:7'] }, { groups: ['prices'] }, { urls: ['/p?a=1'] }, { everything: true }];
  for (const purge of [{ tags: ['other'] }, ...purges]) {
    await ask(shop.port, '/p?a=1');
    price += 1;
    const count = shop.cache.purge(purge);
    assert.equal(count, purge.tags?.[0] === 'other' ? 0 : 1, JSON.stringify(purge));
    const { body } = await ask(shop.port, '/p?a=1');
    assert.equal(body, String(count === 0 ? price - 1 : price), JSON.stringify(purge));
  }
});

test('what is of one person, sets a cookie, or is for nobody to keep passes', async () => {
  await using shop = await startGated((request, response) => {
    if (request.url === '/cookie') response.setHeader('set-cookie', 'a=b');
    response.setHeader('cache-control', request.url === '/private' ? 'private, max-age=60' : 'max-age=60');
    response.end(request.headers.authorization ?? 'nobody');
  });
  for (const path of ['/cookie', '/private']) {
    await ask(shop.port, path);
    await ask(shop.port, path);
  }
  assert.equal(shop.asked.length, 4);
  await ask(shop.port, '/me');
  const mine = await ask(shop.port, '/me', { headers: { authorization: 'Bearer me' } });
  assert.equal(mine.body, 'Bearer me');
  assert.equal(mine.headers['cache-status'], 'Onrush; fwd=bypass');
  assert.equal((await ask(shop.port, '/me')).body, 'nobody');
});

test('what passes says why, however its answer is written, and nothing of it is kept', async () => {
  const answer: RequestListener = (request, response) => {
    const fields = ['cache-control', 'max-age=60', 'x-list', 'a', 'x-list', 'b'];
    response.writeHead(request.url === '/missing' ? 404 : 200, fields);
    response.end();
  };
  await using shop = await startGated(answer, { wants: (url) => url === '/kept' });
  const said = [
    [await ask(shop.port, '/mine'), 'bypass'],
    [await ask(shop.port, '/mine'), 'bypass'],
    [await ask(shop.port, '/missing', { method: 'HEAD' }), 'bypass'],
    [await ask(shop.port, '/mine', { method: 'POST' }), 'method'],
    [await ask(shop.port, '/missing', { method: 'DELETE' }), 'method'],
    [await ask(shop.port, '/kept', { method: 'OPTIONS' }), 'method'],
    [await ask(shop.port, '/kept', { method: 'POST' }), 'method'],
    [await ask(shop.port, '/kept', { headers: { authorization: 'Bearer me' } }), 'bypass'],
  ] as const;
  for (const [{ headers }, reason] of said) {
    assert.equal(headers['cache-status'], `Onrush; fwd=${reason}`);
    assert.equal(headers['x-list'], 'a, b');
  }
  const { bypassCount, answerCount } = shop.cache.stats();
  assert.deepEqual([bypassCount, answerCount], [1, 0], 'counted is only what a cache could have kept');
});

test('an unsafe request that succeeds throws out what it changed, one that fails does not', async () => {
  let count = 0;
  await using shop = await startGated((request, response) => {
    if (request.method === 'POST') response.statusCode = request.url === '/cart' ? 303 : 409;
    if (request.method === 'POST') response.setHeader('location', '/list');
    else response.setHeader('cache-control', 'max-age=60');
    count += 1;
    response.end(String(count));
  });
  for (const path of ['/cart', '/list', '/other']) await ask(shop.port, path);
  await ask(shop.port, '/other', { method: 'POST' });
  assert.equal((await ask(shop.port, '/other')).body, '3');
  await ask(shop.port, '/cart', { method: 'POST' });
  assert.equal((await ask(shop.port, '/cart')).body, '6');
  assert.equal((await ask(shop.port, '/list')).body, '7');
});

test('no header of a client has an answer made anew', async () => {
  await using shop = await startGated((_, response) => {
    response.setHeader('cache-control', 'max-age=60');
    response.end('x');
  });
  await ask(shop.port, '/');
  for (const headers of [{ 'cache-control': 'no-cache' }, { pragma: 'no-cache' }, { 'cache-control': 'max-age=0' }]) {
    assert.match((await ask(shop.port, '/', { headers })).headers['cache-status'] as string, /hit/);
  }
  assert.equal(shop.asked.length, 1);
});

test('who wants nothing kept waits with others like everybody, and has nothing kept for himself alone', async () => {
  const held: (() => void)[] = [];
  await using shop = await startGated((request, response) => {
    held.push(() => {
      const isKnown = request.headers['if-none-match'] === '"1"';
      response.writeHead(isKnown ? 304 : 200, { 'cache-control': 'max-age=60', etag: '"1"' });
      response.end(isKnown ? undefined : 'lamp');
    });
  });
  const headers = { 'cache-control': 'no-store' };
  const crowd = async (count: number) => {
    const before = shop.cache.stats().collapsedCount;
    const shy = Array.from({ length: count }, () => ask(shop.port, '/', { headers }));
    await until(() => held.length === 1 && shop.cache.stats().collapsedCount === before + count - 1);
    return shy;
  };
  const answersOf = async (asked: Promise<{ status: number; body: string }>[]) => {
    held.shift()?.();
    for (const { status, body } of await Promise.all(asked)) assert.deepEqual([status, body], [200, 'lamp']);
  };
  await answersOf(await crowd(10));
  assert.deepEqual([shop.asked.length, shop.cache.stats().answerCount], [1, 0]);
  // Of those who wait together one lets it be kept.
  const mixed = await crowd(10);
  mixed.push(ask(shop.port, '/'));
  await until(() => shop.cache.stats().collapsedCount === 19);
  await answersOf(mixed);
  assert.deepEqual([shop.asked.length, shop.cache.stats().answerCount], [2, 1]);
  await answersOf([ask(shop.port, '/', { headers })]);
  assert.equal(shop.asked.length, 2, 'and then it is answered to all');
  shop.clock.forwardS(61);
  await answersOf(await crowd(10));
  assert.equal(shop.asked.length, 3);
  await answersOf(await crowd(10));
  assert.deepEqual([shop.asked.length, shop.cache.stats().answerCount], [4, 1], 'what is asked about stays as it is');
});

test('an answer that nobody lets be kept who gets it is not kept for one who wanted another', async () => {
  const held: (() => void)[] = [];
  await using shop = await startGated((request, response) => {
    held.push(() => {
      response.writeHead(200, { 'cache-control': 'max-age=60', vary: 'x-currency' });
      response.end(request.headers['x-currency']);
    });
  });
  const shy = ask(shop.port, '/', { headers: { 'cache-control': 'no-store', 'x-currency': 'JPY' } });
  await until(() => held.length === 1);
  const other = ask(shop.port, '/', { headers: { 'x-currency': 'EUR' } });
  await until(() => shop.cache.stats().collapsedCount === 1);
  held.shift()?.();
  assert.match(String((await shy).headers['cache-status']), /fwd=uri-miss$/);
  await until(() => held.length === 1);
  held.shift()?.();
  assert.equal((await other).body, 'EUR');
  assert.equal(shop.cache.stats().answerCount, 1);
});

/** Keeps a stale `1` of `/`, which may be given while it is renewed: each answer says how many were made. */
async function startStale() {
  let madeCount = 0;
  const shop = await startGated((_, response) => {
    madeCount += 1;
    response.setHeader('cache-control', 'max-age=10, stale-while-revalidate=60');
    response.end(String(madeCount));
  });
  await ask(shop.port, '/');
  shop.clock.forwardS(20);
  return Object.assign(shop, { madeCount: () => madeCount });
}

test('a renewal is the wish of the cache, whoever is given the stale answer', async () => {
  await using shop = await startStale();
  const headers = { 'cache-control': 'no-store' };
  assert.equal((await ask(shop.port, '/', { headers })).body, '1');
  await until(() => shop.madeCount() === 2);
  await until(async () => (await ask(shop.port, '/', { headers })).body === '2');
  assert.equal(shop.madeCount(), 2);
});

test('who comes after a 304, while it has not ended, does not wait for another one', async () => {
  const ends: (() => void)[] = [];
  await using shop = await startGated((request, response) => {
    const isKnown = request.headers['if-none-match'] === '"1"';
    response.writeHead(isKnown ? 304 : 200, { 'cache-control': 'no-cache', etag: '"1"' });
    if (!isKnown) return void response.end('lamp');
    response.flushHeaders();
    ends.push(() => response.end());
  });
  for (let round = 0; round < 3; round += 1) assert.equal((await ask(shop.port, '/')).body, 'lamp');
  assert.equal(ends.length, 2);
  for (const end of ends) end();
});

test('a stale answer is given at once and renewed behind it', async () => {
  await using shop = await startStale();
  const stale = await ask(shop.port, '/');
  assert.equal(stale.body, '1');
  assert.match(stale.headers['cache-status'] as string, /hit; ttl=-1/);
  await until(() => shop.madeCount() === 2);
  assert.equal((await ask(shop.port, '/')).body, '2');
});

test('a renewal that came to nothing, whatever was answered, is not tried again with every look, and the stale answer stands', async () => {
  for (const failure of [401, 403, 429, 500, 503, 'cut off'] as const) {
    let isFailing = false;
    await using shop = await startGated((_, response) => {
      response.setHeader('date', new Date(shop.clock.nowMs()).toUTCString());
      if (!isFailing) response.writeHead(200, { 'cache-control': 'max-age=10, stale-while-revalidate=60' }).end('lamp');
      else if (failure === 'cut off') response.destroy();
      else response.writeHead(failure).end('not now');
    });
    await ask(shop.port, '/a');
    isFailing = true;
    shop.clock.forwardS(20);
    for (let look = 0; look < 5; look++) assert.equal((await ask(shop.port, '/a')).body, 'lamp');
    assert.equal(shop.asked.length, 2, `${failure}`);
    isFailing = false;
    shop.clock.forwardS(1);
    assert.equal((await ask(shop.port, '/a')).body, 'lamp');
    await until(async () => /hit; ttl=\d/.test(String((await ask(shop.port, '/a')).headers['cache-status'])));
    assert.equal(shop.asked.length, 3, `${failure}`);
  }
});

test('what turns out at its renewal to be there no more is given to nobody any longer', async () => {
  let status = 200;
  await using shop = await startGated((_, response) => {
    response.writeHead(status, {
      'cache-control': status === 200 ? 'max-age=10, stale-while-revalidate=60' : 'max-age=5',
    });
    response.end(String(status));
  });
  await ask(shop.port, '/a');
  status = 404;
  shop.clock.forwardS(20);
  assert.equal((await ask(shop.port, '/a')).body, '200');
  await until(async () => (await ask(shop.port, '/a')).body === '404');
  assert.equal((await ask(shop.port, '/a')).body, '404');
  assert.equal(shop.asked.length, 2);
});

test('what the shop is too busy for is refused before a fetch is begun for it, but where something is kept or on its way', async () => {
  let isBusy = false;
  let slow: (() => void) | undefined;
  const refuse = (response: ServerResponse) => response.writeHead(503, { 'retry-after': '2' }).end('busy');
  await using shop = await startGated(
    (request, response) => {
      if (isBusy) return refuse(response);
      response.setHeader('cache-control', 'max-age=10, stale-if-error=60');
      const end = () => response.end(`${request.method} ${request.url}`);
      if (request.url === '/slow') slow = end;
      else end();
    },
    { screen: () => (isBusy ? { toResponse: refuse, onWire: () => '' } : undefined) },
  );
  await ask(shop.port, '/kept');
  isBusy = true;
  shop.clock.forwardS(20);
  const kept = await ask(shop.port, '/kept');
  assert.deepEqual([kept.status, kept.body], [200, 'GET /kept']);
  assert.equal(kept.headers['cache-status'], 'Onrush; fwd=stale; fwd-status=503; detail=stale-if-error');
  const refused = await Promise.all(Array.from({ length: 5 }, () => ask(shop.port, '/other')));
  for (const { status, headers } of refused) {
    assert.deepEqual([status, headers['retry-after'], headers['cache-status']], [503, '2', 'Onrush; fwd=uri-miss']);
  }
  assert.deepEqual(shop.asked, ['GET /kept']);
  assert.equal(shop.cache.stats().missCount, 6);
  assert.equal(shop.cache.stats().staleHitCount, 1);
  isBusy = false;
  const first = ask(shop.port, '/slow');
  await until(() => slow !== undefined);
  isBusy = true;
  const others = Array.from({ length: 3 }, () => ask(shop.port, '/slow'));
  await until(() => shop.cache.stats().collapsedCount === 3);
  slow?.();
  for (const { body } of await Promise.all([first, ...others])) assert.equal(body, 'GET /slow');
  isBusy = false;
  assert.equal((await ask(shop.port, '/other')).body, 'GET /other');
});

test('while the shop is too busy, what is kept stands in as far as it may, and is asked about only where that may help', async () => {
  let isBusy = false;
  let screened = 0;
  const refuse = (response: ServerResponse) => response.writeHead(503).end('busy');
  const control: Record<string, string> = {
    '/fresh': 'max-age=600',
    '/renewed': 'max-age=10, stale-while-revalidate=600',
    '/standing': 'max-age=10, stale-if-error=600',
    '/strict': 'max-age=10, stale-if-error=600, must-revalidate',
    '/silent': 'max-age=10',
  };
  await using shop = await startGated(
    (request, response) => {
      if (isBusy) return refuse(response);
      const path = request.url ?? '';
      response.writeHead(200, { 'cache-control': control[path] ?? '', etag: '"1"' }).end(path);
    },
    {
      screen: () => {
        if (!isBusy) return undefined;
        screened += 1;
        return { toResponse: refuse, onWire: () => '' };
      },
    },
  );
  for (const path of Object.keys(control)) await ask(shop.port, path);
  const asked = shop.asked.length;
  isBusy = true;
  shop.clock.forwardS(20);
  const statuses = async (headers: Record<string, string> = {}) =>
    Promise.all(Object.keys(control).map(async (path) => (await ask(shop.port, path, { headers })).status));
  assert.deepEqual(await statuses(), [200, 200, 200, 503, 503]);
  assert.equal(shop.asked.length, asked, 'the shop was not asked for any of them');
  assert.equal(screened, 4, 'what is fresh is nobody’s to refuse');
  const strict = await ask(shop.port, '/strict');
  assert.equal(strict.headers['cache-status'], 'Onrush; fwd=stale');
  const old = await speak(shop.port, `GET /standing HTTP/1.0\r\nHost: 127.0.0.1:${shop.port}\r\n\r\n`);
  assert.match(old, /^HTTP\/1\.1 200 OK\r\n[\s\S]*fwd=stale; fwd-status=503; detail=stale-if-error[\s\S]*\/standing$/);
  screened = 0;
  assert.deepEqual(await statuses({ 'if-none-match': '"1"' }), [304, 304, 304, 503, 503]);
  assert.equal(screened, 0, 'the engine knows what a condition is worth');
});

test('who waited with one who was refused is not sent the same way: he is refused as the shop would refuse him', async () => {
  let first: ServerResponse | undefined;
  let isBusy = false;
  await using shop = await startGated(
    (_, response) => {
      if (first === undefined) first = response;
      else response.writeHead(503).end('busy');
    },
    {
      screen: () =>
        isBusy
          ? { toResponse: (response) => void response.writeHead(503).end('at once'), onWire: () => '' }
          : undefined,
    },
  );
  const answers = [ask(shop.port, '/a')];
  await until(() => first !== undefined);
  answers.push(...Array.from({ length: 20 }, () => ask(shop.port, '/a')));
  await until(() => shop.cache.stats().collapsedCount === 20);
  isBusy = true;
  first?.writeHead(503).end('busy');
  const bodies = (await Promise.all(answers)).map(({ body }) => body);
  assert.equal(bodies.filter((body) => body === 'busy').length, 2, 'of the twenty one asked for all, once more');
  assert.equal(bodies.filter((body) => body === 'at once').length, 19);
  assert.equal(shop.asked.length, 2);
});

test('the shop may stream its answer, and write its head in any of the ways there are', async () => {
  const file = new URL('gate.ts', import.meta.url);
  await using shop = await startGated((request, response) => {
    if (request.url === '/stream') {
      response.writeHead(200, 'Fine', ['cache-control', 'max-age=60', 'x-list', 'a', 'x-list', 'b']);
      createReadStream(file).pipe(response);
    } else {
      response.statusCode = 404;
      response.writeHead(404, { 'Cache-Control': 'max-age=5', 'X-List': ['a', 'b'] });
      response.write('not ');
      response.end('here', 'utf8');
    }
  });
  for (let round = 0; round < 2; round += 1) {
    const streamed = await ask(shop.port, '/stream');
    assert.equal(streamed.headers['x-list'], 'a, b');
    assert.match(streamed.body, /createGate/);
    const missing = await ask(shop.port, '/missing');
    assert.deepEqual([missing.status, missing.body, missing.headers['x-list']], [404, 'not here', 'a, b']);
  }
  assert.equal(shop.asked.length, 2);
});

test('a hit is the same as it would be otherwise: its age and time left, and what gates before the cache have set', async () => {
  const clock = testClock();
  const cache = createResponseCache({ clock, bytesMax: 16 * 1024 * 1024 });
  let left = 9;
  const limits: Gate = {
    name: 'limits',
    pass(request, response, onward) {
      if (request.url === '/limited') response.setHeader('ratelimit', `"a";r=${left--}`);
      // What the answer says itself it says alone.
      response.setHeader('x-made-by', 'a gate');
      onward();
    },
  };
  const server = createServer(
    behindGates([limits, cache.gate], (_, response) => {
      response.writeHead(203, ['cache-control', 'max-age=60', 'x-made-by', 'the shop', 'link', '</a>', 'link', '</b>']);
      response.end('lamp');
    }),
  );
  const port = await listening(server);
  try {
    for (const path of ['/limited', '/free']) {
      await ask(port, path);
      clock.forwardS(20);
      const headersOf = async (headers: Record<string, string>) => {
        const { status, body, rawHeaders } = await ask(port, path, { headers });
        const pairs = rawHeaders.flatMap((name, at) =>
          at % 2 ? [] : [`${name.toLowerCase()}: ${rawHeaders[at + 1]}`],
        );
        return [
          String(status),
          body,
          ...pairs.filter((pair) => !/^(?:connection|keep-alive|ratelimit):/.test(pair)).sort(),
        ];
      };
      // The one from bytes, and one that ends its connection, which Node makes the head of.
      const kept = await headersOf({ connection: 'keep-alive' });
      assert.deepEqual(kept, await headersOf({ connection: 'close' }));
      // Dates have no fractions: of the last second nobody knows how much is left.
      assert.match(kept.join('\n'), /^age: 20$[\s\S]*^cache-status: Onrush; hit; ttl=(?:39|40)$/m);
      assert.ok(kept.includes('x-made-by: the shop') && !kept.includes('x-made-by: a gate'));
    }
    const told = [await ask(port, '/limited', { headers: { connection: 'keep-alive' } }), await ask(port, '/limited')];
    assert.deepEqual(
      told.map(({ headers }) => headers.ratelimit),
      ['"a";r=6', '"a";r=5'],
    );
  } finally {
    server.closeAllConnections();
    server.close();
    cache.close();
  }
});

test('hits over one connection come one after the other, and the room they take is counted', async () => {
  const body = 'lamp '.repeat(1_000);
  await using shop = await startGated((_, response) => {
    response.setHeader('cache-control', 'max-age=60');
    response.setHeader('content-type', 'image/png');
    response.end(body);
  });
  await ask(shop.port, '/a');
  const before = shop.cache.stats().bytes;
  const get = `GET /a HTTP/1.1\r\nHost: 127.0.0.1:${shop.port}\r\n\r\n`;
  const text = await speak(shop.port, get.repeat(3));
  assert.equal(text.match(/cache-status: Onrush; hit; ttl=(?:59|60)\r/g)?.length, 3, text.slice(0, 400));
  assert.equal(text.split(body).length - 1, 3);
  const grownBytes = shop.cache.stats().bytes - before;
  assert.ok(grownBytes > body.length && grownBytes < 2 * body.length, `${grownBytes}`);
  assert.deepEqual([shop.asked.length, shop.cache.stats().hitCount], [1, 3]);
});
