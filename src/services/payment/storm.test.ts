import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { testContext } from '../../platform/testing/context.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { checkoutBench } from '../checkout/testing.ts';
import { paymentMigrations } from './migrations.ts';
import type { PaymentProvider } from './provider.ts';
import { anotherProcess, type PaymentBench, paymentBench, testProvider } from './testing.ts';

const ctx = await testContext([checkoutMigrations, paymentMigrations]);
const provider = testProvider(ctx);
const orders = checkoutBench(ctx);
// The calm one hears of cancellations and recovers; the others live in the storm.
const calm = paymentBench(ctx, provider, { checkoutBench: orders });
await ctx.events.start();

type Act =
  | { kind: 'pay'; order: number; process: number; card: string; key: number }
  | { kind: 'cancel'; order: number }
  | { kind: 'tell'; order: number; process: number }
  | { kind: 'refund'; order: number; process: number; amountMinor: number; key: number }
  | { kind: 'recover'; process: number };

const anyOrder = fc.nat(5);
const anyProcess = fc.nat(1);
const anyCard = fc.constantFrom('test-ok', 'test-ok', 'test-decline', 'test-error', 'test-slow-5');
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pay' as const),
      order: anyOrder,
      process: anyProcess,
      card: anyCard,
      key: fc.nat(2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tell' as const), order: anyOrder, process: anyProcess }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('refund' as const),
      order: anyOrder,
      process: anyProcess,
      amountMinor: fc.integer({ min: 1, max: 5000 }),
      key: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), order: anyOrder }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('recover' as const), process: anyProcess }) },
);

/** Of ten calls one fails before it has done anything, and one after. */
function stormy<Args extends unknown[], Result>(random: () => number, call: (...args: Args) => Promise<Result>) {
  return async (...args: Args): Promise<Result> => {
    const luck = random();
    if (luck < 0.1) throw new Error('lost on the way there');
    const result = await call(...args);
    if (luck < 0.2) throw new Error('lost on the way back');
    return result;
  };
}

function inTheStorm(random: () => number): PaymentBench {
  const lossy: PaymentProvider = {
    ...provider,
    authorise: stormy(random, provider.authorise),
    capture: stormy(random, provider.capture),
    void: stormy(random, provider.void),
    refund: stormy(random, provider.refund),
  };
  const checkout = { ...orders.client, settleOrder: stormy(random, orders.client.settleOrder) };
  return paymentBench(anotherProcess(ctx), provider, { provider: lossy, checkout, checkoutBench: orders });
}

async function perform(act: Act, orderIds: readonly string[], processes: readonly PaymentBench[]): Promise<void> {
  const bench = ('process' in act ? processes[act.process] : undefined) ?? calm;
  if (act.kind === 'recover') {
    ctx.clock.advance(30_000);
    await bench.service.recover();
    return;
  }
  const orderId = orderIds[act.order] ?? '';
  if (act.kind === 'pay') await bench.pay(orderId, { card: act.card, key: `key ${act.key}` });
  if (act.kind === 'cancel') await orders.cancel(orderId);
  if (act.kind === 'tell' || act.kind === 'refund') {
    for (const { paymentId } of await bench.paymentsOf(orderId)) {
      if (act.kind === 'refund') await bench.refund(paymentId, act.amountMinor, `key ${act.key}`);
      // Only what an honest provider would tell: nothing of a card that it has declined.
      const charge = provider.charges().find((one) => one.paymentId === paymentId);
      if (act.kind === 'tell' && charge && charge.state !== 'declined') {
        await bench.tell({ id: `evt_${paymentId}`, type: 'payment.authorised', paymentId });
      }
    }
  }
}

test('whatever happens at once and whatever gets lost: after the storm the three books agree', async () => {
  const anyStorm = fc.record({
    acts: fc.array(anyAct, { minLength: 20, maxLength: 60 }),
    seed: fc.integer(),
    togetherMax: fc.integer({ min: 1, max: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(anyStorm, async ({ acts, seed, togetherMax }) => {
      const random = randomFrom(seed);
      const processes = [inTheStorm(random), inTheStorm(random)];
      const orderIds = await Promise.all(Array.from({ length: 6 }, () => calm.placeOrder()));
      for (let from = 0; from < acts.length; from += togetherMax) {
        const together = acts.slice(from, from + togetherMax);
        await Promise.all(together.map((act) => perform(act, orderIds, processes)));
      }
      const cancelled = acts.flatMap((act) => (act.kind === 'cancel' ? [orderIds[act.order] ?? ''] : []));
      await calm.recover();
      for (const orderId of cancelled) await calm.hearOfCancellation(orderId);
      await calm.recover();
      assert.deepEqual(await calm.audit(), []);
    }),
    { numRuns: 10, endOnFailure: true },
  );
});

/** Small, fast and repeatable: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
