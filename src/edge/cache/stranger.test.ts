import assert from 'node:assert/strict';
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
