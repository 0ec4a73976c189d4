import assert from 'node:assert/strict';
import test from 'node:test';
import { isProblem, problemSlug } from '../../platform/api/problem.ts';
import { newId } from '../../platform/database/id.ts';
import { sql } from '../../platform/database/sql.ts';
import { testContext } from '../../platform/testing/context.ts';
import { until } from '../../platform/testing/until.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { checkoutBench } from '../checkout/testing.ts';
import { balances } from './ledger.ts';
import { paymentMigrations } from './migrations.ts';
import { anotherProcess, outcome, paymentBench, tally, testProvider } from './testing.ts';

const ctx = await testContext([checkoutMigrations, paymentMigrations]);
const provider = testProvider(ctx);
const bench = paymentBench(ctx, provider, { providerTimeoutMs: 400 });
// A second process on the same database, beside the same checkout and provider.
const otherBench = paymentBench(anotherProcess(ctx), provider, { providerTimeoutMs: 400, checkoutBench: bench.orders });

async function eventsOf(orderId: string): Promise<string[]> {
  const { rows } = await sql<{ topic: string }>`
    select topic from events.outbox where key = ${orderId}::text and topic like 'payment.%' order by id`.execute(
    ctx.database,
  );
  return rows.map(({ topic }) => topic);
}

test('a payment that succeeds pays the order, takes the money once, books it and says so', async () => {
  const orderId = await bench.placeOrder();
  const reply = await bench.pay(orderId);
  assert(!isProblem(reply) && reply.status === 201);
  const { paymentId, state, amountMinor, refundedMinor, currency } = reply.body;
  assert.deepEqual(
    { state, amountMinor, refundedMinor, currency },
    { state: 'captured', amountMinor: 4900, refundedMinor: 0, currency: 'USD' },
  );
  assert.equal(await bench.orderState(orderId), 'paid');
  const charge = provider.charges().find((one) => one.paymentId === paymentId);
  assert.equal(charge?.state, 'captured');
  const { rows: entries } = await sql<{ movementId: string; account: string; currency: string; amountMinor: number }>`
    select movement_id as "movementId", account, currency, amount_minor as "amountMinor"
      from payment.ledger_entry where movement_id = ${paymentId}::uuid`.execute(ctx.database);
  assert.deepEqual(
    balances(entries),
    new Map([
      ['provider:test:receivable USD', 4900],
      ['orders:revenue USD', -4900],
    ]),
  );
  assert.deepEqual(await eventsOf(orderId), ['payment.captured']);
  const list = await bench.client.listPayments({ params: { orderId } }, { credential: bench.orders.keyOf(orderId) });
  assert(!isProblem(list));
  assert.deepEqual(list.body.items, [reply.body]);
});

test('a retry is given the first answer, on any process; another body under the key is refused', async () => {
  const orderId = await bench.placeOrder();
  const first = await bench.pay(orderId);
  assert.deepEqual(await bench.pay(orderId), first);
  assert.deepEqual(await otherBench.pay(orderId), first);
  assert.equal(outcome(await bench.pay(orderId, { card: 'test-decline' })), 'idempotency-key-reused');
  assert.equal(outcome(await bench.pay(orderId, { key: 'another key' })), 'order-not-payable');
  assert.equal((await bench.paymentsOf(orderId)).length, 1);
});

test('a declined card charges nothing, says why, and leaves the order to another card', async () => {
  const orderId = await bench.placeOrder();
  const declined = await bench.pay(orderId, { card: 'test-decline' });
  assert(isProblem(declined));
  assert.deepEqual([declined.status, declined.problem.declineReason], [402, 'insufficient-funds']);
  assert.deepEqual(await bench.pay(orderId, { card: 'test-decline' }), declined);
  assert.equal(outcome(await bench.pay(orderId, { card: 'a card of nobody', key: '2' })), 'payment-declined');
  assert.equal(outcome(await bench.pay(orderId, { key: '3' })), 'captured');
  assert.deepEqual(await eventsOf(orderId), ['payment.declined', 'payment.declined', 'payment.captured']);
});

test('without the key of the order nothing is told or done', async () => {
  const [orderId, otherId] = [await bench.placeOrder(), await bench.placeOrder()];
  const attempts = [
    [{ idempotencyKey: 'k' }, 'unauthorised'],
    [{ idempotencyKey: 'k', credential: '' }, 'not-found'],
    [{ idempotencyKey: 'k', credential: bench.orders.keyOf(otherId) }, 'not-found'],
    [{ credential: bench.orders.keyOf(orderId) }, 'idempotency-key-missing'],
    [{ credential: bench.orders.keyOf(orderId), idempotencyKey: 'x\u0000y' }, 'bad-request'],
    [{ credential: bench.orders.keyOf(orderId), idempotencyKey: 'x'.repeat(256) }, 'bad-request'],
  ] as const;
  for (const [call, slug] of attempts) {
    const reply = await bench.client.createPayment({ params: { orderId }, body: { card: 'test-ok' } }, call);
    assert.equal(outcome(reply), slug);
  }
  const listed = await bench.client.listPayments({ params: { orderId } }, { credential: bench.orders.keyOf(otherId) });
  assert(isProblem(listed));
  assert.deepEqual(await bench.paymentsOf(orderId), []);

  const unknownId = newId(0, ctx.clock.nowMs());
  assert.equal(outcome(await bench.pay(unknownId)), 'not-found');
});

test('an order that was cancelled cannot be paid, and nothing is charged', async () => {
  const orderId = await bench.placeOrder();
  await bench.orders.cancel(orderId);
  assert.equal(outcome(await bench.pay(orderId)), 'order-not-payable');
  assert.deepEqual(await bench.paymentsOf(orderId), []);
});

test('an order that another process cancelled cannot be paid where it was placed, and its money is released', async () => {
  const orderId = await bench.placeOrder();
  await checkoutBench(anotherProcess(ctx)).cancel(orderId);
  assert.equal(outcome(await bench.pay(orderId)), 'order-not-payable');
  assert.deepEqual(
    (await bench.paymentsOf(orderId)).map(({ state }) => state),
    ['voided'],
  );
  assert.equal(outcome(await bench.pay(orderId, { key: 'another key' })), 'order-not-payable');
  assert.equal((await bench.paymentsOf(orderId)).length, 1);
  assert.deepEqual(await bench.audit(), []);
});

test('an order that is paid in another process keeps that money alone, whatever is sent where it was placed', async () => {
  const elsewhere = anotherProcess(ctx);
  const paying = paymentBench(elsewhere, provider, { checkoutBench: checkoutBench(elsewhere) });
  const orderId = await bench.placeOrder();
  const paid = await paying.pay(orderId, { key: 'elsewhere' });
  assert.equal(outcome(paid), 'captured');
  // The first is begun on what was due when the order was placed, or finds what is there.
  const late = await Promise.all(['here', 'elsewhere', 'here too', 'here'].map((key) => bench.pay(orderId, { key })));
  assert.deepEqual(late[1], paid);
  assert(late.every((reply, index) => index === 1 || outcome(reply) !== 'captured'));
  const states = (await bench.paymentsOf(orderId)).map(({ state }) => state);
  assert.deepEqual(tally(states), { captured: 1, voided: 1 });
  assert.equal(await bench.orderState(orderId), 'paid');
  assert.deepEqual(await bench.audit(), []);
});

test('an order that expires elsewhere is not paid by who still counts on its time, nor where the clock was set back', async () => {
  const orderId = await bench.placeOrder();
  ctx.clock.advance(ctx.shop.payWithinMs);
  assert((await checkoutBench(anotherProcess(ctx)).service.expireOverdue()) > 0);
  // What was due is still in memory here, and by this clock can still be paid.
  ctx.clock.advance(-1000);
  assert.equal(outcome(await bench.pay(orderId)), 'order-not-payable');
  assert.deepEqual(
    (await bench.paymentsOf(orderId)).map(({ state }) => state),
    ['voided'],
  );
  ctx.clock.advance(1000);
  assert.deepEqual(await bench.audit(), []);
});

test('an order that is cancelled while its payment is authorised gets its money released', async () => {
  const orderId = await bench.placeOrder();
  const paying = bench.pay(orderId, { card: 'test-slow-100' });
  await bench.orders.cancel(orderId);
  assert.equal(outcome(await paying), 'order-not-payable');
  assert.deepEqual(
    (await bench.paymentsOf(orderId)).map(({ state }) => state),
    ['voided'],
  );
  assert.deepEqual(await bench.audit(), []);
});

test('fifty requests with one key at once, on two processes, are one charge', async () => {
  const orderId = await bench.placeOrder();
  const replies = await Promise.all(
    Array.from({ length: 50 }, (_, index) => (index % 2 ? bench : otherBench).pay(orderId, { card: 'test-slow-20' })),
  );
  const words = tally(replies.map(outcome));
  assert.equal((words.captured ?? 0) + (words['idempotency-key-in-flight'] ?? 0), 50);
  assert((words.captured ?? 0) >= 1);
  assert.equal((await bench.paymentsOf(orderId)).length, 1);
  assert.deepEqual(await eventsOf(orderId), ['payment.captured']);
  assert.equal(outcome(await bench.pay(orderId, { card: 'test-slow-20' })), 'captured');
  assert.deepEqual(await bench.audit(), []);
});

test('of twenty payments that race for one order one is captured, and the money of the others is let go', async () => {
  const orderId = await bench.placeOrder();
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? bench : otherBench).pay(orderId, { key: `key ${index}` })),
  );
  assert.deepEqual(tally(replies.map(outcome)), { captured: 1, 'order-not-payable': 19 });
  const states = tally((await bench.paymentsOf(orderId)).map(({ state }) => state));
  assert.equal(states.captured, 1);
  assert.equal(states.started, undefined);
  assert.deepEqual(await bench.audit(), []);
});

test('a provider that fails is asked again by recovery; meanwhile the answer is 202', async () => {
  const orderId = await bench.placeOrder();
  const reply = await bench.pay(orderId, { card: 'test-error' });
  assert(!isProblem(reply));
  assert.deepEqual([reply.status, reply.body.state], [202, 'started']);
  assert.deepEqual(await bench.pay(orderId, { card: 'test-error' }), reply, 'a retry while it waits is told the same');
  await bench.recover();
  assert.equal(await bench.orderState(orderId), 'paid');
  assert.equal(outcome(await bench.pay(orderId, { card: 'test-error' })), 'captured');
  assert.deepEqual(await bench.audit(), []);
});

test('a provider that does not answer in time is asked again by the buyer’s retry, once the lease is over', async () => {
  const orderId = await bench.placeOrder();
  const reply = await bench.pay(orderId, { card: 'test-slow-600' });
  assert.equal(reply.status, 202);
  ctx.clock.advance(20_000);
  assert.equal(outcome(await bench.pay(orderId, { card: 'test-slow-600' })), 'captured');
  assert.deepEqual(await bench.audit(), []);
});

test('an order that costs nothing is paid without asking anybody, and moves nothing', async () => {
  const chargesBefore = provider.charges().length;
  const orderId = await bench.placeOrder(0);
  const reply = await bench.pay(orderId);
  assert(!isProblem(reply));
  assert.deepEqual([reply.status, reply.body.amountMinor], [201, 0]);
  assert.equal(await bench.orderState(orderId), 'paid');
  assert.equal(provider.charges().length, chargesBefore);
  assert.deepEqual(await bench.audit(), []);
});

test('what a webhook tells counts once, however often and whenever it comes', async () => {
  const orderId = await bench.placeOrder();
  const paying = bench.pay(orderId, { card: 'test-slow-100' });
  await until(async () => (await bench.paymentsOf(orderId)).length === 1, { what: 'the payment has begun' });
  const paymentId = (await bench.paymentsOf(orderId))[0]?.paymentId ?? '';
  // The slow card keeps its own answer back: the webhook is first.
  const news = { id: 'evt_1', type: 'payment.authorised', paymentId, reference: `test_${paymentId}` };
  const told = await Promise.all([bench.tell(news), otherBench.tell(news), bench.tell({ ...news, id: 'evt_2' })]);
  for (const reply of told) assert.deepEqual(reply, { status: 200, body: { isKnown: true } });
  assert.equal((await bench.paymentsOf(orderId))[0]?.state, 'captured');
  assert.equal(outcome(await paying), 'captured');
  assert.deepEqual(await bench.tell(news), { status: 200, body: { isKnown: true } });
  assert.deepEqual(await eventsOf(orderId), ['payment.captured']);
  assert.deepEqual(await bench.audit(), []);
});

test('late news that contradicts how a payment ended changes nothing', async () => {
  const orderId = await bench.placeOrder();
  const reply = await bench.pay(orderId);
  assert(!isProblem(reply));
  const { paymentId } = reply.body;
  for (const type of ['payment.declined', 'payment.voided', 'payment.captured', 'payment.authorised']) {
    const told = await bench.tell({ id: `evt_${type}_${paymentId}`, type, paymentId });
    assert.deepEqual(told, { status: 200, body: { isKnown: true } });
  }
  assert.equal((await bench.paymentsOf(orderId))[0]?.state, 'captured');
  assert.deepEqual(await eventsOf(orderId), ['payment.captured']);
  assert.deepEqual(await bench.audit(), []);
});

test('a webhook is believed only with a signature; one of unknown payments is no error', async () => {
  const paymentId = newId(0, ctx.clock.nowMs());
  const news = { id: 'evt', type: 'payment.authorised', paymentId };
  const forged = await bench.tell(news, 'a guess');
  assert(isProblem(forged));
  assert.equal(problemSlug(forged), 'unauthorised');
  for (const body of [news, { ...news, paymentId: 'x' }, { ...news, type: 'payout.created' }]) {
    assert.deepEqual(await bench.tell(body), { status: 200, body: { isKnown: false } });
  }
  const elsewhere = await bench.client.receiveWebhook({ params: { provider: 'nobody' }, body: {} }, {});
  assert(isProblem(elsewhere));
  assert.equal(elsewhere.status, 404);
});

test('an order has twenty payments, also when two processes are sent many more at once; known keys are still answered', async () => {
  const orderId = await bench.placeOrder();
  const decline = (index: number) =>
    (index % 2 ? bench : otherBench).pay(orderId, { card: 'test-decline', key: `card ${index % 60}` });
  const replies = await Promise.all(Array.from({ length: 120 }, (_, index) => decline(index)));
  assert.equal((await bench.paymentsOf(orderId)).length, 20);
  const keys = (await bench.paymentsOf(orderId)).map(({ idempotencyKey }) => idempotencyKey);
  for (const [index, reply] of replies.entries()) {
    const isBegun = keys.includes(`card ${index % 60}`);
    assert.equal(outcome(reply) !== 'too-many-requests', isBegun, outcome(reply));
  }
  const refused = await bench.pay(orderId, { key: 'one more' });
  assert(isProblem(refused));
  assert.deepEqual([refused.status, problemSlug(refused)], [429, 'too-many-requests']);
  assert(Number(refused.headers?.['retry-after']) > 0);
  assert.equal(outcome(await bench.pay(orderId, { card: 'test-decline', key: keys[0] ?? '' })), 'payment-declined');
  assert.equal(await bench.orderState(orderId), 'placed');
  // Other orders have their own.
  assert.equal(outcome(await bench.pay(await bench.placeOrder())), 'captured');
});

test('of two cards under one key at once, the one that is charged is the one that is written down', async () => {
  const orderId = await bench.placeOrder();
  const cards = ['test-error', 'test-ok', 'test-decline'];
  const replies = await Promise.all(cards.map((card) => bench.pay(orderId, { card })));
  assert.deepEqual(tally(replies.map(outcome)), { started: 1, 'idempotency-key-reused': 2 });
  const [payment] = await bench.paymentsOf(orderId);
  const charged = cards[replies.findIndex((reply) => !isProblem(reply))];
  assert.equal(payment?.card, charged);
});
