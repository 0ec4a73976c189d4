import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isProblem, problemSlug } from '../../platform/api/problem.ts';
import { testContext } from '../../platform/testing/context.ts';
import type { Quote } from '../quote/api.ts';
import { auditCheckout } from './audit.ts';
import { checkoutMigrations } from './migrations.ts';
import { checkoutBench } from './testing.ts';

const ctx = await testContext([checkoutMigrations]);
const bench = checkoutBench(ctx);
const variantCount = 3;

/** What the shop should do, in the simplest words there are. */
interface Model {
  readonly available: number[];
  readonly orders: Map<string, { quote: Quote; state: string; paymentId?: string; payByAtMs: number }>;
  readonly takenByBuyer: Map<string, number>;
}

type Step =
  | { kind: 'place'; buyer: number; quantities: number[]; isLimited: boolean }
  | { kind: 'retry'; order: number }
  | { kind: 'cancel'; order: number }
  | { kind: 'pay'; order: number; payment: number }
  | { kind: 'adjust'; variant: number; quantity: number }
  | { kind: 'time passes'; ms: number };

const anyOrder = fc.nat(30);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('place' as const),
      buyer: fc.nat(2),
      quantities: fc
        .array(fc.nat(3), { minLength: variantCount, maxLength: variantCount })
        .filter((q) => q.some((n) => n > 0)),
      isLimited: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('retry' as const), order: anyOrder }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), order: anyOrder }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pay' as const), order: anyOrder, payment: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('adjust' as const),
      variant: fc.nat(variantCount - 1),
      quantity: fc.integer({ min: -6, max: 6 }).filter((n) => n !== 0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('time passes' as const), ms: fc.integer({ min: 1, max: 30_000 }) }),
  },
);

const limitMax = 4;

test('any sequence of placing, paying, cancelling, expiring, adjusting and retrying does what a simple model does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 40 }), async (steps) => {
      const shop = await openShop();
      for (const step of steps) await run(step, shop);
      for (const [index, variantId] of shop.variantIds.entries()) {
        const { granted = 0, reserved = 0, sold = 0 } = (await bench.allotment(variantId)) ?? {};
        assert.equal(granted - reserved - sold, shop.model.available[index], `available of variant ${index}`);
      }
      assert.deepEqual(await auditCheckout(ctx.database), []);
    }),
    { numRuns: 40, endOnFailure: true },
  );
});

interface Shop {
  readonly model: Model;
  readonly variantIds: string[];
  readonly buyerIds: string[];
  readonly limitIds: string[];
}

async function openShop(): Promise<Shop> {
  const variantIds = Array.from({ length: variantCount }, bench.newVariantId);
  for (const variantId of variantIds) await bench.grant(variantId, 8);
  return {
    variantIds,
    buyerIds: Array.from({ length: 3 }, bench.newVariantId),
    limitIds: variantIds.map(bench.newVariantId),
    model: { available: variantIds.map(() => 8), orders: new Map(), takenByBuyer: new Map() },
  };
}

async function run(step: Step, shop: Shop): Promise<void> {
  const { model } = shop;
  switch (step.kind) {
    case 'place':
      return place(step, shop);
    case 'adjust': {
      const available = (model.available[step.variant] ?? 0) + step.quantity;
      const outcome = await bench.grant(shop.variantIds[step.variant] ?? '', step.quantity);
      assert.equal(outcome, available >= 0 ? 'applied' : 'insufficient');
      if (available >= 0) model.available[step.variant] = available;
      return;
    }
    case 'time passes': {
      ctx.clock.advance(step.ms);
      const overdue = [...model.orders.values()].filter(
        (order) => order.state === 'placed' && order.payByAtMs <= ctx.clock.nowMs(),
      );
      await bench.service.expireOverdue();
      for (const order of overdue) giveBack(order, 'expired', shop);
      return;
    }
  }
  const order = [...model.orders.values()][step.order];
  if (order === undefined) return;
  if (step.kind === 'retry') {
    const reply = await bench.place(order.quote);
    assert(!isProblem(reply));
    assert.equal(reply.body.state, order.state);
    assert.equal(reply.body.orderId, order.quote.orderId);
  } else if (step.kind === 'pay') {
    const paymentId = `00000000-0000-8000-8000-00000000000${step.payment}`;
    const isPayable = order.state === 'placed' || (order.state === 'paid' && order.paymentId === paymentId);
    assert.equal(await bench.settle(order.quote, paymentId), isPayable);
    if (order.state === 'placed') Object.assign(order, { state: 'paid', paymentId });
  } else {
    const reply = await bench.cancel(order.quote.orderId);
    if (order.state === 'expired') assert(isProblem(reply) && problemSlug(reply) === 'order-not-cancellable');
    else assert(!isProblem(reply));
    if (order.state === 'placed' || order.state === 'paid') giveBack(order, 'cancelled', shop);
  }
}

async function place(step: Step & { kind: 'place' }, { model, ...shop }: Shop): Promise<void> {
  const buyerId = shop.buyerIds[step.buyer] ?? '';
  const wanted = step.quantities.flatMap((quantity, index) => (quantity > 0 ? [{ quantity, index }] : []));
  const quote = bench.quote(
    wanted.map(({ quantity, index }) => ({
      variantId: shop.variantIds[index] ?? '',
      quantity,
      ...(step.isLimited && { limit: { limitId: shop.limitIds[index] ?? '', max: limitMax } }),
    })),
    { buyerId },
  );
  const taken = (index: number) => model.takenByBuyer.get(`${index} ${buyerId}`) ?? 0;
  const refusal = wanted
    .map(({ quantity, index }) => {
      if (quantity > (model.available[index] ?? 0)) return 'sold-out';
      return step.isLimited && taken(index) + quantity > limitMax ? 'limit-reached' : undefined;
    })
    .find((slug) => slug !== undefined);

  const reply = await bench.place(quote);
  assert.equal(isProblem(reply) ? problemSlug(reply) : undefined, refusal);
  if (isProblem(reply)) return;
  assert.equal(reply.body.state, 'placed');
  for (const { quantity, index } of wanted) {
    model.available[index] = (model.available[index] ?? 0) - quantity;
    if (step.isLimited) model.takenByBuyer.set(`${index} ${buyerId}`, taken(index) + quantity);
  }
  model.orders.set(quote.orderId, { quote, state: 'placed', payByAtMs: reply.body.payByAtMs });
}

function giveBack(order: { quote: Quote; state: string }, state: string, { model, variantIds }: Shop): void {
  for (const line of order.quote.lines) {
    const index = variantIds.indexOf(line.variantId);
    model.available[index] = (model.available[index] ?? 0) + line.quantity;
    const key = `${index} ${order.quote.buyerId}`;
    if (line.limit) model.takenByBuyer.set(key, (model.takenByBuyer.get(key) ?? 0) - line.quantity);
  }
  order.state = state;
}
