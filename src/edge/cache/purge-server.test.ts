import assert from 'node:assert/strict';
import test from 'node:test';
import { createPurgeServer } from './purge-server.ts';
import { ask, listening, startProxied } from './testing.ts';

const token = 'correct-horse-battery-staple';

async function startWithDoor() {
  const edge = await startProxied((request, response) => {
    response.setHeader('cache-control', 'max-age=60');
    response.setHeader('cache-tag', request.url === '/crowded' ? 'a,crowd' : 'lamp');
    response.setHeader('cache-groups', '"prices"');
    response.end(request.method);
  });
  const door = createPurgeServer({ token, purge: edge.proxy.purge });
  const doorPort = await listening(door);
  const post = (input: unknown, changes: { path?: string; method?: string; headers?: Record<string, string> } = {}) =>
    ask(doorPort, changes.path ?? '/v1/admin/purges', {
      method: changes.method ?? 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...changes.headers },
      body: typeof input === 'string' ? input : JSON.stringify(input),
    });
  return {
    ...edge,
    post,
    async [Symbol.asyncDispose]() {
      door.closeAllConnections();
      door.close();
      await edge[Symbol.asyncDispose]();
    },
  };
}

test('an operator purges by tag, group, URL and all at once, and is told how many answers it were', async () => {
  await using edge = await startWithDoor();
  for (const input of [{ tags: ['lamp'] }, { groups: ['prices'] }, { urls: ['/a'] }, { everything: true }]) {
    await ask(edge.port, '/a');
    const { status, body } = await edge.post({ ...input, reason: 'a test' });
    assert.deepEqual([status, JSON.parse(body)], [200, { purgedCount: 1 }], JSON.stringify(input));
  }
  assert.deepEqual(edge.asked, Array(4).fill('GET /a'));
  assert.equal((await edge.post({ tags: ['other'] })).body, '{"purgedCount":0}');
  // An answer with more tags than fit carries one that stands for any.
  await ask(edge.port, '/crowded');
  assert.equal((await edge.post({ tags: ['other'] })).body, '{"purgedCount":1}');
});

test('nobody purges without the token, by another way, or with what makes no sense', async () => {
  await using edge = await startWithDoor();
  await ask(edge.port, '/a');
  const all = { everything: true };
  for (const [expected, answer] of [
    [401, await edge.post(all, { headers: { authorization: '' } })],
    [401, await edge.post(all, { headers: { authorization: `Bearer ${token}x` } })],
    [401, await edge.post(all, { headers: { authorization: `Basic ${token}` } })],
    [404, await edge.post(all, { path: '/v1/admin/purge' })],
    [405, await edge.post(all, { method: 'PUT' })],
    [415, await edge.post(all, { headers: { 'content-type': 'text/plain' } })],
    [400, await edge.post('{"everything":')],
    [400, await edge.post('null')],
    [400, await edge.post({})],
    [400, await edge.post({ tag: ['lamp'] })],
    [400, await edge.post({ tags: 'lamp' })],
    [413, await edge.post({ reason: 'x'.repeat(2_200_000) })],
  ] as const) {
    assert.equal(answer.status, expected, answer.body);
    assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
  }
  assert.equal(edge.proxy.stats().answerCount, 1);
});

test('on the way of all others that path is one of the origin', async () => {
  await using edge = await startWithDoor();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await ask(edge.port, '/v1/admin/purges', { method: 'POST', headers, body: '{"everything":true}' });
  assert.equal(answer.body, 'POST');
  assert.deepEqual(edge.asked, ['POST /v1/admin/purges']);
});
