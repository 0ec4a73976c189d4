import assert from 'node:assert/strict';
import test from 'node:test';
import { isProblem } from '../../platform/api/problem.ts';
import { newId } from '../../platform/database/id.ts';
import { testContext } from '../../platform/testing/context.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { paymentMigrations } from './migrations.ts';
import { type PaymentProvider, ProviderFault } from './provider.ts';
import { anotherProcess, outcome, paymentBench, tally, testProvider } from './testing.ts';

const ctx = await testContext([checkoutMigrations, paymentMigrations]);
const provider = testProvider(ctx);

/** The test provider, with moments at which a test may step in. */
const moments: { beforeCapture: () => Promise<void>; beforeRefund: () => Promise<void> } = {
  beforeCapture: async () => {},
  beforeRefund: async () => {},
};
const watched: PaymentProvider = {
  ...provider,
  async capture(request, signal) {
    await moments.beforeCapture();
    return provider.capture(request, signal);
  },
  async refund(request, signal) {
    await moments.beforeRefund();
    return provider.refund(request, signal);
  },
};
const bench = paymentBench(ctx, provider, { provider: watched });
const otherBench = paymentBench(anotherProcess(ctx), provider, { checkoutBench: bench.orders });
await ctx.events.start();

async function paidOrder(): Promise<{ orderId: string; paymentId: string }> {
  const orderId = await bench.placeOrder();
  const reply = await bench.pay(orderId);
  assert(!isProblem(reply) && reply.body.state === 'captured', outcome(reply));
  return { orderId, paymentId: reply.body.paymentId };
}

const refundedMinor = async (orderId: string) => (await bench.paymentsOf(orderId))[0]?.refundedMinor;

test('a payment is given back in parts, and never more than it was', async () => {
  const { orderId, paymentId } = await paidOrder();
  const reply = await bench.refund(paymentId, 1000);
  assert(!isProblem(reply));
  assert.deepEqual([reply.status, reply.body.state, reply.body.amountMinor], [201, 'done', 1000]);
  const tooMuch = await bench.refund(paymentId, 3901);
  assert(isProblem(tooMuch));
  assert.deepEqual([outcome(tooMuch), tooMuch.problem.leftMinor], ['refund-exceeds-payment', 3900]);
  const rest = await bench.refund(paymentId);
  assert(!isProblem(rest));
  assert.equal(rest.body.amountMinor, 3900);
  assert.equal(outcome(await bench.refund(paymentId)), 'refund-exceeds-payment');
  assert.equal(await refundedMinor(orderId), 4900);
  assert.deepEqual(await bench.audit(), []);
});

test('one key is one refund, whoever asks and how often; another amount under it is refused', async () => {
  const { orderId, paymentId } = await paidOrder();
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? bench : otherBench).refund(paymentId, 700, 'one key')),
  );
  const refundIds = new Set(replies.map((reply) => (isProblem(reply) ? outcome(reply) : reply.body.refundId)));
  assert.equal(refundIds.size, 1);
  assert.equal(await refundedMinor(orderId), 700);
  assert.equal(outcome(await bench.refund(paymentId, 701, 'one key')), 'idempotency-key-reused');
  assert.deepEqual(await bench.audit(), []);
});

test('of many refunds that race only as many succeed as there is money for', async () => {
  const { orderId, paymentId } = await paidOrder();
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? bench : otherBench).refund(paymentId, 1000)),
  );
  assert.deepEqual(tally(replies.map(outcome)), { done: 4, 'refund-exceeds-payment': 16 });
  assert.equal(await refundedMinor(orderId), 4000);
  assert.deepEqual(await bench.audit(), []);
});

test('what does not exist or was not captured cannot be given back', async () => {
  assert.equal(outcome(await bench.refund(newId(0, ctx.clock.nowMs()))), 'not-found');
  const orderId = await bench.placeOrder();
  await bench.pay(orderId, { card: 'test-decline' });
  const [declined] = await bench.paymentsOf(orderId);
  assert.equal(outcome(await bench.refund(declined?.paymentId ?? '')), 'conflict');
});

test('a refund that the provider fails is promised, and made by recovery', async () => {
  const { orderId, paymentId } = await paidOrder();
  moments.beforeRefund = () => Promise.reject(new ProviderFault('down'));
  const reply = await bench.refund(paymentId, 4900, 'key');
  assert(!isProblem(reply));
  assert.deepEqual([reply.status, reply.body.state], [201, 'started']);
  assert.equal(outcome(await bench.refund(paymentId, 1)), 'refund-exceeds-payment', 'promised money is promised once');
  moments.beforeRefund = async () => {};
  await bench.recover();
  assert.equal(outcome(await bench.refund(paymentId, 4900, 'key')), 'done');
  assert.equal(await refundedMinor(orderId), 4900);
  assert.deepEqual(await bench.audit(), []);
});

test('cancelling a paid order gives back all that is left of it', async () => {
  const { orderId, paymentId } = await paidOrder();
  await bench.refund(paymentId, 1900);
  await bench.orders.cancel(orderId);
  await bench.hearOfCancellation(orderId);
  assert.equal(await refundedMinor(orderId), 4900);
  await bench.recover();
  assert.deepEqual(await bench.audit(), []);
});

test('an order that is cancelled after it was settled and before its money was taken gets it back', async () => {
  const orderId = await bench.placeOrder();
  moments.beforeCapture = async () => {
    await bench.orders.cancel(orderId);
    await bench.hearOfCancellation(orderId);
  };
  const reply = await bench.pay(orderId);
  moments.beforeCapture = async () => {};
  assert(!isProblem(reply));
  assert.deepEqual([reply.body.state, reply.body.refundedMinor], ['captured', 4900]);
  await bench.recover();
  assert.equal(await bench.orderState(orderId), 'cancelled');
  assert.deepEqual(await bench.audit(), []);
});
