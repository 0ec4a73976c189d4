import assert from 'node:assert/strict';
import test from 'node:test';
import { contextOn, testContext } from '../../platform/testing/context.ts';
import { testRoad } from '../../platform/testing/road.ts';
import type { Quote } from '../quote/api.ts';
import { checkoutMigrations } from './migrations.ts';
import { checkoutBench } from './testing.ts';

const ctx = await testContext([checkoutMigrations]);
const road = await testRoad(ctx.database);
// One connection, and none that reads events: every trip is a lane's.
const bench = checkoutBench({ ...contextOn(road.database, { signer: ctx.signer }), clock: ctx.clock });
const variantId = bench.newVariantId();
await bench.grant(variantId, 100);

const newQuote = (change: Partial<Quote> = {}) =>
  bench.quote([{ variantId, quantity: 1, limit: { limitId: bench.newVariantId(), max: 1 } }], change);

const cases: [what: string, trips: number, status: number, request: () => Promise<{ readonly status: number }>][] = [
  ['an order is placed', 2, 201, () => bench.place(newQuote())],
  ['an order is sold out', 2, 409, () => bench.place(bench.quote([{ variantId, quantity: 101 }]))],
  // The pass is claimed when it is known that the order is new.
  ['a pass is used', 3, 201, () => bench.place(newQuote({ pass: { roomId: bench.newVariantId(), place: 1 } }))],
];
for (const [what, trips, status, request] of cases) {
  test(`${what} in ${trips} round trips`, async () => {
    assert.equal(await road.countTrips(async () => assert.equal((await request()).status, status)), trips);
  });
}

test('an order is settled in two round trips, and cancelled in two and one to read it again', async () => {
  const [paid, cancelled] = [newQuote(), newQuote()];
  for (const quote of [paid, cancelled]) await bench.place(quote);
  assert.equal(await road.countTrips(async () => assert(await bench.settle(paid, bench.newVariantId()))), 2);
  assert.equal(await road.countTrips(() => bench.cancel(cancelled.orderId)), 3);
});
