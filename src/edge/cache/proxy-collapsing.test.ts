import assert from 'node:assert/strict';
import { connect } from 'node:net';
import test from 'node:test';
import { until } from '../../platform/testing/until.ts';
import { ask, startProxied } from './testing.ts';

test('ten thousand concurrent misses on one key reach the origin once', async () => {
  const waiting: (() => void)[] = [];
  const count = 10_000;
  await using edge = await startProxied(
    (_, response) => {
      waiting.push(() => {
        response.setHeader('cache-control', 'max-age=60');
        response.end('once');
      });
    },
    { connectionLimits: { pipelinedMax: count } },
  );
  const answers = crowd(edge.port, '/sale', count);
  await until(() => edge.proxy.stats().collapsedCount === count - 1, { what: 'all of them wait' });
  for (const answer of waiting) answer();
  const bodies = await answers;
  assert.equal(bodies.filter((body) => body === 'once').length, count);
  assert.deepEqual(edge.asked, ['GET /sale']);
});

/** So many requests over few connections, pipelined: sockets are what a test machine has least of. */
async function crowd(port: number, path: string, count: number): Promise<string[]> {
  const connectionCount = 20;
  const perConnection = count / connectionCount;
  const one = () =>
    new Promise<string[]>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        text += chunk;
        const bodies = text
          .split('\r\n\r\n')
          .slice(1)
          .map((part) => part.split('HTTP/1.1')[0] ?? '');
        if (bodies.length === perConnection && bodies.at(-1) !== '') {
          socket.destroy();
          resolve(bodies);
        }
      });
      socket.write(`GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`.repeat(perConnection));
    });
  return (await Promise.all(Array.from({ length: connectionCount }, one))).flat();
}

test('when the answer turns out to be for one, the waiters go on their own, all at once', async () => {
  let open = 0;
  let openMax = 0;
  const release: (() => void)[] = [];
  await using edge = await startProxied((request, response) => {
    open += 1;
    openMax = Math.max(openMax, open);
    release.push(() => {
      open -= 1;
      response.setHeader('cache-control', 'private');
      response.end(request.headers['x-who']);
    });
  });
  const names = ['a', 'b', 'c', 'd', 'e'];
  const answers = names.map((who) => ask(edge.port, '/me', { headers: { 'x-who': who } }));
  await until(() => edge.proxy.stats().collapsedCount === 4);
  release.shift()?.();
  await until(() => release.length === 4, { what: 'four more requests at the same time' });
  for (const go of release) go();
  const bodies = (await Promise.all(answers)).map(({ body }) => body);
  assert.deepEqual(bodies, names);
  assert.equal(openMax, 4);
});

test('waiters of another variant get theirs, each variant asked for once', async () => {
  const release: (() => void)[] = [];
  await using edge = await startProxied((request, response) => {
    release.push(() => {
      response.setHeader('cache-control', 'max-age=60');
      response.setHeader('vary', 'x-lang');
      response.end(request.headers['x-lang']);
    });
  });
  const wanted = ['de', 'en', 'fr', 'de', 'en', 'fr', 'en'];
  const answers = wanted.map((lang) => ask(edge.port, '/', { headers: { 'x-lang': lang } }));
  await until(() => edge.proxy.stats().collapsedCount === wanted.length - 1);
  release.shift()?.();
  await until(() => release.length === 2);
  for (const go of release) go();
  assert.deepEqual(
    (await Promise.all(answers)).map(({ body }) => body),
    wanted,
  );
  assert.equal(edge.asked.length, 3);
});

test('who asked first may go: the others get the answer all the same', async () => {
  let answer: (() => void) | undefined;
  await using edge = await startProxied((_, response) => {
    answer = () => response.setHeader('cache-control', 'max-age=60').end('here');
  });
  const first = connect(edge.port, '127.0.0.1');
  first.write('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
  await until(() => answer !== undefined);
  const second = ask(edge.port, '/', { headers: { host: 'shop' } });
  await until(() => edge.proxy.stats().collapsedCount === 1);
  first.destroy();
  await new Promise((resolve) => first.once('close', resolve));
  answer?.();
  assert.equal((await second).body, 'here');
  assert.equal(edge.asked.length, 1);
});

test('a fetch that fails is told to all who waited, and the next one tries again', async () => {
  let isDown = true;
  let waiting = 0;
  await using edge = await startProxied((request, response) => {
    waiting += 1;
    if (isDown) setTimeout(() => request.socket.destroy(), 50);
    else response.setHeader('cache-control', 'max-age=60').end('up');
  });
  const answers = await Promise.all([1, 2, 3].map(() => ask(edge.port, '/')));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [502, 502, 502],
  );
  assert.match(answers[0]?.body ?? '', /hung up before it had answered/);
  isDown = false;
  assert.equal((await ask(edge.port, '/')).body, 'up');
  assert.equal(waiting, 2);
});
