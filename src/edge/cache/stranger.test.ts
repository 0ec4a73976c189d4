import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import test from 'node:test';
import { until } from '../../platform/testing/until.ts';
import { ask, startGated, startProxied } from './testing.ts';

test('one who is refused does not end the waiting of others together, now or later', async () => {
  const held: (() => void)[] = [];
  await using shop = await startGated((request, response) => {
    const isRefused = request.headers.cookie === 'scalper';
    held.push(() => {
      response.writeHead(isRefused ? 503 : 200, { 'cache-control': isRefused ? 'no-store' : 'max-age=60' });
      response.end('lamp');
    });
  });
  const refused = ask(shop.port, '/p', { headers: { cookie: 'scalper' } });
  await until(() => held.length === 1);
  const others = Array.from({ length: 20 }, () => ask(shop.port, '/p'));
  await until(() => shop.cache.stats().collapsedCount === 20);
  held.shift()?.();
  assert.equal((await refused).status, 503);
  await until(() => held.length === 1);
  const late = ask(shop.port, '/p');
  await until(() => shop.cache.stats().missCount === 42);
  held.shift()?.();
  for (const answer of await Promise.all([...others, late])) assert.equal(answer.status, 200);
  assert.equal(shop.asked.length, 2);
});

test('where everybody is refused everybody is told so, after three rounds', async () => {
  await using shop = await startGated((_, response) => {
    setTimeout(() => {
      response.writeHead(503, { 'cache-control': 'no-store' });
      response.end();
    }, 20);
  });
  const answers = await Promise.all(Array.from({ length: 30 }, () => ask(shop.port, '/p')));
  assert(answers.every(({ status }) => status === 503));
  assert(shop.asked.length <= 30, `${shop.asked.length} requests`);
});

test('the patience of one is not that of who waits with him', async () => {
  let patience: string | undefined;
  await using shop = await startGated((request, response) => {
    patience = request.headers['x-deadline-ms'] as string | undefined;
    response.setHeader('cache-control', request.url === '/mine' ? 'private' : 'max-age=1');
    response.end('lamp');
  });
  const headers = { 'x-deadline-ms': '0' };
  await ask(shop.port, '/p', { headers });
  assert.equal(patience, undefined);
  shop.clock.forwardS(2);
  await ask(shop.port, '/p', { headers });
  assert.equal(patience, undefined);
  await ask(shop.port, '/mine');
  await ask(shop.port, '/mine', { headers });
  assert.equal(patience, '0', 'who is answered alone is given his own');
});

test('nobody gets an answer of last week by saying that he would take it', async () => {
  let price = 1;
  await using shop = await startGated((_, response) => {
    response.writeHead(price === 1 ? 200 : 503, { 'cache-control': 'public, max-age=10', etag: '"1"' });
    response.end(String(price));
  });
  await ask(shop.port, '/p');
  price = 2;
  shop.clock.forwardS(7 * 86_400);
  const answer = await ask(shop.port, '/p', { headers: { 'cache-control': 'stale-if-error=9999999' } });
  assert.deepEqual([answer.status, answer.body], [503, '2']);
});

test('nobody throws out what is kept for others by wanting nothing kept, or by being refused', async () => {
  await using shop = await startGated((request, response) => {
    const isRefused = request.headers.cookie === 'scalper';
    response.writeHead(isRefused ? 429 : 200, {
      'cache-control': isRefused ? 'no-store' : 'public, max-age=10, stale-if-error=600',
      etag: '"1"',
    });
    response.end('lamp');
  });
  await ask(shop.port, '/p');
  shop.clock.forwardS(11);
  await ask(shop.port, '/p', { headers: { 'cache-control': 'no-store' } });
  await ask(shop.port, '/p', { headers: { cookie: 'scalper' } });
  assert.equal(shop.cache.stats().answerCount, 1);
});

test('what one gets who shows who he is throws out nothing that is kept for others', async () => {
  await using edge = await startProxied((request, response) => {
    const control = request.headers.authorization === undefined ? 'max-age=10, stale-if-error=600' : 'private';
    response.writeHead(200, { 'cache-control': control }).end('lamp');
  });
  await ask(edge.port, '/p');
  edge.clock.forwardS(11);
  await ask(edge.port, '/p', { headers: { authorization: 'Ada' } });
  assert.equal(edge.proxy.stats().answerCount, 1);
  await ask(edge.port, '/p');
  assert.equal(edge.proxy.stats().answerCount, 1);
});

test('nobody keeps a stale answer stale for others by asking for it with his token', async () => {
  let version = 0;
  await using edge = await startProxied((_, response) => {
    version += 1;
    response.setHeader('date', new Date(edge.clock.nowMs()).toUTCString());
    response.writeHead(200, { 'cache-control': 'max-age=1, stale-while-revalidate=60' }).end(String(version));
  });
  await ask(edge.port, '/p');
  for (let round = 1; round <= 3; round += 1) {
    edge.clock.forwardS(3);
    const stale = await ask(edge.port, '/p', { headers: { authorization: 'x' } });
    assert.equal(stale.body, String(round));
    await until(async () => (await ask(edge.port, '/p')).body === String(round + 1));
  }
});

test('fields that are for one person are not given to who waits with him', async () => {
  const held: (() => void)[] = [];
  await using edge = await startProxied((_, response) => {
    held.push(() => {
      response.writeHead(200, { 'cache-control': 'max-age=60, private="x-name"', 'x-name': 'Ada', 'x-shop': 'lamps' });
      response.end('lamp');
    });
  });
  const ada = ask(edge.port, '/p');
  await until(() => held.length === 1);
  const other = ask(edge.port, '/p');
  await until(() => edge.proxy.stats().collapsedCount === 1);
  held.shift()?.();
  assert.equal((await ada).headers['x-name'], 'Ada');
  const { headers, body } = await other;
  assert.deepEqual([headers['x-name'], headers['x-shop'], body], [undefined, 'lamps', 'lamp']);
});

test('a clock that goes back makes nothing fresh, and lets people wait together again', async () => {
  let count = 0;
  await using shop = await startGated((request, response) => {
    count += 1;
    response.setHeader('cache-control', request.url === '/mine' ? 'private' : 'max-age=10, stale-while-revalidate=2');
    setTimeout(() => response.end(String(count)), 20);
  });
  await Promise.all([ask(shop.port, '/p'), ask(shop.port, '/mine')]);
  shop.clock.forwardS(-3_600);
  assert.equal((await ask(shop.port, '/p')).body, '3');
  assert.match(String((await ask(shop.port, '/p')).headers['cache-status']), /hit/);
  await Promise.all([ask(shop.port, '/mine'), ask(shop.port, '/mine')]);
  assert.equal(shop.cache.stats().collapsedCount, 1);
});

/** An origin whose validations carry what is of the one who asks, before a page that all may see. */
function personalOrigin(news: Record<string, string>) {
  return startProxied((request, response) => {
    const { authorization: who, cookie } = request.headers;
    const name = who ?? cookie;
    response.setHeader('etag', '"1"').setHeader('cache-control', 'max-age=1');
    if (name !== undefined) {
      response.removeHeader('cache-control');
      for (const [field, value] of Object.entries(news)) response.setHeader(field, value);
      response.setHeader('x-user', name);
    }
    response.statusCode = request.method === 'GET' && request.headers['if-none-match'] === '"1"' ? 304 : 200;
    response.end(response.statusCode === 304 ? undefined : 'lamp');
  });
}

test('what a validation brings to one who shows who he is goes to nobody else, unless it says that it may', async () => {
  const own = { 'cache-control': 'max-age=60', 'set-cookie': 'sid=ada' };
  for (const method of ['GET', 'HEAD']) {
    for (const [news, isShared] of [
      [own, false],
      [{ ...own, 'cache-control': 'max-age=60, private, must-revalidate' }, false],
      [{ 'set-cookie': 'sid=ada' }, false],
      [{ ...own, 'cache-control': 'max-age=60, public' }, true],
    ] satisfies [Record<string, string>, boolean][]) {
      await using edge = await personalOrigin(news);
      await ask(edge.port, '/');
      edge.clock.forwardS(2);
      const ada = await ask(edge.port, '/', { method, headers: { authorization: 'Ada' } });
      const told = [ada.status, ada.headers['x-user'], ada.headers['set-cookie']?.[0]];
      const what = `${method} ${JSON.stringify(news)}`;
      assert.deepEqual(told, [200, 'Ada', 'sid=ada'], what);
      assert.equal(edge.proxy.stats().answerCount, 1, 'what is kept stays as it was');
      const { headers, body } = await ask(edge.port, '/');
      assert.deepEqual(
        [body, headers['x-user'], headers['set-cookie']?.[0], /hit/.test(String(headers['cache-status']))],
        isShared ? ['lamp', 'Ada', 'sid=ada', true] : ['lamp', undefined, undefined, false],
        what,
      );
    }
  }
});

test('a validation brings no cookie that a new answer would not bring, and no field that it keeps back', async () => {
  for (const news of [
    { 'set-cookie': 'sid=ada' },
    { 'cache-control': 'max-age=60, private="x-user, set-cookie"', 'set-cookie': 'sid=ada' },
  ]) {
    await using edge = await personalOrigin(news);
    await ask(edge.port, '/');
    edge.clock.forwardS(2);
    const ada = await ask(edge.port, '/', { headers: { cookie: 'Ada' } });
    assert.deepEqual([ada.headers['x-user'], ada.headers['set-cookie']], ['Ada', ['sid=ada']]);
    const { headers, body } = await ask(edge.port, '/');
    assert.deepEqual([body, headers['x-user'], headers['set-cookie']], ['lamp', undefined, undefined]);
  }
});

test('a renewal is asked as nobody, and brings what is for all', async () => {
  for (const name of ['authorization', 'cookie']) {
    await using edge = await startProxied((request, response) => {
      const who = request.headers[name];
      response.setHeader('date', new Date(edge.clock.nowMs()).toUTCString()).setHeader('etag', '"1"');
      if (who === undefined) response.setHeader('cache-control', 'max-age=10, stale-while-revalidate=60');
      else response.setHeader('set-cookie', `sid=${who}`);
      response.statusCode = request.headers['if-none-match'] === '"1"' ? 304 : 200;
      response.end(response.statusCode === 304 ? undefined : 'lamp');
    });
    await ask(edge.port, '/p');
    edge.clock.forwardS(20);
    assert.equal((await ask(edge.port, '/p', { headers: { [name]: 'Ada' } })).body, 'lamp');
    await until(async () => /hit; ttl=\d/.test(String((await ask(edge.port, '/p')).headers['cache-status'])), {
      what: name,
    });
  }
});

test('what came by a token, or is chosen by a cookie, is renewed by that', async () => {
  for (const [name, more] of [
    ['authorization', {}],
    ['authorization', { vary: 'authorization' }],
    ['cookie', { vary: 'cookie' }],
  ] as const) {
    let version = 0;
    await using edge = await startProxied((request, response) => {
      response.setHeader('date', new Date(edge.clock.nowMs()).toUTCString());
      if (request.headers[name] !== 'Ada') return void response.writeHead(401).end();
      version += 1;
      const control = 'public, max-age=10, stale-while-revalidate=60';
      response.writeHead(200, { 'cache-control': control, ...more }).end(String(version));
    });
    const askAsAda = async () => (await ask(edge.port, '/p', { headers: { [name]: 'Ada' } })).body;
    await askAsAda();
    edge.clock.forwardS(20);
    assert.equal(await askAsAda(), '1');
    await until(async () => (await askAsAda()) === '2');
  }
});

test('a guess is brought up to date by nobody with a cookie', async () => {
  await using edge = await startProxied((request, response) => {
    response.setHeader('last-modified', new Date(edge.clock.nowMs() - 1e6).toUTCString()).setHeader('etag', '"1"');
    if (request.headers.cookie !== undefined) response.setHeader('x-user', request.headers.cookie);
    response.statusCode = request.headers['if-none-match'] === '"1"' ? 304 : 200;
    response.end();
  });
  await ask(edge.port, '/');
  edge.clock.forwardS(200);
  assert.equal((await ask(edge.port, '/', { headers: { cookie: 'Ada' } })).headers['x-user'], 'Ada');
  assert.equal((await ask(edge.port, '/')).headers['x-user'], undefined);
});

test('who waits while a kept answer is asked about is not given what is told to another', async () => {
  const answer = (held: (() => void)[]): RequestListener => {
    let isNew = true;
    return (request, response) => {
      const who = request.headers.cookie ?? 'nobody';
      if (isNew) response.writeHead(200, { etag: '"1"', 'cache-control': 'max-age=1' }).end('lamp');
      else {
        const isKnown = request.headers['if-none-match'] === '"1"';
        held.push(() => {
          response.writeHead(isKnown ? 304 : 200, { etag: '"1"', 'cache-control': 'private', 'set-cookie': who });
          response.end(isKnown ? undefined : `lamp of ${who}`);
        });
      }
      isNew = false;
    };
  };
  for (const start of [startProxied, startGated]) {
    const held: (() => void)[] = [];
    await using cached = await start(answer(held));
    const stats = () => ('proxy' in cached ? cached.proxy : cached.cache).stats();
    await ask(cached.port, '/');
    cached.clock.forwardS(2);
    const alice = ask(cached.port, '/', { headers: { cookie: 'alice' } });
    await until(() => held.length === 1);
    const bob = ask(cached.port, '/', { headers: { cookie: 'bob' } });
    await until(() => stats().collapsedCount === 1);
    held.shift()?.();
    const [first] = await Promise.all([alice, until(() => held.length === 1)]);
    held.shift()?.();
    const second = await bob;
    assert.deepEqual([first.body, first.headers['set-cookie']], ['lamp', ['alice']]);
    assert.deepEqual([second.body, second.headers['set-cookie']], ['lamp of bob', ['bob']]);
  }
});

test('a HEAD that is refused says nothing of what is kept', async () => {
  for (const status of [204, 301, 401, 403, 404, 410, 429, 503]) {
    await using edge = await startProxied((request, response) => {
      const isRefused = request.headers.cookie === 'scalper';
      response.writeHead(isRefused ? status : 200, { etag: '"1"', 'cache-control': 'max-age=10' }).end('lamp');
    });
    await ask(edge.port, '/');
    const headers = { cookie: 'scalper', 'cache-control': 'no-cache' };
    assert.equal((await ask(edge.port, '/', { method: 'HEAD', headers })).status, status);
    assert.match(String((await ask(edge.port, '/')).headers['cache-status']), /hit/, String(status));
  }
});
