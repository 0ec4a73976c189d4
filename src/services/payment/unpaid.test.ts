import assert from 'node:assert/strict';
import test from 'node:test';
import { isProblem } from '../../platform/api/problem.ts';
import { sql } from '../../platform/database/sql.ts';
import { testContext } from '../../platform/testing/context.ts';
import { until } from '../../platform/testing/until.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { auditPayments } from './audit.ts';
import { paymentMigrations } from './migrations.ts';
import type { PaymentProvider } from './provider.ts';
import { anotherProcess, outcome, type PaymentBench, paymentBench, testProvider } from './testing.ts';

const ctx = await testContext([checkoutMigrations, paymentMigrations]);
const errors: string[] = [];
const log = Object.assign(Object.create(ctx.log), {
  error: (_fields: unknown, message: string) => errors.push(message),
});
const provider = testProvider(ctx);
const unpaidError = 'an order is paid by a payment that the provider has let go';

/** A shop whose provider answers a capture as given. */
function shop(capture: PaymentProvider['capture'], change: Partial<PaymentProvider> = {}): PaymentBench {
  const lossy: PaymentProvider = { ...provider, capture, ...change };
  return paymentBench({ ...anotherProcess(ctx), log }, provider, { provider: lossy });
}
const noAnswer = () => Promise.reject(new Error('no answer'));

async function announced(orderId: string): Promise<[topic: string, isOrderSettled: boolean | null][]> {
  const { rows } = await sql<{ topic: string; isOrderSettled: boolean | null }>`
    select topic, (payload::jsonb ->> 'isOrderSettled')::boolean as "isOrderSettled" from events.outbox where key = ${orderId}::text and topic like 'payment.%' order by id`.execute(
    ctx.database,
  );
  return rows.map(({ topic, isOrderSettled }) => [topic, isOrderSettled]);
}

async function paymentOf(bench: PaymentBench, orderId: string) {
  const [payment] = await bench.paymentsOf(orderId);
  assert(payment);
  return payment;
}

async function assertKnownUnpaid(bench: PaymentBench, orderId: string): Promise<void> {
  const { paymentId, state } = await paymentOf(bench, orderId);
  assert.equal(await bench.orderState(orderId), 'paid');
  assert.deepEqual((await announced(orderId)).at(-1), ['payment.voided', true]);
  assert.deepEqual(errors.splice(0), [unpaidError]);
  const findings = await auditPayments(ctx.database, 1000);
  assert(findings.includes(`order ${orderId} is paid by payment ${paymentId}, which is ${state}`));
}

for (const type of ['payment.voided', 'payment.declined']) {
  test(`${type} by webhook, after a capture without an answer: the order is known to be paid without money`, async () => {
    const bench = shop(noAnswer);
    const orderId = await bench.placeOrder();
    assert.equal((await bench.pay(orderId)).status, 202);
    const { paymentId } = await paymentOf(bench, orderId);
    const news = { id: `evt_${paymentId}`, type, paymentId };
    assert.equal((await bench.tell(news)).status, 200);
    assert.equal((await paymentOf(bench, orderId)).state, 'voided');
    await assertKnownUnpaid(bench, orderId);
    await bench.tell(news);
    assert.equal((await announced(orderId)).length, 1);
    assert.deepEqual(errors, []);
  });
}

test('the same, where recovery is answered that the money is gone, in authorising or in capturing', async () => {
  let isGone = false;
  const gone = { kind: 'voided' } as const;
  for (const change of [
    {
      authorise: async (...args: Parameters<PaymentProvider['authorise']>) =>
        isGone ? gone : provider.authorise(...args),
    },
    {},
  ]) {
    isGone = false;
    const bench = shop(async () => (isGone ? gone : noAnswer()), change);
    const orderId = await bench.placeOrder();
    assert.equal((await bench.pay(orderId)).status, 202);
    isGone = true;
    await bench.recover();
    await assertKnownUnpaid(bench, orderId);
  }
});

test('the same, where the buyer’s own request is told in capturing', async () => {
  const bench = shop(async () => ({ kind: 'voided' }));
  const orderId = await bench.placeOrder();
  assert.equal(outcome(await bench.pay(orderId)), 'order-not-payable');
  await assertKnownUnpaid(bench, orderId);
});

test('news that the money is gone waits while somebody at work may still settle the order, and settles nothing itself', async () => {
  const bench = shop(provider.capture);
  const orderId = await bench.placeOrder();
  const paying = bench.pay(orderId, { card: 'test-slow-100' });
  await until(async () => (await bench.paymentsOf(orderId)).length === 1, { what: 'the payment has begun' });
  const { paymentId } = await paymentOf(bench, orderId);
  const news = { id: `evt_${paymentId}`, type: 'payment.voided', paymentId };
  assert.equal(outcome((await bench.tell(news)) as never), 'unavailable');
  assert.equal((await paymentOf(bench, orderId)).state, 'started');
  assert.equal(outcome(await paying), 'captured');

  // Nobody is at work on this one.
  const silent = shop(provider.capture, { authorise: noAnswer });
  const otherId = await silent.placeOrder();
  assert.equal((await silent.pay(otherId)).status, 202);
  const other = await paymentOf(silent, otherId);
  ctx.clock.advance(60_000);
  assert.equal(
    (await silent.tell({ id: 'evt_other', type: 'payment.voided', paymentId: other.paymentId })).status,
    200,
  );
  assert.equal(await silent.orderState(otherId), 'placed');
  assert.deepEqual(await announced(otherId), [['payment.voided', false]]);
  assert.deepEqual(errors, []);
});

test('while checkout cannot be asked, nothing ends', async () => {
  const orders = shop(noAnswer);
  const orderId = await orders.placeOrder();
  assert.equal((await orders.pay(orderId)).status, 202);
  const { paymentId } = await paymentOf(orders, orderId);
  const getPayable = () => Promise.reject(new Error('not reachable'));
  const checkout = { ...orders.orders.client, getPayable };
  const cut = paymentBench({ ...anotherProcess(ctx), log }, provider, { checkout, checkoutBench: orders.orders });
  const news = { id: `evt_${paymentId}`, type: 'payment.voided', paymentId };
  const reply = await cut.tell(news);
  assert(isProblem(reply));
  assert.equal((await paymentOf(orders, orderId)).state, 'started');
  await orders.tell(news);
  await assertKnownUnpaid(orders, orderId);
});
