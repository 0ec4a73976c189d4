import assert from 'node:assert/strict';
import test from 'node:test';
import { isProblem } from '../../platform/api/problem.ts';
import { contextOn, testContext } from '../../platform/testing/context.ts';
import { testRoad } from '../../platform/testing/road.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { checkoutBench } from '../checkout/testing.ts';
import { paymentMigrations } from './migrations.ts';
import { outcome, paymentBench, tally, testProvider } from './testing.ts';

const ctx = await testContext([checkoutMigrations, paymentMigrations]);
// One connection, and none that reads events: every trip is payment's own. Those of its peer are checkout's to count.
const road = await testRoad(ctx.database);
await road.database.ping(10_000);
const bench = paymentBench(
  { ...contextOn(road.database, { signer: ctx.signer }), clock: ctx.clock },
  testProvider(ctx),
  { checkoutBench: checkoutBench(ctx) },
);

async function tripsOf(outcomeWanted: string, request: () => ReturnType<typeof bench.pay | typeof bench.refund>) {
  return road.countTrips(async () => assert.equal(outcome(await request()), outcomeWanted));
}

test('a payment takes one round trip to begin and two to end', async () => {
  const [paid, declined] = [await bench.placeOrder(), await bench.placeOrder()];
  assert.equal(await tripsOf('captured', () => bench.pay(paid)), 3);
  assert.equal(await tripsOf('payment-declined', () => bench.pay(declined, { card: 'test-decline' })), 3);
});

test('units that are counted per card take two round trips more', async () => {
  const variantId = bench.orders.newVariantId();
  await bench.orders.grant(variantId, 1);
  const limit = { limitId: bench.orders.newVariantId(), max: 1 };
  const quote = bench.orders.quote([{ variantId, quantity: 1, limit, isInSale: true }]);
  await bench.orders.place(quote);
  assert.equal(await tripsOf('captured', () => bench.pay(quote.orderId, { card: 'test-ok-4242' })), 5);
});

test('a refund takes two round trips to be promised, two to end, and one each to be read', async () => {
  const paid = await bench.pay(await bench.placeOrder());
  assert(!isProblem(paid));
  assert.equal(await tripsOf('done', () => bench.refund(paid.body.paymentId)), 6);
});

test('four hundred payments at once share their round trips', async () => {
  const orderIds = await Promise.all(Array.from({ length: 400 }, () => bench.placeOrder()));
  let replies: Awaited<ReturnType<typeof bench.pay>>[] = [];
  const trips = await road.countTrips(async () => {
    replies = await Promise.all(orderIds.map((orderId) => bench.pay(orderId)));
  });
  assert.deepEqual(tally(replies.map(outcome)), { captured: 400 });
  // How they fall into batches is the scheduler's choice; three each would be 1,200.
  assert(trips < 400, `${trips} round trips`);
});
