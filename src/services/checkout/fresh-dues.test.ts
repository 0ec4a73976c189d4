import assert from 'node:assert/strict';
import test from 'node:test';
import { contextOn, testContext } from '../../platform/testing/context.ts';
import { testRoad } from '../../platform/testing/road.ts';
import { createFreshDues } from './fresh-dues.ts';
import { checkoutMigrations } from './migrations.ts';
import { checkoutBench } from './testing.ts';

const ctx = await testContext([checkoutMigrations]);
const road = await testRoad(ctx.database);
const bench = checkoutBench({ ...contextOn(road.database, { signer: ctx.signer }), clock: ctx.clock });
const variantIds = [bench.newVariantId(), bench.newVariantId()] as const;
for (const variantId of variantIds) await bench.grant(variantId, 100);

const dueOf = async (orderId: string) => {
  const reply = await bench.client.getDue({ params: { orderId } });
  return 'body' in reply ? reply.body : reply.status;
};
const payableOf = async (orderId: string) => {
  const reply = await bench.client.getPayable({ params: { orderId } });
  return 'body' in reply ? reply.body : reply.status;
};
async function placed(limits: readonly ({ max: number; instrumentMax?: number } | undefined)[] = [undefined]) {
  const lines = limits.map((limit, index) => ({
    variantId: variantIds[index] ?? '',
    quantity: index + 1,
    ...(limit && { limit: { limitId: bench.newVariantId(), ...limit } }),
  }));
  const quote = bench.quote(lines);
  assert.equal((await bench.place(quote)).status, 201);
  return quote.orderId;
}

test('what is due on an order that was placed here is told once without a look, and is what the database has', async () => {
  const one = { max: 3 };
  for (const limits of [[undefined], [one], [undefined, { ...one, instrumentMax: 5 }], [one, one]]) {
    const orderId = await placed(limits);
    const told: Awaited<ReturnType<typeof dueOf>>[] = [];
    const ask = () => road.countTrips(async () => void told.push(await dueOf(orderId)));
    assert.deepEqual([await ask(), await ask()], [0, 1]);
    const payable = await payableOf(orderId);
    assert.deepEqual(told, [payable, payable]);
  }
});

test('an order that has moved, or whose time to pay is over, is looked up', async () => {
  const [cancelled, paid, late] = [await placed(), await placed(), await placed()];
  await bench.cancel(cancelled);
  const body = { paymentId: bench.newVariantId(), amountMinor: 4900, currency: 'USD' };
  await bench.client.settleOrder({ params: { orderId: paid }, body });
  ctx.clock.advance(ctx.shop.payWithinMs);
  for (const [orderId, state] of [
    [cancelled, 'cancelled'],
    [paid, 'paid'],
    [late, 'placed'],
  ] as const) {
    const trips = await road.countTrips(async () => {
      const due = await dueOf(orderId);
      assert.equal(typeof due === 'object' && due.state, state);
    });
    assert.equal(trips, 1);
  }
});

test('of more orders than it may remember, the latest are remembered', () => {
  const dues = createFreshDues(2);
  const quotes = [1, 2, 3].map(() => bench.quote([{ variantId: variantIds[0], quantity: 1 }]));
  for (const quote of quotes) dues.remember(quote, 1000);
  assert.deepEqual(
    quotes.map(({ orderId }) => dues.take(orderId, 0) !== undefined),
    [false, true, true],
  );
});
