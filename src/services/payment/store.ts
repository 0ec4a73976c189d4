import { plainArray, type Queryable, type Statement, sql } from '../../platform/database/sql.ts';
import type { PaymentState } from './api.ts';
import type { LedgerEntry } from './ledger.ts';
import { type PaymentEnd, type PaymentStanding, paymentsPerOrderMax } from './payment.ts';

export interface NewPayment {
  readonly paymentId: string;
  readonly orderId: string;
  readonly idempotencyKey: string;
  readonly fingerprint: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly provider: string;
  readonly card: string;
}

export interface PaymentRow extends Omit<NewPayment, 'card'> {
  readonly state: PaymentState;
  readonly refundedMinor: number;
  readonly card: string | null;
  readonly reference: string | null;
  readonly declineReason: string | null;
  readonly tries: number;
  readonly leaseUntilMs: number;
  readonly createdAtMs: number;
}

/**
 * Writes payments that are about to be asked for, each id at most once; gives back the ids of those that were not there
 * before. Missing from the answer is what was there, what would be one payment too many for its order, and what somebody else
 * was a moment faster than in numbering: that may be tried again.
 */
export async function insertPayments(
  db: Queryable,
  payments: readonly NewPayment[],
  { nowMs, leaseUntilMs }: { nowMs: number; leaseUntilMs: number },
  countMax = paymentsPerOrderMax,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ paymentId: string }>`
    with numbered as (
      select new.*,
             row_number() over (partition by order_id order by payment_id)
             + coalesce((select max(attempt) from payment.payment where payment.order_id = new.order_id), 0) as attempt
        from unnest(
               ${plainArray(payments.map((payment) => payment.paymentId))}::uuid[],
               ${plainArray(payments.map((payment) => payment.orderId))}::uuid[],
               ${payments.map((payment) => payment.idempotencyKey)}::text[],
               ${plainArray(payments.map((payment) => payment.fingerprint))}::uuid[],
               ${plainArray(payments.map((payment) => payment.amountMinor))}::bigint[],
               ${plainArray(payments.map((payment) => payment.currency))}::text[],
               ${payments.map((payment) => payment.provider)}::text[],
               ${payments.map((payment) => payment.card)}::text[]
             ) as new (payment_id, order_id, idempotency_key, fingerprint, amount_minor, currency, provider, card)
       -- A scalar subquery, so that it is one look into the index for each, whatever the planner thinks of the table.
       where (select payment_id from payment.payment where payment.payment_id = new.payment_id) is null
    )
    insert into payment.payment
           (payment_id, order_id, attempt, idempotency_key, fingerprint, state, amount_minor, currency, provider, card,
            lease_until, created_at)
    select payment_id, order_id, attempt, idempotency_key, fingerprint, 'started', amount_minor, currency, provider, card,
           to_timestamp(${leaseUntilMs}::float8 / 1000), to_timestamp(${nowMs}::float8 / 1000)
      from numbered
     where attempt <= ${countMax}::integer
     order by order_id, attempt
        on conflict do nothing
    returning payment_id as "paymentId"`.execute(db);
  return new Set(rows.map((row) => row.paymentId));
}

/** Those of the orders that have all the payments that they may have. */
export async function findExhaustedOrders(
  db: Queryable,
  orderIds: readonly string[],
  countMax = paymentsPerOrderMax,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ orderId: string }>`
    select order_id as "orderId"
      from payment.payment
     where order_id = any(${plainArray(orderIds)}::uuid[])
       and attempt = ${countMax}::integer`.execute(db);
  return new Set(rows.map((row) => row.orderId));
}

export async function loadPayments(db: Queryable, paymentIds: readonly string[]): Promise<PaymentRow[]> {
  const { rows } = await sql<PaymentRow>`
    select payment_id as "paymentId", order_id as "orderId", idempotency_key as "idempotencyKey", fingerprint, state,
           amount_minor as "amountMinor", refunded_minor as "refundedMinor", currency, provider, card, reference,
           decline_reason as "declineReason", tries, lease_until as "leaseUntilMs", created_at as "createdAtMs"
      from payment.payment
     where payment_id = any(${plainArray(paymentIds)}::uuid[])`.execute(db);
  return rows;
}

export async function loadPayment(db: Queryable, paymentId: string): Promise<PaymentRow | undefined> {
  return (await loadPayments(db, [paymentId]))[0];
}

/** The latest payments of an order, newest first. */
export async function loadPaymentsOfOrder(db: Queryable, orderId: string, countMax = 100): Promise<PaymentRow[]> {
  const { rows } = await sql<PaymentRow>`
    select payment_id as "paymentId", order_id as "orderId", idempotency_key as "idempotencyKey", fingerprint, state,
           amount_minor as "amountMinor", refunded_minor as "refundedMinor", currency, provider, card, reference,
           decline_reason as "declineReason", tries, lease_until as "leaseUntilMs", created_at as "createdAtMs"
      from payment.payment
     where order_id = ${orderId}::uuid
     order by created_at desc, payment_id
     limit ${countMax}::integer`.execute(db);
  return rows;
}

/** Payments as decisions need them, locked until the transaction ends. */
export async function lockPayments(
  tx: Queryable,
  paymentIds: readonly string[],
): Promise<Map<string, PaymentStanding & Pick<PaymentRow, 'currency'>>> {
  // In key order, so that two batches never wait for each other in a circle.
  const { rows } = await sql<PaymentStanding & Pick<PaymentRow, 'currency'>>`
    select payment_id as "paymentId", state, amount_minor as "amountMinor", refunded_minor as "refundedMinor", currency,
           reference, decline_reason as "declineReason", is_unwanted as "isUnwanted", is_order_settled as "isOrderSettled"
      from payment.payment
     where payment_id = any(${plainArray(paymentIds)}::uuid[])
     order by payment_id
       for no key update`.execute(tx);
  return new Map(rows.map((row) => [row.paymentId, row]));
}

/** Takes over a payment that nobody is at work on any more. False when somebody is, or when it has ended. */
export async function claimPayment(
  db: Queryable,
  paymentId: string,
  { nowMs, leaseUntilMs }: { nowMs: number; leaseUntilMs: number },
): Promise<boolean> {
  const { rowCount } = await sql`
    update payment.payment
       set lease_until = to_timestamp(${leaseUntilMs}::float8 / 1000)
     where payment_id = ${paymentId}::uuid
       and state = 'started'
       and lease_until <= to_timestamp(${nowMs}::float8 / 1000)`.execute(db);
  return rowCount === 1;
}

/** Takes over what nobody is at work on any more, the longest waiting first. */
export async function claimOverduePayments(
  db: Queryable,
  { nowMs, leaseUntilMs, countMax }: { nowMs: number; leaseUntilMs: number; countMax: number },
): Promise<PaymentRow[]> {
  const { rows } = await sql<PaymentRow>`
    with overdue as (
      select payment_id
        from payment.payment
       where state = 'started'
         and lease_until <= to_timestamp(${nowMs}::float8 / 1000)
       order by lease_until
       limit ${countMax}::integer
         for update skip locked
    )
    update payment.payment as payment
       set lease_until = to_timestamp(${leaseUntilMs}::float8 / 1000)
      from overdue
     where payment.payment_id = overdue.payment_id
    returning payment.payment_id as "paymentId", order_id as "orderId", idempotency_key as "idempotencyKey", fingerprint,
           state, amount_minor as "amountMinor", refunded_minor as "refundedMinor", currency, provider, card, reference,
           decline_reason as "declineReason", tries, lease_until as "leaseUntilMs",
           created_at as "createdAtMs"`.execute(db);
  return rows;
}

/** The outcome is still unknown: to be tried again after `retryAtMs`. False when it has ended meanwhile. */
export async function postponePayment(db: Queryable, paymentId: string, retryAtMs: number): Promise<boolean> {
  const { rowCount } = await sql`
    update payment.payment
       set tries = tries + 1,
           lease_until = to_timestamp(${retryAtMs}::float8 / 1000)
     where payment_id = ${paymentId}::uuid
       and state = 'started'`.execute(db);
  return rowCount === 1;
}

/** Writes the ends of payments that are locked, and forgets their cards. */
export function endingPayments(ends: readonly PaymentEnd[], nowMs: number): Statement {
  return sql`
    update payment.payment as payment
       set state = ended.state,
           reference = ended.reference,
           decline_reason = ended.decline_reason,
           is_unwanted = ended.is_unwanted,
           is_order_settled = ended.is_order_settled,
           refunded_minor = ended.refunded_minor,
           card = null,
           finished_at = coalesce(payment.finished_at, to_timestamp(${nowMs}::float8 / 1000))
      from unnest(
             ${plainArray(ends.map((end) => end.paymentId))}::uuid[],
             ${plainArray(ends.map((end) => end.state))}::text[],
             ${ends.map((end) => end.reference)}::text[],
             ${ends.map((end) => end.declineReason)}::text[],
             ${plainArray(ends.map((end) => String(end.isUnwanted)))}::boolean[],
             ${plainArray(ends.map((end) => String(end.isOrderSettled)))}::boolean[],
             ${plainArray(ends.map((end) => end.refundedMinor))}::bigint[]
           ) as ended (payment_id, state, reference, decline_reason, is_unwanted, is_order_settled, refunded_minor)
     where payment.payment_id = ended.payment_id`;
}

/** Adds movements to the ledger, which refuses those that do not balance and those that it has. */
export function bookingEntries(entries: readonly LedgerEntry[], nowMs: number): Statement {
  return sql`
    insert into payment.ledger_entry (movement_id, account, currency, amount_minor, recorded_at)
    select movement_id, account, currency, amount_minor, to_timestamp(${nowMs}::float8 / 1000)
      from unnest(
             ${plainArray(entries.map((entry) => entry.movementId))}::uuid[],
             ${entries.map((entry) => entry.account)}::text[],
             ${plainArray(entries.map((entry) => entry.currency))}::text[],
             ${plainArray(entries.map((entry) => entry.amountMinor))}::bigint[]
           ) as entry (movement_id, account, currency, amount_minor)`;
}

/** Keeps a webhook's event id; to be called when its news was dealt with. */
export async function rememberWebhookEvent(
  db: Queryable,
  event: { provider: string; eventId: string },
  nowMs: number,
): Promise<void> {
  await sql`
    insert into payment.webhook_event (provider, event_id, received_at)
    values (${event.provider}::text, ${event.eventId}::text, to_timestamp(${nowMs}::float8 / 1000))
        on conflict do nothing`.execute(db);
}

export async function isWebhookEventKnown(
  db: Queryable,
  event: { provider: string; eventId: string },
): Promise<boolean> {
  const { rows } = await sql<{ one: number }>`
    select 1 as one
      from payment.webhook_event
     where provider = ${event.provider}::text
       and event_id = ${event.eventId}::text`.execute(db);
  return rows.length > 0;
}

export async function forgetWebhookEvents(db: Queryable, beforeMs: number): Promise<void> {
  await sql`
    delete from payment.webhook_event
     where received_at < to_timestamp(${beforeMs}::float8 / 1000)`.execute(db);
}
