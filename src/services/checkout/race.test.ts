import assert from 'node:assert/strict';
import test from 'node:test';
import { connectInProcess } from '../../platform/api/in-process.ts';
import { isProblem, problemSlug } from '../../platform/api/problem.ts';
import { sql } from '../../platform/database/sql.ts';
import { contextOn, testContext } from '../../platform/testing/context.ts';
import type { Quote } from '../quote/api.ts';
import { auditCheckout } from './audit.ts';
import { checkoutMigrations } from './migrations.ts';
import { createCheckout } from './service.ts';
import { checkoutBench } from './testing.ts';

const ctx = await testContext([checkoutMigrations]);
const bench = checkoutBench(ctx);
// Lanes that know nothing of each other, as in several processes: only the database stands between them.
const lanes = [
  bench.client,
  ...Array.from({ length: 3 }, () =>
    connectInProcess(createCheckout({ ...contextOn(ctx.database, { signer: ctx.signer }), clock: ctx.clock })),
  ),
];
const anyLane = (index: number) => lanes[index % lanes.length] ?? bench.client;

function outcomes(replies: readonly Awaited<ReturnType<typeof bench.place>>[]) {
  const counts = new Map<string, number>();
  for (const reply of replies) {
    const outcome = isProblem(reply) ? problemSlug(reply) : reply.body.state;
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

test('the last unit goes to exactly one of fifty buyers', async () => {
  const variantId = bench.newVariantId();
  await bench.grant(variantId, 1);
  const quotes = Array.from({ length: 50 }, () => bench.quote([{ variantId, quantity: 1 }]));
  const replies = await Promise.all(
    quotes.map((quote, index) => anyLane(index).placeOrder({ body: { quote: ctx.signer.sign('quote', quote) } })),
  );
  assert.deepEqual(outcomes(replies), { placed: 1, 'sold-out': 49 });
  assert.deepEqual(await auditCheckout(ctx.database), []);
});

test('one quote sent a hundred times over four lanes at once is one order', async () => {
  const variantId = bench.newVariantId();
  await bench.grant(variantId, 100);
  const quote = ctx.signer.sign('quote', bench.quote([{ variantId, quantity: 1 }]));
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, index) => anyLane(index).placeOrder({ body: { quote } })),
  );
  const bodies = replies.map((reply) => (isProblem(reply) ? reply : reply.body));
  for (const body of bodies) assert.deepEqual(body, bodies[0]);
  assert.equal((await bench.allotment(variantId))?.reserved, 1);
});

test('many quotes of one order, each at another price, sent over four lanes at once are one order, and all are told which', async () => {
  const variantId = bench.newVariantId();
  await bench.grant(variantId, 100);
  const first = bench.quote([{ variantId, quantity: 1 }]);
  const replies = await Promise.all(
    Array.from({ length: 60 }, (_, index) => {
      const quote = { ...first, deliveryMinor: index, totalMinor: first.totalMinor + index - first.deliveryMinor };
      return anyLane(index).placeOrder({ body: { quote: ctx.signer.sign('quote', quote) } });
    }),
  );
  const totals = replies.map((reply) => (isProblem(reply) ? reply : reply.body.totalMinor));
  const { rows } = await sql<{ totalMinor: number }>`
    select total_minor as "totalMinor" from checkout.purchase_order where order_id = ${first.orderId}::uuid`.execute(
    ctx.database,
  );
  assert.deepEqual([...new Set(totals)], [rows[0]?.totalMinor]);
  assert.equal((await bench.allotment(variantId))?.reserved, 1);
});

test('who clicks twice on what is sold out is told so twice, and by the way without the coupon he still gets it', async () => {
  const [variantId, soldOutId, couponId] = [bench.newVariantId(), bench.newVariantId(), bench.newVariantId()];
  await bench.grant(variantId, 5);
  const place = (quote: Quote) => bench.client.placeOrder({ body: { quote: ctx.signer.sign('quote', quote) } });
  const quote = bench.quote([{ variantId: soldOutId, quantity: 1 }]);
  assert.deepEqual(outcomes(await Promise.all([quote, quote, quote].map(place))), { 'sold-out': 3 });

  const plain = bench.quote([{ variantId, quantity: 1 }]);
  const coupon = { couponId, code: 'GONE', discountMinor: 0, isLimited: true };
  const replies = await Promise.all([{ ...plain, coupon }, plain, { ...plain, coupon }, plain].map(place));
  assert.deepEqual(outcomes(replies), { 'coupon-exhausted': 1, placed: 3 });
  assert.equal((await bench.allotment(variantId))?.reserved, 1);
  assert.deepEqual(await auditCheckout(ctx.database), []);
});

test('orders of several variants in any order, with cancellations between them, never wait in a circle', async () => {
  const variantIds = Array.from({ length: 5 }, bench.newVariantId);
  for (const variantId of variantIds) await bench.grant(variantId, 40);
  const quotes = Array.from({ length: 200 }, (_, index) => {
    const turned = [...variantIds.slice(index % 5), ...variantIds.slice(0, index % 5)].slice(0, 3);
    return bench.quote(turned.map((variantId) => ({ variantId, quantity: 1 })));
  });
  const replies = await Promise.all(
    quotes.map(async (quote, index) => {
      const reply = await anyLane(index).placeOrder({ body: { quote: ctx.signer.sign('quote', quote) } });
      if (!isProblem(reply) && index % 3 === 0) {
        await anyLane(index + 1).cancelOrder(
          { params: { orderId: quote.orderId } },
          { credential: bench.keyOf(quote.orderId) },
        );
      }
      return reply;
    }),
  );
  assert(replies.every((reply) => !isProblem(reply) || problemSlug(reply) === 'sold-out'));
  assert.deepEqual(await auditCheckout(ctx.database), []);
});

test('a coupon for five is redeemed five times by fifty buyers, and a cancelled order gives its redemption back', async () => {
  const variantId = bench.newVariantId();
  const couponId = bench.newVariantId();
  await bench.grant(variantId, 1000);
  await bench.grant(couponId, 5);
  const coupon = { couponId, code: 'FIVE', discountMinor: 0, isLimited: true };
  const quotes = Array.from({ length: 50 }, () => bench.quote([{ variantId, quantity: 1 }], { coupon }));
  const replies = await Promise.all(
    quotes.map((quote, index) => anyLane(index).placeOrder({ body: { quote: ctx.signer.sign('quote', quote) } })),
  );
  assert.deepEqual(outcomes(replies), { placed: 5, 'coupon-exhausted': 45 });
  const winner = replies.find((reply) => !isProblem(reply));
  assert(winner && !isProblem(winner));
  await bench.cancel(winner.body.orderId);
  assert.deepEqual(outcomes([await bench.place(bench.quote([{ variantId, quantity: 1 }], { coupon }))]), { placed: 1 });
  assert.deepEqual(await auditCheckout(ctx.database), []);
});

test('a buyer who clicks everywhere at once stays within the limit of the sale', async () => {
  const variantId = bench.newVariantId();
  await bench.grant(variantId, 1000);
  const buyerId = bench.newVariantId();
  const limit = { limitId: bench.newVariantId(), max: 3 };
  const quotes = Array.from({ length: 30 }, () => bench.quote([{ variantId, quantity: 1, limit }], { buyerId }));
  const replies = await Promise.all(
    quotes.map((quote, index) => anyLane(index).placeOrder({ body: { quote: ctx.signer.sign('quote', quote) } })),
  );
  assert.deepEqual(outcomes(replies), { placed: 3, 'limit-reached': 27 });
});

test('paying, cancelling and expiring one order at once ends in one of the three, with the stock in one place', async () => {
  const variantId = bench.newVariantId();
  await bench.grant(variantId, 60);
  const quotes = Array.from({ length: 60 }, () => bench.quote([{ variantId, quantity: 1 }]));
  await Promise.all(quotes.map((quote) => bench.place(quote)));
  ctx.clock.advance(ctx.shop.payWithinMs + 1);
  await Promise.all([
    ...quotes.map((quote) => bench.settle(quote, bench.newVariantId())),
    ...quotes.map((quote) => bench.settle(quote, bench.newVariantId())),
    ...quotes.map((quote) => bench.cancel(quote.orderId)),
    bench.service.expireOverdue(),
  ]);
  assert.deepEqual(await auditCheckout(ctx.database), []);
  const { rows } = await sql<{ count: number }>`
    select count(*) as count
      from checkout.purchase_order
     where state = 'placed'`.execute(ctx.database);
  assert.equal(rows[0]?.count, 0);
});

test('the same grant twice is dealt once; with another quantity it is a conflict; what is sold cannot be taken back', async () => {
  const variantId = bench.newVariantId();
  const grantId = bench.newVariantId();
  const twice = await Promise.all([bench.grant(variantId, 5, grantId), bench.grant(variantId, 5, grantId)]);
  assert.deepEqual(twice, ['applied', 'applied']);
  assert.equal(await bench.grant(variantId, 6, grantId), 'conflict');
  await bench.place(bench.quote([{ variantId, quantity: 3 }]));
  assert.equal(await bench.grant(variantId, -3), 'insufficient');
  assert.equal(await bench.grant(variantId, -2), 'applied');
  assert.deepEqual(await bench.allotment(variantId), { subjectId: variantId, granted: 3, reserved: 3, sold: 0 });
});

test('every order has its events, and an order that was refused has none', async () => {
  const { rows } = await sql<{ orders: number; placedEvents: number; movedEvents: number; moved: number }>`
    select (select count(*) from checkout.purchase_order) as orders,
           (select count(distinct key) from events.outbox where topic = 'order.placed') as "placedEvents",
           (select count(*) from events.outbox where topic in ('order.cancelled', 'order.expired')) as "movedEvents",
           (select count(*) from checkout.purchase_order where state in ('cancelled', 'expired')) as moved`.execute(
    ctx.database,
  );
  assert.equal(rows[0]?.orders, rows[0]?.placedEvents);
  assert.equal(rows[0]?.moved, rows[0]?.movedEvents);
});
