import assert from 'node:assert/strict';
import test from 'node:test';
import { isProblem } from '../../platform/api/problem.ts';
import { testContext } from '../../platform/testing/context.ts';
import type { Quote } from '../quote/api.ts';
import { auditCheckout } from './audit.ts';
import { checkoutMigrations } from './migrations.ts';
import { checkoutBench, placingLanes } from './testing.ts';
import { holdsOf, noUnpaidLimits } from './unpaid.ts';

const limits = { ...noUnpaidLimits, unpaidStockPercent: 50, unpaidSaleStockPercent: 10 };
const ctx = await testContext([checkoutMigrations]);
const bench = checkoutBench(ctx, limits);
const { placeOn, outcomeOf, placedCount, newNetwork } = placingLanes(ctx, bench, limits);

async function stocked(units: number): Promise<string> {
  const variantId = bench.newVariantId();
  await bench.grant(variantId, units);
  return variantId;
}

/** A guest who is new with each order, as a machine would be. */
const guest = (variantId: string, quantity = 1, inSale = true) =>
  bench.quote([{ variantId, quantity, ...(inSale && { isInSale: true as const }) }]);

test('five networks that take all they can at once freeze half of a sale of twenty units, and honest buyers get the rest', async () => {
  const variantId = await stocked(20);
  const networks = Array.from({ length: 5 }, newNetwork);
  const replies = await Promise.all(
    Array.from({ length: 200 }, (_, index) => placeOn(index, guest(variantId), networks[index % 5])),
  );
  assert.equal(placedCount(replies), 10);
  const honest = await Promise.all(
    Array.from({ length: 10 }, (_, index) => placeOn(index, guest(variantId), newNetwork())),
  );
  assert.equal(placedCount(honest), 10);
  assert.deepEqual(await auditCheckout(ctx.database), []);
});

test('of ordinary stock one network holds half of what others have left, in however many orders and guests', async () => {
  const variantId = await stocked(100);
  for (const left of [50, 25, 13]) {
    const network = newNetwork();
    await Promise.all(Array.from({ length: 120 }, (_, index) => placeOn(index, guest(variantId, 1, false), network)));
    const { granted = 0, reserved = 0 } = (await bench.allotment(variantId)) ?? {};
    assert.equal(granted - reserved, left);
  }
});

test('one buyer is bounded as a network is, from wherever he orders, and is told how much he may', async () => {
  const variantId = await stocked(20);
  const buyerId = bench.newVariantId();
  const wish = (quantity: number) => bench.quote([{ variantId, quantity }], { buyerId });
  const refused = await bench.place(wish(11));
  assert(isProblem(refused));
  const { of, held, max, orderIds, detail } = refused.problem;
  assert.deepEqual(
    [refused.status, of, refused.problem.variantId, held, max, orderIds],
    [409, 'buyer', variantId, 0, 10, []],
  );
  assert.equal(detail, 'Unpaid orders of this buyer may hold 10 units of this variant now, and hold 0. Order fewer.');
  assert.equal(refused.headers?.['retry-after'], undefined, 'waiting does not help');
  const replies = await Promise.all(Array.from({ length: 12 }, (_, index) => placeOn(index, wish(2), newNetwork())));
  assert.equal(placedCount(replies), 5);
  const full = await bench.place(wish(1));
  assert(isProblem(full));
  assert.match(full.problem.detail ?? '', / may hold 10 units of this variant now, and hold 10\. Pay first\.$/);
});

test('who is refused for what his network holds is told when to come again, and gets it when that is paid or has expired', async () => {
  const variantId = await stocked(20);
  const network = newNetwork();
  const first = guest(variantId, 2);
  assert.equal(outcomeOf(await placeOn(0, first, network)), 'placed');
  const refused = await placeOn(1, guest(variantId), network);
  assert(isProblem(refused));
  assert.deepEqual([refused.problem.of, refused.problem.held, refused.problem.max], ['network', 2, 2]);
  assert.equal(refused.headers?.['retry-after'], '10');
  await bench.settle(first, bench.newVariantId());
  assert.equal(outcomeOf(await placeOn(2, guest(variantId, 2), network)), 'placed');
  assert.equal(outcomeOf(await placeOn(3, guest(variantId), network)), 'too-many-unpaid');
  ctx.clock.advance(ctx.shop.payWithinMs + 1);
  await bench.service.expireOverdue();
  assert.equal(outcomeOf(await placeOn(0, guest(variantId), network)), 'placed');
});

for (const units of [1, 2, 3, 4, 5]) {
  test(`of ${units} in stock a household gets a pair if there is one, and no more of them unpaid`, async () => {
    for (const inSale of [true, false]) {
      const variantId = await stocked(units);
      const network = newNetwork();
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, index) => placeOn(index, guest(variantId, 1, inSale), network)),
      );
      assert.equal(placedCount(replies), Math.min(units, 2));
      const pair = await stocked(units);
      assert.equal(outcomeOf(await placeOn(0, guest(pair, 2, inSale), network)), units < 2 ? 'sold-out' : 'placed');
    }
  });
}

test('behind one address of a carrier sixty buyers who pay buy all sixty units', async () => {
  const variantId = await stocked(60);
  const carrier = newNetwork();
  let waiting = Array.from({ length: 60 }, () => guest(variantId));
  while (waiting.length > 0) {
    const replies = await Promise.all(waiting.map((quote, index) => placeOn(index, quote, carrier)));
    const placed = waiting.filter((_, index) => outcomeOf(replies[index] as (typeof replies)[number]) === 'placed');
    assert(placed.length > 0, `${waiting.length} of them get nothing although nobody holds anything`);
    await Promise.all(placed.map((quote) => bench.settle(quote, bench.newVariantId())));
    waiting = waiting.filter((quote) => !placed.includes(quote));
  }
  assert.equal((await bench.allotment(variantId))?.sold, 60);
});

test('what a sale announces for each buyer, each buyer can order at once', async () => {
  const variantId = await stocked(20);
  const limit = { limitId: bench.newVariantId(), max: 5 };
  const wish = (quantity: number) => bench.quote([{ variantId, quantity, limit, isInSale: true }]);
  assert.equal(outcomeOf(await placeOn(0, wish(5), newNetwork())), 'placed');
});

test('forty networks of one end site hold what four would, and the stock is not frozen by whoever rents it', async () => {
  const variantId = await stocked(100);
  const site = `site${bench.newVariantId()}`;
  const networks = Array.from({ length: 40 }, () => `${site}.${newNetwork()}`);
  const replies = await Promise.all(
    Array.from({ length: 160 }, (_, index) => placeOn(index, guest(variantId), networks[index % networks.length])),
  );
  assert.equal(placedCount(replies), 30);
  const refused = replies.find(isProblem);
  assert.deepEqual([refused?.problem.of, refused?.headers?.['retry-after']], ['site', '10']);
  assert.equal(outcomeOf(await placeOn(0, guest(variantId), `another${site}.${newNetwork()}`)), 'placed');
  assert.equal(outcomeOf(await placeOn(1, guest(variantId), newNetwork())), 'placed', 'of IPv4, which has no site');
});

test('of a limited coupon one network holds half of what others have left, and a tenth with things in a sale', async () => {
  for (const [inSale, held] of [
    [false, 10],
    [true, 2],
  ] as const) {
    const variantId = await stocked(1_000);
    const couponId = bench.newVariantId();
    await bench.grant(couponId, 20);
    const coupon = { couponId, code: 'TWENTY', discountMinor: 0, isLimited: true };
    const withCoupon = () =>
      bench.quote([{ variantId, quantity: 1, ...(inSale && { isInSale: true as const }) }], { coupon });
    const network = newNetwork();
    const quotes = Array.from({ length: 40 }, withCoupon);
    const replies = await Promise.all(quotes.map((quote, index) => placeOn(index, quote, network)));
    assert.equal(placedCount(replies), held);
    const refused = replies.find(isProblem);
    assert(refused !== undefined);
    const { of, couponCode, variantId: named, max, detail } = refused.problem;
    assert.deepEqual([of, couponCode, named, max], ['network', 'TWENTY', undefined, held]);
    assert.match(
      String(detail),
      /may hold \d+ redemptions of “TWENTY” now, and hold \d+\. Order without it, or try again/,
    );
    const placed = quotes.find((_, index) => outcomeOf(replies[index] as (typeof replies)[number]) === 'placed');
    assert(placed !== undefined);
    await bench.settle(placed, bench.newVariantId());
    assert.equal(outcomeOf(await placeOn(0, withCoupon(), newNetwork())), 'placed', 'others have it');
    assert.equal(outcomeOf(await placeOn(1, guest(variantId, 1, inSale), newNetwork())), 'placed', 'or go without');
  }
});

test('whoever is told of a coupon’s own limit for each buyer can redeem it so often', async () => {
  const variantId = await stocked(1_000);
  const couponId = bench.newVariantId();
  await bench.grant(couponId, 20);
  const coupon = { couponId, code: 'FIVE', discountMinor: 0, isLimited: true, limit: { limitId: couponId, max: 5 } };
  const buyerId = bench.newVariantId();
  const outcomes = [];
  for (let index = 0; index < 6; index++) {
    const quote = bench.quote([{ variantId, quantity: 1, isInSale: true }], { buyerId, coupon });
    const reply = await placeOn(index, quote, newNetwork());
    outcomes.push(outcomeOf(reply));
  }
  assert.deepEqual(outcomes, [...new Array(5).fill('placed'), 'limit-reached']);
});

test('an order is counted under what limits it, and what limits nothing is left out', () => {
  const variantId = bench.newVariantId();
  const [inSale, ordinary] = [guest(variantId, 3), guest(variantId, 3, false)];
  const shown = (quote: Quote, over: object, clientPrefix = 'net') =>
    holdsOf(quote, clientPrefix, { ...noUnpaidLimits, ...over }).map((hold) => [
      hold.of,
      hold.subjectId === undefined ? 'orders' : 'units',
      hold.quantity,
      hold.max,
      hold.share?.percent,
    ]);
  assert.deepEqual(shown(inSale, {}), []);
  assert.deepEqual(shown(ordinary, { unpaidPerBuyer: 3 }), [['buyer', 'orders', 1, 3, undefined]]);
  assert.deepEqual(shown(ordinary, { unpaidPerNetwork: 9 }), [['network', 'orders', 1, 9, undefined]]);
  assert.deepEqual(shown(ordinary, { unpaidSaleUnitsPerNetwork: 6, unpaidSaleStockPercent: 10 }), []);
  assert.deepEqual(shown(inSale, { unpaidSaleUnitsPerNetwork: 6 }), [['network', 'units', 3, 6, undefined]]);
  assert.deepEqual(
    shown(inSale, { unpaidSaleUnitsPerNetwork: 6, unpaidSaleStockPercent: 10, unpaidStockPercent: 50 }),
    [
      ['buyer', 'units', 3, Number.POSITIVE_INFINITY, 10],
      ['network', 'units', 3, 6, 10],
    ],
  );
  const ofSite = { unpaidPerNetwork: 9, unpaidSaleUnitsPerNetwork: 6, unpaidSaleStockPercent: 100 };
  assert.deepEqual(
    shown(inSale, ofSite, 'site.net').filter(([of]) => of !== 'buyer'),
    [
      ['network', 'orders', 1, 9, undefined],
      ['network', 'units', 3, 6, 100],
      ['site', 'orders', 1, 36, undefined],
      ['site', 'units', 3, 24, 100],
    ],
  );
  assert.deepEqual(shown(inSale, {}, 'site.net'), []);
});
