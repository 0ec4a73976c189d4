import assert from 'node:assert/strict';
import test from 'node:test';
import { newId } from '../../platform/database/id.ts';
import { sql } from '../../platform/database/sql.ts';
import { testDatabase } from '../../platform/testing/database.ts';
import { auditPayments } from './audit.ts';
import { paymentMigrations } from './migrations.ts';

const database = await testDatabase([paymentMigrations]);
const nowMs = 1_800_000_000_000;

/** A captured payment of 100 whose entries are as given, as somebody with a SQL prompt might leave it. */
async function insertPayment(entryMinors: readonly number[], refundedMinor = 0): Promise<string> {
  const paymentId = newId(0, nowMs);
  await sql`
    insert into payment.payment (payment_id, order_id, attempt, idempotency_key, fingerprint, state, amount_minor, refunded_minor,
                                 currency, provider, lease_until, created_at, finished_at)
    values (${paymentId}::uuid, ${newId(0, nowMs)}::uuid, 1, 'k', ${paymentId}::uuid, 'captured', 100, ${refundedMinor}::bigint,
            'USD', 'test', now(), now(), now())`.execute(database);
  await sql`
    insert into payment.ledger_entry (movement_id, account, currency, amount_minor, recorded_at)
    select ${paymentId}::uuid, account, 'USD', amount_minor, now()
      from unnest(${['provider:test:receivable', 'orders:revenue', 'elsewhere'].slice(0, entryMinors.length)}::text[],
                  ${entryMinors}::bigint[]) as entry (account, amount_minor)`.execute(database);
  return paymentId;
}

test('the audit is silent on books that are right, and names each thing that is wrong', async () => {
  await insertPayment([100, -100]);
  assert.deepEqual(await auditPayments(database), []);

  const [unbooked, misbooked, miscounted] = [
    await insertPayment([]),
    await insertPayment([40, -40]),
    await insertPayment([100, -100], 30),
  ];
  // As if the trigger had not been there.
  await sql`alter table payment.ledger_entry disable trigger ledger_entry_movement_balances`.execute(database);
  const unbalanced = await insertPayment([100, -93]);

  // As recovery leaves it where the provider let go what was relied on.
  const unpaid = newId(0, nowMs);
  await sql`
    insert into payment.payment (payment_id, order_id, attempt, idempotency_key, fingerprint, state, is_order_settled,
                                 amount_minor, currency, provider, lease_until, created_at, finished_at)
    values (${unpaid}::uuid, ${unpaid}::uuid, 1, 'k', ${unpaid}::uuid, 'voided', true, 100, 'USD', 'test', now(), now(),
            now())`.execute(database);

  assert.deepEqual(
    new Set(await auditPayments(database)),
    new Set([
      'the ledger sums to 7 USD',
      `movement ${unbooked}: 0 booked of 100, entries sum to 0`,
      `movement ${misbooked}: 40 booked of 100, entries sum to 0`,
      `movement ${unbalanced}: 100 booked of 100, entries sum to 7`,
      `order ${unpaid} is paid by payment ${unpaid}, which is voided`,
      `payment ${miscounted}: 30 counted as given back, refunds sum to 0`,
    ]),
  );
});
