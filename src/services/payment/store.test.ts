import assert from 'node:assert/strict';
import test from 'node:test';
import { commitWith } from '../../platform/database/commit.ts';
import { brokenConstraint } from '../../platform/database/database.ts';
import { derivedId } from '../../platform/database/derived-id.ts';
import { newId, randomBucket } from '../../platform/database/id.ts';
import { sql } from '../../platform/database/sql.ts';
import { testDatabase } from '../../platform/testing/database.ts';
import { auditPayments } from './audit.ts';
import { captureMovement, refundMovement } from './ledger.ts';
import { paymentMigrations } from './migrations.ts';
import { decideEnd, type EndStep, type PaymentEnd } from './payment.ts';
import {
  bookingEntries,
  claimOverduePayments,
  claimPayment,
  endingPayments,
  findExhaustedOrders,
  forgetWebhookEvents,
  insertPayments,
  isWebhookEventKnown,
  loadPayment,
  loadPaymentsOfOrder,
  lockPayments,
  type NewPayment,
  postponePayment,
  rememberWebhookEvent,
} from './store.ts';
import {
  addingRefunded,
  claimOverdueRefunds,
  endingRefunds,
  insertingRefunds,
  loadRefund,
  lockStartedRefunds,
  markUnwanted,
  postponeRefund,
} from './store-refund.ts';

const database = await testDatabase([paymentMigrations]);
const nowMs = 1_800_000_000_123;
const lease = { nowMs, leaseUntilMs: nowMs + 15_000 };

function newPayment(change: Partial<NewPayment> = {}): NewPayment {
  const orderId = change.orderId ?? newId(randomBucket(), nowMs);
  const idempotencyKey = change.idempotencyKey ?? 'key "1", {x}\\ ü';
  return {
    paymentId: derivedId(orderId, idempotencyKey),
    orderId,
    idempotencyKey,
    fingerprint: '00000000-0000-0000-0000-000000000001',
    amountMinor: 4900,
    currency: 'USD',
    provider: 'test',
    card: 'test-ok',
    ...change,
  };
}

type Told = readonly [payment: NewPayment, step: EndStep];
const captured = (payment: NewPayment, isUnwanted = false): Told => [
  payment,
  { kind: 'end', state: 'captured', reference: 'ref', isUnwanted },
];
const declined = (payment: NewPayment, reason: string): Told => [payment, { kind: 'end', state: 'declined', reason }];
const voided = (payment: NewPayment, isOrderSettled = false): Told => [
  payment,
  { kind: 'end', state: 'voided', isOrderSettled },
];

/** Ends payments as the lane does, one transaction for all. */
async function end(told: readonly Told[]): Promise<PaymentEnd[]> {
  return database.transaction(async (tx) => {
    const paymentIds = told.map(([{ paymentId }]) => paymentId);
    const locked = await lockPayments(tx, paymentIds);
    const ends = told.flatMap(([{ paymentId }, step]) => {
      const standing = locked.get(paymentId);
      assert(standing !== undefined, 'it is there');
      return decideEnd(standing, step) ?? [];
    });
    const booked = ends.filter(({ state }) => state === 'captured').map(({ paymentId }) => paymentId);
    const entries = told.flatMap(([payment]) =>
      booked.includes(payment.paymentId) ? captureMovement(payment.paymentId, payment) : [],
    );
    return commitWith([endingPayments(ends, nowMs), bookingEntries(entries, nowMs)], ends);
  });
}

async function insertCaptured(change: Partial<NewPayment> = {}): Promise<NewPayment> {
  const payment = newPayment(change);
  await insertPayments(database, [payment], lease);
  await end([captured(payment)]);
  return payment;
}

async function attemptsOf(orderId: string): Promise<number[]> {
  const { rows } = await sql<{ attempt: number }>`
    select attempt from payment.payment where order_id = ${orderId}::uuid order by attempt`.execute(database);
  return rows.map(({ attempt }) => attempt);
}

async function constraintBrokenBy(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
  } catch (error) {
    return brokenConstraint(error);
  }
  return undefined;
}

test('a payment is read back as it was written', async () => {
  const payment = newPayment();
  assert.deepEqual(await insertPayments(database, [payment], lease), new Set([payment.paymentId]));
  assert.deepEqual(await loadPayment(database, payment.paymentId), {
    ...payment,
    state: 'started',
    refundedMinor: 0,
    reference: null,
    declineReason: null,
    tries: 0,
    leaseUntilMs: lease.leaseUntilMs,
    createdAtMs: nowMs,
  });
});

test('of payments with one id, in two batches, one is written and said to be', async () => {
  const [payment, other] = [newPayment(), newPayment()];
  const inserted = await Promise.all(
    [[payment, other], [{ ...payment, card: 'test-decline' }]].map((batch) => insertPayments(database, batch, lease)),
  );
  assert.deepEqual(inserted.flatMap((ids) => [...ids]).sort(), [payment.paymentId, other.paymentId].sort());
  assert.deepEqual(await insertPayments(database, [payment], lease), new Set());
  assert.deepEqual(await attemptsOf(payment.orderId), [1]);
});

test('an order has only so many payments, however many batches write them at once', async () => {
  const countMax = 5;
  const orderIds = Array.from({ length: 4 }, () => newId(randomBucket(), nowMs));
  const batches = Array.from({ length: 12 }, (_, batch) =>
    orderIds.flatMap((orderId) => [0, 1].map((index) => newPayment({ orderId, idempotencyKey: `${batch}/${index}` }))),
  );
  let writtenCount = 0;
  // As often as it takes: a batch that was numbered too late has another turn.
  for (let round = 0; round < countMax; round++) {
    const written = await Promise.all(batches.map((batch) => insertPayments(database, batch, lease, countMax)));
    writtenCount += written.reduce((sum, ids) => sum + ids.size, 0);
  }
  assert.equal(writtenCount, countMax * orderIds.length);
  for (const orderId of orderIds) assert.deepEqual(await attemptsOf(orderId), [1, 2, 3, 4, 5]);
  assert.deepEqual(await findExhaustedOrders(database, orderIds, countMax), new Set(orderIds));
  assert.deepEqual(await findExhaustedOrders(database, orderIds, countMax + 1), new Set());
});

test('that its order is settled without money is added to a payment that is gone, once, and to no other', async () => {
  const [open, refused, letGo, kept] = [newPayment(), newPayment(), newPayment(), await insertCaptured()];
  await insertPayments(database, [open, refused, letGo], lease);
  await end([declined(refused, 'stolen'), voided(letGo)]);
  const news = [open, refused, letGo, kept].map((payment) => voided(payment, true));
  const told = await end(news);
  assert.deepEqual(
    new Map(told.map(({ paymentId, state, isAmended }) => [paymentId, [state, isAmended]])),
    new Map([
      [open.paymentId, ['voided', false]],
      [refused.paymentId, ['declined', true]],
      [letGo.paymentId, ['voided', true]],
    ]),
  );
  assert.equal((await loadPayment(database, refused.paymentId))?.declineReason, 'stolen');
  assert.deepEqual(await end(news), []);
  assert.equal((await auditPayments(database)).length, 3);
  // Cancelled orders are paid no longer: nothing goes back, and nothing is left to look at.
  const orderIds = [open, refused, letGo].map(({ orderId }) => orderId);
  assert.deepEqual(await database.transaction((tx) => markUnwanted(tx, orderIds)), []);
  assert.deepEqual(await auditPayments(database), []);
});

test('a batch ends what is started, books what was captured, and forgets the cards', async () => {
  const [paid, refused, letGo, ended] = [newPayment(), newPayment(), newPayment(), await insertCaptured()];
  await insertPayments(database, [paid, refused, letGo], lease);
  const result = await end([captured(paid), declined(refused, 'it\'s "empty"'), voided(letGo), voided(ended)]);
  const endedIds = new Set(result.map(({ paymentId }) => paymentId));
  assert.deepEqual(endedIds, new Set([paid, refused, letGo].map(({ paymentId }) => paymentId)));
  const states = await Promise.all(
    [paid, refused, letGo, ended].map(async ({ paymentId }) => {
      const row = await loadPayment(database, paymentId);
      return [row?.state, row?.declineReason, row?.card, row?.reference];
    }),
  );
  assert.deepEqual(states, [
    ['captured', null, null, 'ref'],
    ['declined', 'it\'s "empty"', null, null],
    ['voided', null, null, null],
    ['captured', null, null, 'ref'],
  ]);
  assert.deepEqual(await auditPayments(database), []);
});

test('a payment ends once, and its entries are booked once', async () => {
  const payment = await insertCaptured();
  assert.deepEqual(await end([captured(payment), voided(payment)]), []);
  const again = bookingEntries(captureMovement(payment.paymentId, payment), nowMs);
  assert.equal(await constraintBrokenBy(() => again.execute(database)), 'ledger_entry_pkey');
  assert.deepEqual(await auditPayments(database), []);
});

test('twenty batches that end the same payments in any order end each once, and never wait in a circle', async () => {
  const payments = Array.from({ length: 20 }, () => newPayment());
  await insertPayments(database, payments, lease);
  const batches = payments.map((_, at) => [...payments.slice(at), ...payments.slice(0, at)]);
  const ended = await Promise.all(
    batches.map((batch, at) => end(batch.map((payment) => (at % 2 === 0 ? captured(payment) : voided(payment))))),
  );
  assert.deepEqual(
    ended
      .flat()
      .map(({ paymentId }) => paymentId)
      .sort(),
    payments.map(({ paymentId }) => paymentId).sort(),
  );
  assert.deepEqual(await auditPayments(database), []);
});

test('an order keeps the money of one payment only', async () => {
  const first = await insertCaptured();
  const second = newPayment({ orderId: first.orderId, idempotencyKey: 'key 2' });
  await insertPayments(database, [second], lease);
  const constraint = await constraintBrokenBy(() => end([captured(second)]));
  assert.equal(constraint, 'payment_captured_once_per_order');
  const [unwanted] = await end([captured(second, true)]);
  assert.equal(unwanted?.isUnwanted, true);
  assert.equal((await loadPayment(database, second.paymentId))?.refundedMinor, second.amountMinor);
  const { paymentId, amountMinor, currency } = second;
  const refund = { refundId: derivedId(paymentId, 'unwanted'), paymentId, amountMinor, currency, reason: null };
  await insertingRefunds([refund], lease).execute(database);
  assert.deepEqual(
    (await loadPaymentsOfOrder(database, first.orderId)).map(({ state }) => state),
    ['captured', 'captured'],
  );
});

test('the database refuses what must not be', async () => {
  const payment = await insertCaptured();
  const refused: [string, () => Promise<unknown>][] = [
    ['payment_amount_not_negative', () => insertPayments(database, [newPayment({ amountMinor: -1 })], lease)],
    ['payment_currency_code', () => insertPayments(database, [newPayment({ currency: 'usd' })], lease)],
    ['payment_refunded_within_captured', () => addingRefunded(payment.paymentId, 4901).execute(database)],
    [
      'payment_state_known',
      () =>
        sql`update payment.payment set state = 'lost' where payment_id = ${payment.paymentId}::uuid`.execute(database),
    ],
    [
      'payment_card_only_while_started',
      () => sql`update payment.payment set card = 'x' where payment_id = ${payment.paymentId}::uuid`.execute(database),
    ],
    [
      'refund_amount_positive',
      () => {
        const { paymentId, currency } = payment;
        const refund = { refundId: newId(0, nowMs), paymentId, amountMinor: 0, currency, reason: null };
        return insertingRefunds([refund], lease).execute(database);
      },
    ],
  ];
  for (const [constraint, work] of refused) assert.equal(await constraintBrokenBy(work), constraint);
});

test('the ledger takes balanced movements only, and keeps what it has', async () => {
  const book = (entries: readonly [account: string, currency: string, amountMinor: number][]) =>
    sql`insert into payment.ledger_entry (movement_id, account, currency, amount_minor, recorded_at)
        select ${newId(0, nowMs)}::uuid, account, currency, amount_minor, now()
          from unnest(${entries.map(([account]) => account)}::text[], ${entries.map(([, currency]) => currency)}::text[],
                      ${entries.map(([, , amountMinor]) => amountMinor)}::bigint[]) as entry (account, currency, amount_minor)`.execute(
      database,
    );
  const unbalanced = 'ledger_entry_movement_balances';
  assert.equal(await constraintBrokenBy(() => book([['a', 'USD', 1]])), unbalanced);
  assert.equal(
    await constraintBrokenBy(() =>
      book([
        ['a', 'USD', 1],
        ['b', 'EUR', -1],
      ]),
    ),
    unbalanced,
  );
  await book([
    ['a', 'USD', 3],
    ['b', 'USD', -2],
    ['c', 'USD', -1],
  ]);
  const rewrites = [
    () => sql`update payment.ledger_entry set amount_minor = 0 - amount_minor`.execute(database),
    () => sql`delete from payment.ledger_entry`.execute(database),
    () => sql`truncate payment.ledger_entry`.execute(database),
  ];
  for (const rewrite of rewrites) assert.equal(await constraintBrokenBy(rewrite), 'ledger_entry_is_final');
});

test('only what nobody is at work on is taken over, by one only', async () => {
  const payment = newPayment();
  await insertPayments(database, [payment], lease);
  const later = { nowMs: lease.leaseUntilMs, leaseUntilMs: lease.leaseUntilMs + 15_000 };
  assert.equal(await claimPayment(database, payment.paymentId, lease), false);
  const claims = await Promise.all(Array.from({ length: 20 }, () => claimPayment(database, payment.paymentId, later)));
  assert.equal(claims.filter(Boolean).length, 1);
  assert.equal(await postponePayment(database, payment.paymentId, nowMs + 1000), true);
  assert.equal((await loadPayment(database, payment.paymentId))?.tries, 1);

  const many = Array.from({ length: 30 }, () => newPayment());
  await insertPayments(database, many, { nowMs, leaseUntilMs: nowMs });
  const much = { ...lease, nowMs, countMax: 7 };
  const claimed = (await Promise.all(Array.from({ length: 8 }, () => claimOverduePayments(database, much)))).flat();
  const claimedIds = claimed.map(({ paymentId }) => paymentId);
  assert.equal(new Set(claimedIds).size, claimedIds.length, 'nobody is claimed twice');
  assert.deepEqual(new Set(claimedIds), new Set(many.map(({ paymentId }) => paymentId)));
  assert.deepEqual(await claimOverduePayments(database, much), []);
  await end([captured(payment)]);
  assert.equal(await postponePayment(database, payment.paymentId, nowMs), false);
});

test('a cancelled order wants its money back once: all that is left, now or when it is captured', async () => {
  const paid = await insertCaptured();
  await addingRefunded(paid.paymentId, 900).execute(database);
  const open = newPayment();
  await insertPayments(database, [open], lease);
  const orderIds = [paid.orderId, open.orderId, paid.orderId];
  const unwanted = await database.transaction((tx) => markUnwanted(tx, orderIds));
  assert.deepEqual(
    unwanted.map(({ paymentId, leftMinor }) => [paymentId, leftMinor]),
    [[paid.paymentId, 4000]],
  );
  assert.deepEqual(await database.transaction((tx) => markUnwanted(tx, orderIds)), []);
  const ended = await end([captured(open)]);
  assert.deepEqual(
    ended.map(({ paymentId, isUnwanted }) => [paymentId, isUnwanted]),
    [[open.paymentId, true]],
  );
  assert.equal((await loadPayment(database, open.paymentId))?.refundedMinor, 4900);
});

test('a refund ends once and is booked once', async () => {
  const payment = await insertCaptured();
  const { paymentId, currency } = payment;
  const refund = { refundId: derivedId(paymentId, 'r'), paymentId, amountMinor: 1500, currency, reason: 'too "small"' };
  const promising = [addingRefunded(paymentId, 1500), insertingRefunds([refund], { nowMs, leaseUntilMs: nowMs })];
  await database.transaction(async () => commitWith(promising, undefined));
  const claimed = await claimOverdueRefunds(database, { ...lease, countMax: 1000 });
  const mine = claimed.find(({ refundId }) => refundId === refund.refundId);
  assert.deepEqual(mine, await loadRefund(database, refund.refundId));
  assert.deepEqual(mine && [mine.reason, mine.state, mine.reference, mine.orderId], [
    'too "small"',
    'started',
    'ref',
    payment.orderId,
  ]);
  await postponeRefund(database, refund.refundId, nowMs + 1);
  assert.equal((await loadRefund(database, refund.refundId))?.tries, 1);
  const finish = () =>
    database.transaction(async (tx) => {
      const started = await lockStartedRefunds(tx, [refund.refundId]);
      const entries = [...started].flatMap((refundId) => refundMovement(refundId, { ...refund, provider: 'test' }));
      return commitWith([endingRefunds([...started], nowMs), bookingEntries(entries, nowMs)], started);
    });
  assert.deepEqual(await finish(), new Set([refund.refundId]));
  assert.deepEqual(await finish(), new Set());
  assert.equal((await loadRefund(database, refund.refundId))?.state, 'done');
});

test('a webhook event is known until it is forgotten', async () => {
  const event = { provider: 'test', eventId: 'evt_1' };
  assert.equal(await isWebhookEventKnown(database, event), false);
  await rememberWebhookEvent(database, event, nowMs);
  await rememberWebhookEvent(database, event, nowMs);
  assert.equal(await isWebhookEventKnown(database, event), true);
  assert.equal(await isWebhookEventKnown(database, { ...event, provider: 'other' }), false);
  await forgetWebhookEvents(database, nowMs + 1);
  assert.equal(await isWebhookEventKnown(database, event), false);
});
