import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import test, { after } from 'node:test';
import { createIdempotencyStore } from '../../platform/api/idempotency.ts';
import { apiMigrations } from '../../platform/api/migrations.ts';
import { createHttpServer } from '../../platform/api/server.ts';
import { testContext } from '../../platform/testing/context.ts';
import type { Pulse } from './api.ts';
import { pulseBench, pulseTestMigrations, staffToken } from './testing.ts';

// The wall as browsers meet it.
const ctx = await testContext([apiMigrations, ...pulseTestMigrations]);
const bench = pulseBench(ctx);
const server = createHttpServer({
  services: [bench.service, bench.orders.service],
  admin: { isAdmin: (token) => token === staffToken },
  log: ctx.log,
  metrics: ctx.metrics,
  clock: ctx.clock,
  info: { title: 'Test', version: '1' },
  readiness: async () => [],
  idempotency: createIdempotencyStore(ctx),
  limits: { streamsPerResourceMax: 2 },
});
const url = await server.listen({ host: '127.0.0.1', port: 0 });
const { port } = server.server.address() as AddressInfo;
after(async () => {
  await server.close();
  await bench.service.stop?.();
});
const key = bench.key.credential;

/** Reads a stream event by event. */
async function watch(path = `/v1/pulse/events?key=${key}`) {
  const controller = new AbortController();
  const response = await fetch(url + path, { signal: controller.signal });
  assert.equal(response.status, 200);
  assert(response.body !== null);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  return {
    async next(): Promise<{ event: string; data: Pulse }> {
      for (;;) {
        const end = rest.indexOf('\n\n');
        if (end >= 0) {
          const lines = rest.slice(0, end).split('\n');
          rest = rest.slice(end + 2);
          const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
          const data = field('data');
          if (data !== undefined) return { event: field('event') ?? '', data: JSON.parse(data) };
          continue;
        }
        const { value, done } = await reader.read();
        assert(!done, 'the stream goes on');
        rest += value;
      }
    },
    close: () => controller.abort(),
  };
}

test('without its key the wall is 401, with it in the link it opens', async () => {
  assert.equal((await fetch(`${url}/v1/pulse`)).status, 401);
  assert.equal((await fetch(`${url}/v1/pulse/events`)).status, 401);
  assert.equal((await fetch(`${url}/v1/pulse?key=wrong`)).status, 401);
  assert.equal((await fetch(`${url}/v1/pulse?key=${key}`)).status, 200);
  assert.equal((await fetch(`${url}/v1/pulse`, { headers: { authorization: `Bearer ${staffToken}` } })).status, 200);
  assert.equal((await fetch(`${url}/v1/admin/wall-link`)).status, 401);
});

test('more may watch the wall than any one order', async () => {
  const watchers = await Promise.all([watch(), watch(), watch(), watch()]);
  for (const watcher of watchers) assert.equal((await watcher.next()).event, 'snapshot');
  for (const watcher of watchers) watcher.close();
});

test('a watcher who stops reading holds nobody up', async () => {
  const variantId = bench.orders.newVariantId();
  await bench.orders.grant(variantId, 1_000);
  const stuck = connect(port, '127.0.0.1');
  stuck.write(`GET /v1/pulse/events?key=${key} HTTP/1.1\r\nhost: x\r\n\r\n`);
  await once(stuck, 'readable');
  stuck.pause();
  const watcher = await watch();
  let last = (await watcher.next()).data.atMs;
  for (let second = 0; second < 50; second++) {
    ctx.clock.advance(1_000);
    const next = watcher.next();
    await bench.turn();
    const { data } = await next;
    assert.equal(data.atMs, last + 1_000);
    last = data.atMs;
  }
  watcher.close();
  stuck.destroy();
});

test('refusals are counted by how important what they refused was', async () => {
  const before = ctx.metrics.series('onrush_http_shed_total').find(({ labels }) => labels.importance === 'deferrable');
  const watchers = await Promise.all([watch(), watch()]);
  for (const watcher of watchers) await watcher.next();
  const order = bench.orders.quote([{ variantId: bench.orders.newVariantId(), quantity: 1 }]);
  // A lane that has stopped refuses with 503: a core route.
  await bench.orders.service.stop?.();
  const body = JSON.stringify({ quote: ctx.signer.sign('quote', order) });
  const refused = await fetch(`${url}/v1/orders`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(refused.status, 503);
  const shed = (importance: string) =>
    ctx.metrics.series('onrush_http_shed_total').find(({ labels }) => labels.importance === importance)?.value;
  assert.equal(shed('core'), 1);
  assert.equal(shed('deferrable') ?? 0, before?.value ?? 0);
  for (const watcher of watchers) watcher.close();
});
