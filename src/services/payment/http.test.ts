import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import test, { after } from 'node:test';
import { createIdempotencyStore } from '../../platform/api/idempotency.ts';
import { apiMigrations } from '../../platform/api/migrations.ts';
import { createHttpServer } from '../../platform/api/server.ts';
import { sql } from '../../platform/database/sql.ts';
import { testContext } from '../../platform/testing/context.ts';
import { until } from '../../platform/testing/until.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { paymentMigrations } from './migrations.ts';
import { paymentBench, testProvider } from './testing.ts';

const ctx = await testContext([apiMigrations, checkoutMigrations, paymentMigrations]);
const lost: string[] = [];
const provider = testProvider(ctx, {
  webhookUrl: () => `${origin}/v1/payments/webhooks/test`,
  webhookDelayMs: 300,
  onWebhookLost: (paymentId) => lost.push(paymentId),
});
const bench = paymentBench(ctx, provider, { providerTimeoutMs: 150 });
const bugs: unknown[] = [];
const server = createHttpServer({
  services: [bench.service],
  admin: { isAdmin: (token) => token === 'staff' },
  log: ctx.log,
  metrics: ctx.metrics,
  clock: ctx.clock,
  info: { title: 'payment', version: '0' },
  readiness: async () => [],
  idempotency: createIdempotencyStore({ database: ctx.database, clock: ctx.clock }),
  onBug: (error) => bugs.push(error),
});
await server.listen({ port: 0, host: '127.0.0.1' });
const origin = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
after(async () => {
  await provider.close();
  await server.close();
});

function post(path: string, body: unknown, headers: Record<string, string>) {
  return fetch(origin + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

function pay(orderId: string, body: unknown, key?: string) {
  const headers = { authorization: `Bearer ${bench.orders.keyOf(orderId)}` };
  return post(
    `/v1/orders/${orderId}/payments`,
    body,
    key === undefined ? headers : { ...headers, 'idempotency-key': key },
  );
}

/** A payment, a refund or a problem: the members that these tests look at. */
async function read(response: Response): Promise<{ state?: string; type?: string; paymentId?: string }> {
  return (await response.json()) as { state?: string; type?: string; paymentId?: string };
}

async function webhookEvents(paymentId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from payment.webhook_event where event_id like ${`%${paymentId}%`}::text`.execute(
    ctx.database,
  );
  return rows[0]?.count ?? 0;
}

async function capturedEvents(orderId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from events.outbox where key = ${orderId}::text and topic = 'payment.captured'`.execute(
    ctx.database,
  );
  return rows[0]?.count ?? 0;
}

test('an order is paid over HTTP; the same key again gives the same answer', async () => {
  const orderId = await bench.placeOrder();
  const first = await pay(orderId, { card: 'test-ok' }, 'k');
  assert.equal(first.status, 201);
  const payment = await read(first);
  assert.equal(payment.state, 'captured');
  const second = await pay(orderId, { card: 'test-ok' }, 'k');
  assert.deepEqual([second.status, await read(second)], [201, payment]);
  const other = await pay(orderId, { card: 'test-decline' }, 'k');
  assert.deepEqual([other.status, (await read(other)).type], [422, '/problems/idempotency-key-reused']);
});

test('without a key, without a card, with another field: refused before anything happens', async () => {
  const orderId = await bench.placeOrder();
  const keyless = await pay(orderId, { card: 'test-ok' });
  assert.deepEqual([keyless.status, (await read(keyless)).type], [400, '/problems/idempotency-key-missing']);
  for (const body of [
    {},
    { card: '' },
    { card: 7 },
    { card: 'x'.repeat(101) },
    { card: 'a\u0000b' },
    { card: 'test-ok', amountMinor: 1 },
    '{',
    '[]',
    'null',
  ]) {
    assert.equal((await pay(orderId, body, 'k')).status, 400, JSON.stringify(body));
  }
  assert.deepEqual(await bench.paymentsOf(orderId), []);
  const hostile = await pay(
    orderId,
    { card: "x'; drop table payment.payment; --" },
    "'; drop table payment.payment; --",
  );
  assert.equal(hostile.status, 402);
});

test('an answer that never comes: 202 now, and the webhook pays the order', async () => {
  const orderId = await bench.placeOrder();
  const reply = await pay(orderId, { card: 'test-timeout' }, 'k');
  assert.deepEqual([reply.status, (await read(reply)).state], [202, 'started']);
  await until(async () => (await bench.orderState(orderId)) === 'paid', { what: 'the webhook pays the order' });
  await until(async () => (await bench.paymentsOf(orderId))[0]?.state === 'captured', { what: 'the money is taken' });
  const again = await pay(orderId, { card: 'test-timeout' }, 'k');
  assert.deepEqual([again.status, (await read(again)).state], [201, 'captured']);
  assert.deepEqual(await bench.audit(), []);
});

test('an answer that comes twice more by webhook has one effect', async () => {
  const orderId = await bench.placeOrder();
  const reply = await pay(orderId, { card: 'test-twice' }, 'k');
  const { paymentId = '' } = await read(reply);
  assert.equal(reply.status, 201);
  await provider.webhooksDone();
  assert.equal(await webhookEvents(paymentId), 1);
  assert.equal(await capturedEvents(orderId), 1);
  assert.deepEqual(await bench.audit(), []);
});

test('a webhook with a wrong signature is answered 401 and changes nothing', async () => {
  const orderId = await bench.placeOrder();
  await pay(orderId, { card: 'test-error' }, 'k');
  const [payment] = await bench.paymentsOf(orderId);
  const body = { id: 'e', type: 'payment.authorised', paymentId: payment?.paymentId };
  for (const headers of [{}, { signature: 't=1,v1=00' }]) {
    assert.equal((await post('/v1/payments/webhooks/test', body, headers as Record<string, string>)).status, 401);
  }
  assert.equal((await bench.paymentsOf(orderId))[0]?.state, 'started');
});

test('refunds are for staff, and kept by their key', async () => {
  const orderId = await bench.placeOrder();
  const { paymentId } = await read(await pay(orderId, { card: 'test-ok' }, 'k'));
  const path = `/v1/admin/payments/${paymentId}/refunds`;
  assert.equal(
    (await post(path, { amountMinor: 100 }, { authorization: 'Bearer buyer', 'idempotency-key': 'r' })).status,
    401,
  );
  const staff = { authorization: 'Bearer staff', 'idempotency-key': 'r' };
  const first = await post(path, { amountMinor: 100, reason: 'späte Lieferung' }, staff);
  assert.equal(first.status, 201);
  const second = await post(path, { amountMinor: 100, reason: 'späte Lieferung' }, staff);
  assert.deepEqual(await read(second), await read(first));
  assert.equal((await post(path, { amountMinor: 4801 }, { ...staff, 'idempotency-key': 'r2' })).status, 409);
  assert.deepEqual(await bench.audit(), []);
});

test('none of this was a bug, and no webhook was lost', () => {
  assert.deepEqual(bugs, []);
  assert.deepEqual(lost, []);
});
