import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import test, { after } from 'node:test';
import { createIdempotencyStore } from '../../platform/api/idempotency.ts';
import { apiMigrations } from '../../platform/api/migrations.ts';
import { createHttpServer } from '../../platform/api/server.ts';
import { migrate } from '../../platform/database/migrate.ts';
import { createMetrics } from '../../platform/telemetry/metrics.ts';
import { roomBench, well } from './testing.ts';

const bench = await roomBench();
const { ctx, service } = bench;
await migrate(ctx.database, [apiMigrations]);

/** The same rooms twice: behind the gate, and by the route alone. */
async function serve(gates: boolean): Promise<string> {
  const server = createHttpServer({
    services: [service],
    admin: { isAdmin: () => false },
    log: ctx.log,
    metrics: createMetrics({ withProcess: false }),
    clock: ctx.clock,
    info: { title: 'Test', version: '0' },
    readiness: async () => [],
    idempotency: createIdempotencyStore(ctx),
    gates: gates ? [service.pollGate] : [],
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  after(() => server.close());
  return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
}
const gated = await serve(true);
const plain = await serve(false);
const polls = () => ctx.metrics.series('onrush_waiting_room_polls_total')[0]?.value ?? 0;

const roomId = await bench.newRoom({ switchedBy: 'hand', isOn: true, pacePerSMax: 0.1 });
await bench.ticks(1);
await bench.takeMany(roomId, 3);
const { ticket } = await bench.take(roomId);
const path = `/v1/waiting-rooms/${roomId}/ticket`;

async function poll(base: string, token: string | undefined, more: { path?: string; method?: string } = {}) {
  const headers = { 'x-request-id': 'a-test', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const response = await fetch(base + (more.path ?? path), { method: more.method ?? 'GET', headers });
  const told = Object.fromEntries([...response.headers].filter(([name]) => !['date', 'keep-alive'].includes(name)));
  return { status: response.status, headers: told, body: await response.text() };
}

test('a poll is answered at the gate as the route would answer it, to the byte', async () => {
  const before = polls();
  const atGate = await poll(gated, ticket);
  assert.equal(polls(), before + 1);
  const byRoute = await poll(plain, ticket);
  assert.equal(polls(), before + 1);
  assert.deepEqual(JSON.parse(atGate.body), JSON.parse(byRoute.body));
  const { 'content-length': _, ...headers } = atGate.headers;
  const { 'content-length': __, ...wanted } = byRoute.headers;
  assert.deepEqual(headers, wanted);
  assert.equal(JSON.parse(atGate.body).standing, 'waiting');
});

test('whatever is in doubt goes the way of every request, and is answered the same', async () => {
  const before = polls();
  const cases: [string | undefined, { path?: string; method?: string }][] = [
    [undefined, {}],
    ['garbage', {}],
    [`${ticket}x`, {}],
    [ticket, { path: `${path}?x=1` }],
    [ticket, { path: `/v1/waiting-rooms/${bench.anyId()}/ticket` }],
    [ticket, { path: path.replace(roomId, 'x'.repeat(36)) }],
    [ticket, { method: 'DELETE' }],
  ];
  for (const [token, more] of cases) {
    const [atGate, byRoute] = [await poll(gated, token, more), await poll(plain, token, more)];
    assert.deepEqual(atGate, byRoute, JSON.stringify(more));
    assert(more.path?.includes('?') || atGate.status >= 400, `${atGate.status}`);
  }
  assert.equal(polls(), before);
});

test('a million polls would be no statement: a poll asks the database nothing', async () => {
  let statements = 0;
  const { run } = ctx.database;
  Object.assign(ctx.database, {
    run: (statement: never) => {
      statements += 1;
      return run(statement);
    },
  });
  for (let index = 0; index < 20; index++) assert.equal((await poll(gated, ticket)).status, 200);
  for (let index = 0; index < 20; index++) well(await bench.ask(roomId, ticket));
  assert.equal(statements, 0);
});
