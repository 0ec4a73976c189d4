import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isProblem } from '../../platform/api/problem.ts';
import { sql } from '../../platform/database/sql.ts';
import { createSigner, newSigningKey } from '../../platform/signing/signer.ts';
import { loadSigningKeys } from '../../platform/signing/store.ts';
import { testContext } from '../../platform/testing/context.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { decideInstruments, type InstrumentRequest, instrumentKey } from './instrument.ts';
import { paymentMigrations } from './migrations.ts';
import { anotherProcess, outcome, paymentBench, tally, testProvider } from './testing.ts';

const ctx = await testContext([checkoutMigrations, paymentMigrations]);
const provider = testProvider(ctx);
const bench = paymentBench(ctx, provider);
await ctx.events.start();

/** An order of another guest, of one variant in a sale with a limit. */
async function saleOrder(
  limit: { limitId: string; max: number; instrumentMax?: number },
  quantity = 1,
): Promise<string> {
  const variantId = bench.orders.newVariantId();
  await bench.orders.grant(variantId, quantity);
  const quote = bench.orders.quote([{ variantId, quantity, limit, isInSale: true }]);
  const reply = await bench.orders.place(quote);
  assert(!isProblem(reply), JSON.stringify(reply));
  return quote.orderId;
}

const newLimit = (max: number) => ({ limitId: bench.orders.newVariantId(), max });

/** Counts that are not what the decisions say; none when they agree. */
async function auditInstruments() {
  const { rows } = await sql<{ limitId: string; taken: number; inFact: number }>`
    with held as (
      select limit_id, instrument, sum(quantity) as taken
        from payment.instrument_decision
       cross join lateral unnest(limit_ids, quantities) as took (limit_id, quantity)
       where state = 'taken'
       group by limit_id, instrument
    )
    select limit_id as "limitId", coalesce(instrument_taking.taken, 0) as taken, coalesce(held.taken, 0) as "inFact"
      from payment.instrument_taking
      full join held using (limit_id, instrument)
     where coalesce(instrument_taking.taken, 0) <> coalesce(held.taken, 0)`.execute(ctx.database);
  return rows;
}

async function takenOf(limitId: string): Promise<number> {
  const { rows } = await sql<{ taken: number }>`
    select coalesce(sum(taken), 0) as taken
      from payment.instrument_taking
     where limit_id = ${limitId}::uuid`.execute(ctx.database);
  return rows[0]?.taken ?? 0;
}

test('twenty guests with one card pay for two units in all, from two processes at once; nothing is charged for the others', async () => {
  const limit = newLimit(2);
  const other = paymentBench(anotherProcess(ctx), provider, { checkoutBench: bench.orders });
  const orderIds = await Promise.all(Array.from({ length: 20 }, () => saleOrder(limit)));
  const replies = await Promise.all(
    orderIds.map((orderId, index) => (index % 2 === 0 ? bench : other).pay(orderId, { card: 'test-ok-4242' })),
  );
  assert.deepEqual(tally(replies.map(outcome)), { captured: 2, 'payment-declined': 18 });
  const declined = replies.find(isProblem);
  assert.equal(declined?.problem.declineReason, 'limit-reached');
  const states = await Promise.all(orderIds.map(bench.orderState));
  assert.deepEqual(tally(states), { paid: 2, placed: 18 });
  assert.deepEqual(await bench.audit(), []);
  assert.deepEqual(await auditInstruments(), []);
});

test('another card pays for what the first may not, and a card that nobody tells apart is not counted', async () => {
  const limit = newLimit(1);
  const [first = '', second = '', third = ''] = await Promise.all([1, 2, 3].map(() => saleOrder(limit)));
  assert.equal(outcome(await bench.pay(first, { card: 'test-ok-a' })), 'captured');
  assert.equal(outcome(await bench.pay(second, { card: 'test-ok-a' })), 'payment-declined');
  assert.equal(outcome(await bench.pay(second, { card: 'test-ok-b', key: 'again' })), 'captured');
  assert.equal(outcome(await bench.pay(third, { card: 'test-ok' })), 'captured');
});

test('a card that has had its limit has had it under a new signing key, too', async () => {
  const limit = newLimit(1);
  const [first = '', second = ''] = await Promise.all([1, 2].map(() => saleOrder(limit)));
  assert.equal(outcome(await bench.pay(first, { card: 'test-ok-rotated' })), 'captured');
  const signer = createSigner([newSigningKey(), ...(await loadSigningKeys(ctx.database))]);
  const rotated = paymentBench({ ...anotherProcess(ctx), signer }, provider, { checkoutBench: bench.orders });
  assert.equal(outcome(await rotated.pay(second, { card: 'test-ok-rotated' })), 'payment-declined');
});

test('the limit per card may be another than the one per buyer', async () => {
  const limit = { ...newLimit(2), instrumentMax: 3 };
  const [first = '', second = ''] = await Promise.all([1, 2].map(() => saleOrder(limit, 2)));
  assert.equal(outcome(await bench.pay(first, { card: 'test-ok-c' })), 'captured');
  assert.equal(outcome(await bench.pay(second, { card: 'test-ok-c' })), 'payment-declined', 'all of an order or none');
  assert.equal(outcome(await bench.pay(await saleOrder(limit, 1), { card: 'test-ok-c' })), 'captured');
});

test('an order that is cancelled gives its card back what it took, once', async () => {
  const limit = newLimit(1);
  const [first = '', second = ''] = await Promise.all([1, 2].map(() => saleOrder(limit)));
  assert.equal(outcome(await bench.pay(first, { card: 'test-ok-d' })), 'captured');
  assert.equal(outcome(await bench.pay(second, { card: 'test-ok-d' })), 'payment-declined');
  await bench.orders.cancel(first);
  await bench.hearOfCancellation(first);
  assert.equal(await takenOf(limit.limitId), 0);
  assert.equal(outcome(await bench.pay(second, { card: 'test-ok-d', key: 'again' })), 'captured');
  assert.deepEqual(await auditInstruments(), []);
});

test('a payment whose order was paid by another meanwhile gives back what it took', async () => {
  const limit = newLimit(5);
  const orderId = await saleOrder(limit);
  const replies = await Promise.all(
    Array.from({ length: 5 }, (_, index) => bench.pay(orderId, { card: 'test-ok-e', key: `key-${index}` })),
  );
  assert.equal(tally(replies.map(outcome)).captured, 1);
  assert.equal(await takenOf(limit.limitId), 1);
  await bench.recover();
  assert.deepEqual(await bench.audit(), []);
  assert.deepEqual(await auditInstruments(), []);
});

test('a payment that was refused stays refused when it is carried on, even if its card has room again by then', async () => {
  const limit = newLimit(1);
  const [first = '', second = ''] = await Promise.all([1, 2].map(() => saleOrder(limit)));
  await bench.pay(first, { card: 'test-ok-f' });
  let isAway = true;
  const awayOnce = {
    ...provider,
    void: async (...args: Parameters<typeof provider.void>) => {
      if (isAway) throw new Error('the provider does not answer');
      return provider.void(...args);
    },
  };
  const broken = paymentBench(anotherProcess(ctx), provider, { checkoutBench: bench.orders, provider: awayOnce });
  assert.equal(outcome(await broken.pay(second, { card: 'test-ok-f' })), 'started');
  await bench.orders.cancel(first);
  await bench.hearOfCancellation(first);
  isAway = false;
  await broken.recover();
  const [payment] = await bench.paymentsOf(second);
  assert.equal(payment?.state, 'declined');
  assert.equal(payment?.declineReason, 'limit-reached');
  assert.equal(await bench.orderState(second), 'placed');
  assert.deepEqual(await auditInstruments(), []);
});

test('a webhook that tells of no card, and comes before the answer, does not get a payment past its limit', async () => {
  const limit = newLimit(1);
  const [first = '', second = ''] = await Promise.all([1, 2].map(() => saleOrder(limit)));
  assert.equal(outcome(await bench.pay(first, { card: 'test-ok-g' })), 'captured');
  let told: Promise<unknown> | undefined;
  const talkative = {
    ...provider,
    authorise: async (...args: Parameters<typeof provider.authorise>) => {
      const answer = await provider.authorise(...args);
      const [{ paymentId }] = args;
      const reference = answer.kind === 'authorised' ? answer.reference : assert.fail('it is authorised');
      told ??= hasty.tell({ id: `evt-${paymentId}`, type: 'payment.authorised', paymentId, reference });
      // Once only: what the webhook asks is answered at once.
      if (!isTelling) {
        isTelling = true;
        await told;
      }
      return answer;
    },
  };
  let isTelling = false;
  const hasty = paymentBench(anotherProcess(ctx), provider, { checkoutBench: bench.orders, provider: talkative });
  assert.equal(outcome(await hasty.pay(second, { card: 'test-ok-g' })), 'payment-declined');
  assert.equal(await bench.orderState(second), 'placed');
  assert.deepEqual(await bench.audit(), []);
  assert.deepEqual(await auditInstruments(), []);
});

test('no instrument gets beyond a limit, and what was decided of a payment stands, whatever else comes with it', () => {
  const anyRequest: fc.Arbitrary<InstrumentRequest> = fc.record({
    paymentId: fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5', 'p6'),
    instrument: fc.constantFrom('a', 'b'),
    takes: fc.uniqueArray(
      fc.record({ limitId: fc.constantFrom('x', 'y'), quantity: fc.integer({ min: 1, max: 3 }), max: fc.constant(5) }),
      { selector: ({ limitId }) => limitId, minLength: 1 },
    ),
  });
  fc.assert(
    fc.property(fc.array(anyRequest, { maxLength: 20 }), (requests) => {
      const states = decideInstruments(requests, new Map(), new Map());
      const taken = new Map<string, number>();
      const first = new Map<string, string>();
      requests.forEach(({ paymentId, instrument, takes }, index) => {
        const state = states[index] ?? '';
        assert.equal(state, first.get(paymentId) ?? state);
        if (first.has(paymentId)) return;
        first.set(paymentId, state);
        for (const { limitId, quantity } of state === 'taken' ? takes : []) {
          const key = instrumentKey(limitId, instrument);
          taken.set(key, (taken.get(key) ?? 0) + quantity);
        }
      });
      for (const units of taken.values()) assert(units <= 5);
    }),
  );
});
