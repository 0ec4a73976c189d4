import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isProblem, problemSlug } from '../../platform/api/problem.ts';
import { sql } from '../../platform/database/sql.ts';
import { contextOn, testContext } from '../../platform/testing/context.ts';
import type { Quote } from '../quote/api.ts';
import { auditCheckout } from './audit.ts';
import { checkoutMigrations } from './migrations.ts';
import { holderStripeCount, lockHolders } from './store-unpaid.ts';
import { checkoutBench, placingLanes } from './testing.ts';
import { noUnpaidLimits } from './unpaid.ts';

const limits = { ...noUnpaidLimits, unpaidPerBuyer: 3, unpaidPerNetwork: 10, unpaidSaleUnitsPerNetwork: 6 };
const ctx = await testContext([checkoutMigrations]);
const bench = checkoutBench(ctx, limits);
const { lanes, placeOn, outcomeOf, placedCount, newNetwork } = placingLanes(ctx, bench, limits);

async function stocked(units = 1000): Promise<string> {
  const variantId = bench.newVariantId();
  await bench.grant(variantId, units);
  return variantId;
}

async function unpaidOf(column: 'buyer' | 'network', holder: string): Promise<number | undefined> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count
      from checkout.purchase_order
     where state = 'placed'
       and case ${column}::text when 'buyer' then buyer_id::text else client_prefix end = ${holder}::text`.execute(
    ctx.database,
  );
  return rows[0]?.count;
}

test('a buyer has three unpaid orders at most, is told which, and may order again when one is paid, cancelled or expired', async () => {
  const buyerId = bench.newVariantId();
  const variantId = await stocked();
  const next = () => bench.quote([{ variantId, quantity: 1 }], { buyerId });
  const quotes = [next(), next(), next()];
  for (const quote of quotes) assert.equal(outcomeOf(await bench.place(quote)), 'placed');
  const refused = await bench.place(next());
  assert(isProblem(refused));
  assert.equal(problemSlug(refused), 'too-many-unpaid');
  assert.equal(refused.status, 409);
  assert.deepEqual(new Set(refused.problem.orderIds as string[]), new Set(quotes.map(({ orderId }) => orderId)));

  const [first, second, third] = quotes;
  assert(first && second && third);
  assert.equal(outcomeOf(await bench.place(first)), 'placed', 'the same quote again is its order, limit or not');
  await bench.settle(first, bench.newVariantId());
  assert.equal(outcomeOf(await bench.place(next())), 'placed');
  assert.equal(outcomeOf(await bench.place(next())), 'too-many-unpaid');
  await bench.cancel(second.orderId);
  assert.equal(outcomeOf(await bench.place(next())), 'placed');
  assert.equal(outcomeOf(await bench.place(next())), 'too-many-unpaid');
  ctx.clock.advance(ctx.shop.payWithinMs + 1);
  await bench.service.expireOverdue();
  assert.equal(outcomeOf(await bench.place(next())), 'placed');
});

test('a buyer who clicks everywhere at once, for different things, has three unpaid orders', async () => {
  const buyerId = bench.newVariantId();
  // Each lane has a variant of its own, or the allotment's lock would make them take turns.
  const variantIds = await Promise.all(lanes.map(() => stocked()));
  const replies = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      placeOn(index, bench.quote([{ variantId: variantIds[index % lanes.length] ?? '', quantity: 1 }], { buyerId })),
    ),
  );
  assert.equal(placedCount(replies), 3);
  assert.equal(await unpaidOf('buyer', buyerId), 3);
  assert.deepEqual(await auditCheckout(ctx.database), []);
});

test('fifty sessions of one network hold ten orders; honest buyers beside them order what they like, and it comes back', async () => {
  const variantId = await stocked(60);
  const attacker = newNetwork();
  const one = () => bench.quote([{ variantId, quantity: 1 }]);
  const scalpers = Array.from({ length: 50 }, (_, index) => placeOn(index, one(), attacker));
  const honest = Array.from({ length: 50 }, (_, index) => placeOn(index, one(), newNetwork()));
  const [theirs, ours] = await Promise.all([Promise.all(scalpers), Promise.all(honest)]);
  assert.equal(placedCount(theirs), 10);
  assert.equal(placedCount(ours), 50);
  const refused = theirs.find(isProblem);
  assert.equal(refused?.problem.of, 'network');
  assert.deepEqual(refused?.problem.orderIds, [], 'others’ orders are nobody’s business');
  assert.deepEqual(await bench.allotment(variantId), { subjectId: variantId, granted: 60, reserved: 60, sold: 0 });
  ctx.clock.advance(ctx.shop.payWithinMs + 1);
  await bench.service.expireOverdue();
  assert.equal((await bench.allotment(variantId))?.reserved, 0);
  assert.equal(outcomeOf(await placeOn(0, one(), attacker)), 'placed');
});

test('an end site has forty unpaid orders at most, in however many networks, each of which has ten', async () => {
  const site = `site${bench.newVariantId()}`;
  const networks = Array.from({ length: 8 }, () => `${site}.${newNetwork()}`);
  const variantIds = await Promise.all(lanes.map(() => stocked()));
  const order = (index: number, network: string | undefined) =>
    placeOn(index, bench.quote([{ variantId: variantIds[index % lanes.length] ?? '', quantity: 1 }]), network);
  const replies = await Promise.all(Array.from({ length: 160 }, (_, index) => order(index, networks[index % 8])));
  assert.equal(placedCount(replies), 40);
  for (const network of networks) assert(Number(await unpaidOf('network', network)) <= 10);
  ctx.clock.advance(ctx.shop.payWithinMs + 1);
  await bench.service.expireOverdue();
  const again = await Promise.all(Array.from({ length: 20 }, (_, index) => order(index, networks[0])));
  assert.equal(placedCount(again), 10);
});

test('a network that orders everywhere at once, for different things, has ten unpaid orders', async () => {
  const network = newNetwork();
  const variantIds = await Promise.all(lanes.map(() => stocked()));
  const replies = await Promise.all(
    Array.from({ length: 80 }, (_, index) =>
      placeOn(index, bench.quote([{ variantId: variantIds[index % lanes.length] ?? '', quantity: 1 }]), network),
    ),
  );
  assert.equal(placedCount(replies), 10);
  assert.equal(await unpaidOf('network', network), 10);
});

test('of a variant in a sale one network holds six units unpaid, however the orders are cut; paid ones do not count', async () => {
  const variantId = await stocked();
  const network = newNetwork();
  const inSale = (quantity: number) => bench.quote([{ variantId, quantity, isInSale: true }]);
  assert.equal(outcomeOf(await placeOn(0, inSale(7), network)), 'too-many-unpaid', 'not even at once');
  const replies = await Promise.all(Array.from({ length: 12 }, (_, index) => placeOn(index, inSale(2), network)));
  assert.equal(placedCount(replies), 3);
  assert.equal(
    outcomeOf(await placeOn(0, bench.quote([{ variantId, quantity: 7 }]), network)),
    'placed',
    'not in a sale',
  );
  const other = await stocked();
  assert.equal(
    outcomeOf(await placeOn(0, bench.quote([{ variantId: other, quantity: 6, isInSale: true }]), network)),
    'placed',
    'each variant by itself',
  );
});

test('who is not counted by network is counted as a buyer only', async () => {
  const variantId = await stocked();
  const replies = await Promise.all(
    Array.from({ length: 30 }, (_, index) => placeOn(index, bench.quote([{ variantId, quantity: 7, isInSale: true }]))),
  );
  assert.equal(placedCount(replies), 30);
});

test('orders of many buyers, networks and variants at once, with payments between, never wait in a circle and never exceed a limit', async () => {
  const variantIds = await Promise.all(Array.from({ length: 4 }, () => stocked()));
  const buyerIds = Array.from({ length: 8 }, bench.newVariantId);
  const networks = Array.from({ length: 3 }, newNetwork);
  const replies = await Promise.all(
    Array.from({ length: 240 }, async (_, index) => {
      const turned = [...variantIds.slice(index % 4), ...variantIds.slice(0, index % 4)].slice(0, 2);
      const buyerId = buyerIds[(index * 7) % 8] ?? '';
      const quote = bench.quote(
        turned.map((variantId) => ({ variantId, quantity: 1, isInSale: true as const })),
        { buyerId },
      );
      const reply = await placeOn(index, quote, networks[(index * 5) % 3]);
      if (outcomeOf(reply) === 'placed' && index % 2 === 0) await bench.settle(quote, bench.newVariantId());
      return reply;
    }),
  );
  assert(replies.every((reply) => ['placed', 'too-many-unpaid'].includes(outcomeOf(reply))));
  for (const buyerId of buyerIds) assert(Number(await unpaidOf('buyer', buyerId)) <= 3);
  for (const network of networks) assert(Number(await unpaidOf('network', network)) <= 10);
  assert.deepEqual(await auditCheckout(ctx.database), []);
});

test('any sequence of placing, paying, cancelling and expiring counts what is unpaid, as a simple model does', async () => {
  const variantId = await stocked(1_000_000);
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('place' as const), buyer: fc.nat(2), network: fc.nat(1) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('pay' as const, 'cancel' as const), order: fc.nat(20) }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'expire' as const }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const buyerIds = Array.from({ length: 3 }, bench.newVariantId);
      const networks = Array.from({ length: 2 }, newNetwork);
      const orders: { quote: Quote; buyer: number; network: number; isUnpaid: boolean }[] = [];
      const unpaid = (is: (order: (typeof orders)[number]) => boolean) =>
        orders.filter((order) => order.isUnpaid && is(order)).length;
      for (const each of steps) {
        if (each.kind === 'place') {
          const { buyer, network } = each;
          const quote = bench.quote([{ variantId, quantity: 1 }], { buyerId: buyerIds[buyer] ?? '' });
          const isFree = unpaid((one) => one.buyer === buyer) < 3 && unpaid((one) => one.network === network) < 10;
          assert.equal(outcomeOf(await placeOn(0, quote, networks[network])), isFree ? 'placed' : 'too-many-unpaid');
          if (isFree) orders.push({ quote, buyer, network, isUnpaid: true });
        } else if (each.kind === 'expire') {
          ctx.clock.advance(ctx.shop.payWithinMs + 1);
          await bench.service.expireOverdue();
          for (const order of orders) order.isUnpaid = false;
        } else {
          const order = orders[each.order];
          if (order === undefined) continue;
          if (each.kind === 'pay') await bench.settle(order.quote, bench.newVariantId());
          else await bench.cancel(order.quote.orderId);
          order.isUnpaid = false;
        }
      }
    }),
    { numRuns: 25, endOnFailure: true },
  );
});

test('a sale that gives a minute has its units back after a minute, and never gives more than the shop does', async () => {
  const variantId = await stocked(10);
  const short = await bench.place(bench.quote([{ variantId, quantity: 1 }], { payWithinMs: 60_000 }));
  const long = await bench.place(bench.quote([{ variantId, quantity: 1 }], { payWithinMs: 86_400_000 }));
  assert(!isProblem(short) && !isProblem(long));
  assert.equal(short.body.payByAtMs - short.body.placedAtMs, 60_000);
  assert.equal(long.body.payByAtMs - long.body.placedAtMs, ctx.shop.payWithinMs);
  ctx.clock.advance(60_000);
  await bench.service.expireOverdue();
  assert.equal((await bench.allotment(variantId))?.reserved, 1);
});

test('a shop without limits writes orders that are counted for nobody', async () => {
  const free = checkoutBench({ ...contextOn(ctx.database, { signer: ctx.signer }), clock: ctx.clock });
  const variantId = await stocked();
  const quote = free.quote([{ variantId, quantity: 1 }]);
  await free.place(quote, 'network-x');
  const { rows } = await sql<{ isCounted: boolean; clientPrefix: string | null }>`
    select is_counted as "isCounted", client_prefix as "clientPrefix"
      from checkout.purchase_order
     where order_id = ${quote.orderId}::uuid`.execute(ctx.database);
  assert.deepEqual(rows, [{ isCounted: false, clientPrefix: null }]);
});

test('however many holders a batch has, it takes few locks', async () => {
  const holders = {
    buyerIds: Array.from({ length: 512 }, bench.newVariantId),
    networks: Array.from({ length: 512 }, newNetwork),
    sites: Array.from({ length: 512 }, newNetwork),
    subjectIds: [],
  };
  const lockCount = await ctx.database.transaction(async (tx) => {
    await lockHolders(tx, holders);
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`.execute(tx);
    return rows[0]?.count;
  });
  assert.equal(lockCount, holderStripeCount);
});
