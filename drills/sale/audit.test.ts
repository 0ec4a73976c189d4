import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { readConfig } from '../../src/platform/config/config.ts';
import type { Tx } from '../../src/platform/database/database.ts';
import { newId } from '../../src/platform/database/id.ts';
import { sql } from '../../src/platform/database/sql.ts';
import { testDatabase } from '../../src/platform/testing/database.ts';
import { serviceNames } from '../../src/runtime/service-names.ts';
import { createShop, migrationSources } from '../../src/runtime/shop.ts';
import { createHttpPool, targetOf } from '../http-client.ts';
import { createRandom } from '../random.ts';
import { createAdmin } from './admin.ts';
import { checkDatabase, loadBooks, readBooks } from './audit.ts';
import { type Behaviour, behaviourNames } from './behaviour.ts';
import { buyerScripts } from './buyers.ts';
import { createCalls } from './calls.ts';
import { buyByCart } from './carts.ts';
import type { Verdict } from './case.ts';
import { gatherClaims } from './claims.ts';
import { DrillFault } from './drill-fault.ts';
import { judge } from './judge.ts';
import { prepareSale } from './prepare.ts';
import { createTally } from './tally.ts';
import { createVisit } from './visit.ts';
import type { Testimony } from './witness.ts';

// Before the test database registers its own end, which would come too early for the shop.
const closers: (() => unknown)[] = [];
after(async () => {
  for (const close of closers) await close();
});

// A real shop in this process, and one visit of each kind: books that are right, for the tests below to break.
const database = await testDatabase(migrationSources);
const config = readConfig({ env: { PORT: '0', ONRUSH_LOG_LEVEL: 'error' }, cwd: '/', serviceNames });
const adminToken = 'token-of-this-test';
const shop = await createShop({ config, databaseUrl: database.url, adminToken, services: serviceNames });
const target = targetOf(shop.url);
const admin = createAdmin(target, adminToken);
const http = createHttpPool({ ...target, connectionsMax: 20 });
closers.push(
  () => admin.close(),
  () => http.close(),
  () => shop.stop(),
);

const stock = 16;
const cartCount = 20;
const { setup } = await prepareSale(admin, { runId: 'test', stock, cartCount, random: createRandom(1) });
const testimonies: Testimony[] = [];
const witness = { note: (testimony: Testimony) => void testimonies.push(structuredClone(testimony)), close() {} };
const tally = createTally();

function visitOf(number: number) {
  const random = createRandom(1, number);
  const calls = createCalls({ http, tally, random, patienceMs: 10_000, killedAtMs: () => Number.POSITIVE_INFINITY });
  return createVisit({ number, setup, random, tally, calls, witness });
}

// That bank takes five seconds to answer; the drill's own test waits for it.
const visitors: Behaviour[] = behaviourNames.filter((name) => name !== 'bankIsSlow');
// More than the stock, so that the last are refused.
const doubled: Behaviour[] = [...visitors, 'plain', 'doubleClick', 'cancels', 'plain', 'impatient', 'plain'];
for (const [number, name] of doubled.entries()) tally.ended(await buyerScripts[name](visitOf(number)));
const { ordinary } = setup;
assert(ordinary !== undefined);
await Promise.all(
  Array.from({ length: cartCount }, async (_, index) => tally.ended(await buyByCart(visitOf(1000 + index), ordinary))),
);

const claims = gatherClaims(testimonies);
const buyerCount = doubled.length + cartCount;
const databaseUrl = () => database.url;
const waited = await readBooks({ databaseUrl, setup, claims });

function verdictOn(books: typeof waited): Verdict {
  return judge({ setup, claims, tally: tally.toJson(), buyerCount, books });
}

function brokenPromises(verdict: Verdict): string[] {
  return verdict.proofs.filter(({ isKept }) => !isKept).map(({ promise }) => promise);
}

test('of a sale that went well every promise is found kept', () => {
  const verdict = verdictOn(waited);
  assert.deepEqual(
    verdict.proofs.filter(({ isKept }) => !isKept),
    [],
  );
  assert.equal(verdict.isKept, true);
  assert.equal(verdict.sold, stock);
  assert.deepEqual(
    [verdict.oversold, verdict.lostAcknowledged, verdict.duplicateOrders, verdict.ledgerSum],
    [0, 0, 0, 0],
  );
  // Nothing was proved of what did not happen.
  const { demands, soldOutAnswers, ends } = tally.toJson();
  for (const [name, { made, broken }] of Object.entries(demands)) {
    assert(made > 0, `${name} was demanded`);
    assert.equal(broken, 0, name);
  }
  assert(soldOutAnswers > 0 && ends.paid > 0 && ends.cancelled > 0 && ends.unpaid > 0);
  assert(claims.cancelled.size > 0 && claims.forged.size > 0);
  assert(waited.payments.some(({ state }) => state === 'declined'));
  assert(waited.payments.some(({ refundedMinor }) => refundedMinor > 0));
  assert(waited.orders.some(({ couponId }) => couponId !== null));
});

const rolledBack = new Error('rolled back');

/** The verdict on books that were broken in a transaction that is undone afterwards. */
async function afterBreaking(breakBooks: (tx: Tx) => Promise<unknown>): Promise<Verdict> {
  let verdict: Verdict | undefined;
  await assert.rejects(
    database.transaction(async (tx) => {
      await breakBooks(tx);
      verdict = verdictOn(await loadBooks(tx, setup, claims, 0));
      throw rolledBack;
    }),
    rolledBack,
  );
  assert(verdict !== undefined);
  return verdict;
}

const paidOrder = waited.orders.find(
  ({ state, lines }) => state === 'paid' && lines.some(({ variantId }) => variantId === setup.hot.variantId),
);
assert(paidOrder !== undefined);
const { orderId, paymentId, buyerId } = paidOrder;
const placedOrder = waited.orders.find(({ state }) => state === 'placed');
assert(placedOrder !== undefined);
const strangeId = newId(7, Date.now());

/** A second order as the first, with an id that no quote had. */
async function copyOrder(tx: Tx): Promise<void> {
  await sql`
    insert into checkout.purchase_order
    select (jsonb_populate_record(one, jsonb_build_object('order_id', ${strangeId}::uuid))).*
      from checkout.purchase_order as one
     where order_id = ${orderId}::uuid`.execute(tx);
  await sql`
    insert into checkout.order_line
    select (jsonb_populate_record(one, jsonb_build_object('order_id', ${strangeId}::uuid))).*
      from checkout.order_line as one
     where order_id = ${orderId}::uuid`.execute(tx);
}

interface Breakage {
  readonly name: string;
  readonly how: (tx: Tx) => Promise<unknown>;
  /** The promises that must be found broken, and no others. */
  readonly breaks: readonly string[];
  readonly figures?: Partial<Verdict>;
}

const breakages: Breakage[] = [
  {
    name: 'an order more than there was stock',
    async how(tx) {
      await sql`alter table checkout.allotment drop constraint allotment_never_oversold`.execute(tx);
      await copyOrder(tx);
      await sql`
        update checkout.allotment set sold = sold + 1 where subject_id = ${setup.hot.variantId}::uuid`.execute(tx);
    },
    breaks: [
      'never oversell',
      'the stock adds up',
      'one click, one order',
      'no order without its events',
      'money matches orders',
    ],
    figures: { oversold: 1, duplicateOrders: 1, sold: stock + 1 },
  },
  {
    name: 'an acknowledged order that is gone',
    async how(tx) {
      await sql`delete from checkout.purchase_order where order_id = ${placedOrder.orderId}::uuid`.execute(tx);
      await sql`delete from checkout.order_line where order_id = ${placedOrder.orderId}::uuid`.execute(tx);
    },
    breaks: ['the stock adds up', 'no acknowledged order lost', 'no order without its events'],
    figures: { lostAcknowledged: 1 },
  },
  {
    name: 'an acknowledged order with another address',
    how: (tx) =>
      sql`
        update checkout.purchase_order
           set details = (details::jsonb || '{"contact": {"email": "somebody@example.com"}}')::json
         where order_id = ${orderId}::uuid`.execute(tx),
    breaks: ['no acknowledged order lost'],
    figures: { lostAcknowledged: 1 },
  },
  {
    name: 'an acknowledged order with another quantity and price',
    how: (tx) =>
      sql`
        update checkout.order_line
           set quantity = 2, unit_price_minor = unit_price_minor / 2
         where order_id = ${orderId}::uuid`.execute(tx),
    breaks: ['never oversell', 'the stock adds up', 'no acknowledged order lost', 'what was quoted is paid'],
    figures: { lostAcknowledged: 1, oversold: 1 },
  },
  {
    name: 'a buyer beyond the limit',
    how: (tx) =>
      sql`
        update checkout.purchase_order
           set buyer_id = ${buyerId}::uuid
         where order_id in (select order_id from checkout.order_line where variant_id = ${setup.hot.variantId}::uuid)
           and state = 'paid'`.execute(tx),
    // The takings are counted per buyer.
    breaks: ['the stock adds up', 'nobody beyond the limit'],
  },
  {
    name: 'an order without its event',
    how: (tx) => sql`delete from events.outbox where key = ${orderId}::text and topic = 'order.paid'`.execute(tx),
    breaks: ['no order without its events'],
  },
  {
    name: 'an event that was announced twice',
    how: (tx) =>
      sql`
        insert into events.outbox (topic, key, payload, occurred_at)
        select topic, key, payload, occurred_at
          from events.outbox
         where key = ${orderId}::text
           and topic = 'order.placed'`.execute(tx),
    breaks: ['no order without its events'],
  },
  {
    name: 'a ledger entry more, by somebody who got past the trigger',
    async how(tx) {
      await sql`alter table payment.ledger_entry disable trigger ledger_entry_movement_balances`.execute(tx);
      await sql`
        insert into payment.ledger_entry (movement_id, account, currency, amount_minor, recorded_at)
        values (${paymentId}::uuid, 'elsewhere', ${paidOrder.currency}::text, 13, now())`.execute(tx);
    },
    breaks: ['the ledger sums to zero'],
    figures: { ledgerSum: 13 },
  },
  {
    name: 'entries that are gone, both sides of them',
    async how(tx) {
      await sql`alter table payment.ledger_entry disable trigger ledger_entry_is_final`.execute(tx);
      await sql`delete from payment.ledger_entry where movement_id = ${paymentId}::uuid`.execute(tx);
    },
    breaks: ['the ledger sums to zero'],
    figures: { ledgerSum: 0 },
  },
  {
    name: 'a payment of a key that was sent once, twice',
    how: (tx) =>
      sql`
        insert into payment.payment
        select (jsonb_populate_record(one, jsonb_build_object(
                 'payment_id', ${strangeId}::uuid, 'attempt', 2, 'idempotency_key', 'another', 'state', 'declined'))).*
          from payment.payment as one
         where payment_id = ${paymentId}::uuid`.execute(tx),
    breaks: ['one key, one payment', 'no order without its events'],
  },
  {
    name: 'an order that was charged twice',
    async how(tx) {
      await sql`drop index payment.payment_captured_once_per_order`.execute(tx);
      await sql`
        insert into payment.payment
        select (jsonb_populate_record(one, jsonb_build_object(
                 'payment_id', ${strangeId}::uuid, 'attempt', 2, 'idempotency_key', 'another'))).*
          from payment.payment as one
         where payment_id = ${paymentId}::uuid`.execute(tx);
    },
    breaks: ['one key, one payment', 'no order without its events', 'the ledger sums to zero', 'money matches orders'],
  },
  {
    name: 'a paid order whose payment is gone',
    how: (tx) => sql`delete from payment.payment where payment_id = ${paymentId}::uuid`.execute(tx),
    breaks: [
      'no acknowledged payment lost',
      'no order without its events',
      'the ledger sums to zero',
      'money matches orders',
    ],
    figures: { lostAcknowledged: 1 },
  },
  {
    name: 'an acknowledged payment whose order is not paid',
    how: (tx) =>
      sql`
        update checkout.purchase_order
           set state = 'placed', paid_at = null, payment_id = null
         where order_id = ${orderId}::uuid`.execute(tx),
    breaks: [
      'the stock adds up',
      'no order without its events',
      'no acknowledged payment lost',
      'money matches orders',
    ],
  },
  {
    name: 'an order that nobody cancelled, cancelled',
    how: (tx) =>
      sql`update checkout.purchase_order set state = 'cancelled' where order_id = ${placedOrder.orderId}::uuid`.execute(
        tx,
      ),
    // Its unit is left over although buyers were refused, but as many were given back.
    breaks: ['the stock adds up', 'no acknowledged order lost', 'no order without its events'],
  },
  {
    name: 'stock that came from nowhere',
    how: (tx) =>
      sql`
        update stock.movement set quantity = quantity + 1 where variant_id = ${setup.hot.variantId}::uuid`.execute(tx),
    breaks: ['the stock adds up'],
  },
  {
    name: 'a forged quote that became an order',
    async how(tx) {
      const [forgedId] = claims.forged;
      await sql`
        update checkout.purchase_order set order_id = ${forgedId}::uuid where order_id = ${placedOrder.orderId}::uuid`.execute(
        tx,
      );
      await sql`
        update checkout.order_line set order_id = ${forgedId}::uuid where order_id = ${placedOrder.orderId}::uuid`.execute(
        tx,
      );
    },
    breaks: ['no acknowledged order lost', 'no order without its events', 'what is false is refused'],
  },
];

for (const { name, how, breaks, figures = {} } of breakages) {
  test(`found: ${name}`, async () => {
    const verdict = await afterBreaking(how);
    assert.deepEqual(brokenPromises(verdict).sort(), [...breaks].sort());
    for (const { isKept, findings } of verdict.proofs) assert.equal(findings.length > 0, !isKept);
    for (const [figure, value] of Object.entries(figures))
      assert.equal(verdict[figure as keyof Verdict], value, figure);
  });
}

test('payments that do not come to an end are told, not waited for without end', async () => {
  const { paymentId: declinedId } = waited.payments.find(({ state }) => state === 'declined') ?? {};
  await sql`
    update payment.payment
       set state = 'started', card = 'test-ok', finished_at = null, decline_reason = null, lease_until = now() + interval '1 hour'
     where payment_id = ${declinedId}::uuid`.execute(database);
  const waitedFor: number[] = [];
  const onWait = (count: number) => waitedFor.push(count);
  const verdict = verdictOn(await readBooks({ databaseUrl, setup, claims, settleWithinMs: 300, onWait }));
  assert.deepEqual(new Set(waitedFor), new Set([1]));
  assert.deepEqual(brokenPromises(verdict).sort(), [
    'money matches orders',
    'no acknowledged payment lost',
    'no order without its events',
  ]);
});

test('the database of another shop is refused before anybody buys', async () => {
  const hot = { ...setup.hot, variantId: strangeId };
  await assert.rejects(checkDatabase(databaseUrl, { ...setup, hot }), DrillFault);
  await checkDatabase(databaseUrl, setup);
});
