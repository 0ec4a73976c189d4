import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import test, { after } from 'node:test';
import type { ClientLimits } from '../../platform/api/client-limits.ts';
import { createIdempotencyStore } from '../../platform/api/idempotency.ts';
import { apiMigrations } from '../../platform/api/migrations.ts';
import { createHttpServer, type HttpServerOptions } from '../../platform/api/server.ts';
import { migrate } from '../../platform/database/migrate.ts';
import { createMetrics } from '../../platform/telemetry/metrics.ts';
import { until } from '../../platform/testing/until.ts';
import { roomBench, well } from './testing.ts';

const bench = await roomBench();
const { ctx, service } = bench;
await migrate(ctx.database, [apiMigrations]);

type Gates = HttpServerOptions['gates'];

/** The same rooms with the gate, as Node sees it alone, and by the route. */
async function serve(gates: Gates, clientLimits?: ClientLimits): Promise<string> {
  const server = createHttpServer({
    services: [service],
    admin: { isAdmin: () => false },
    log: ctx.log,
    metrics: createMetrics({ withProcess: false }),
    clock: ctx.clock,
    info: { title: 'Test', version: '0' },
    readiness: async () => [],
    idempotency: createIdempotencyStore(ctx),
    gates: gates ?? [],
    ...(clientLimits && { clientLimits }),
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  after(() => server.close());
  return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
}
const onWire = await serve([service.pollGate]);
const gated = await serve([{ name: 'gate', pass: service.pollGate.pass }]);
const plain = await serve([]);
const polls = () => ctx.metrics.series('onrush_waiting_room_polls_total')[0]?.value ?? 0;

const roomId = await bench.newRoom({ switchedBy: 'hand', isOn: true, pacePerSMax: 0.1 });
await bench.ticks(1);
await bench.takeMany(roomId, 3);
const { ticket } = await bench.take(roomId);
const path = `/v1/waiting-rooms/${roomId}/ticket`;

async function poll(base: string, token: string | undefined, more: { path?: string; method?: string } = {}) {
  const headers = { 'x-request-id': 'a-test', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const response = await fetch(base + (more.path ?? path), { method: more.method ?? 'GET', headers });
  const told = Object.fromEntries(
    [...response.headers].filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name)),
  );
  return { status: response.status, headers: told, body: await response.text() };
}

test('a poll is answered on the wire and at the gate as the route would answer it, to the byte', async () => {
  const byRoute = await poll(plain, ticket);
  for (const base of [onWire, gated]) {
    const before = polls();
    const answer = await poll(base, ticket);
    assert.equal(polls(), before + 1);
    assert.deepEqual(JSON.parse(answer.body), JSON.parse(byRoute.body));
    assert.deepEqual(answer.headers, byRoute.headers);
    assert.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)));
    assert.equal(JSON.parse(answer.body).standing, 'waiting');
  }
});

test('a poll on the wire takes its share and tells of it; who has none left is left to the gates', async () => {
  let left = 2;
  const asked: string[] = [];
  const clientLimits: ClientLimits = {
    admitsConnection: () => true,
    admitsPage: () => true,
    admitOnWire({ url, headers }) {
      asked.push(`${url} ${headers.authorization}`);
      return left-- > 0 ? `ratelimit: "test";r=${left};t=1\r\n` : undefined;
    },
    isExempt: () => true,
  };
  const base = await serve([service.pollGate], clientLimits);
  const shares = [];
  for (let index = 0; index < 3; index++) {
    const { status, headers } = await poll(base, ticket);
    assert.equal(status, 200);
    shares.push(headers.ratelimit);
  }
  assert.deepEqual(shares, ['"test";r=1;t=1', '"test";r=0;t=1', undefined]);
  assert.deepEqual(asked, new Array(3).fill(`${path} Bearer ${ticket}`));
  // What is not answered here, where there is no such room or no good ticket, takes its share at the gates.
  await poll(base, ticket, { path: `/v1/waiting-rooms/${bench.anyId()}/ticket` });
  await poll(base, undefined);
  await poll(base, `${ticket}x`);
  assert.equal(asked.length, 3);
});

test('polls that are sent without waiting are answered in order, each with its own id', async () => {
  const { hostname, port } = new URL(onWire);
  const socket = connect(Number(port), hostname);
  const ids = Array.from({ length: 5 }, (_, index) => `poll-${index}`);
  const one = (id: string) =>
    `GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${ticket}\r\nX-Request-Id: ${id}\r\n\r\n`;
  socket.write(ids.map(one).join(''));
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const seen = () => [...text.matchAll(/x-request-id: (\S+)\r\n[^{]*\{[^}]*"ticket":"[^"]+"\}/g)].map(([, id]) => id);
  await until(() => seen().length === 5);
  socket.destroy();
  assert.deepEqual(seen(), ids);
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
    [ticket, { method: 'PUT' }],
  ];
  for (const [token, more] of cases) {
    const byRoute = await poll(plain, token, more);
    for (const base of [onWire, gated]) assert.deepEqual(await poll(base, token, more), byRoute, JSON.stringify(more));
    assert(more.path?.includes('?') || byRoute.status >= 400, `${byRoute.status}`);
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
  for (let index = 0; index < 20; index++) assert.equal((await poll(onWire, ticket)).status, 200);
  for (let index = 0; index < 20; index++) well(await bench.ask(roomId, ticket));
  assert.equal(statements, 0);
});

test('who leaves is told so at his next poll', async () => {
  const leaving = (await bench.take(roomId)).ticket;
  assert.equal((await poll(onWire, leaving)).status, 200);
  assert.equal((await poll(onWire, leaving, { method: 'DELETE' })).status, 204);
  assert.equal((await poll(onWire, leaving)).status, 401);
});
