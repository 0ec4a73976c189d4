import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import test from 'node:test';
import { until } from '../../platform/testing/until.ts';
import { ask, startGated } from './testing.ts';

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

test('a stale answer is given at once and renewed behind it', async () => {
  let count = 0;
  await using shop = await startGated((_, response) => {
    count += 1;
    response.setHeader('cache-control', 'max-age=10, stale-while-revalidate=60');
    response.end(String(count));
  });
  await ask(shop.port, '/');
  shop.clock.forwardS(20);
  const stale = await ask(shop.port, '/');
  assert.equal(stale.body, '1');
  assert.match(stale.headers['cache-status'] as string, /hit; ttl=-1/);
  await until(() => count === 2);
  assert.equal((await ask(shop.port, '/')).body, '2');
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
