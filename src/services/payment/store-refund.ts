import { plainArray, type Queryable, type Statement, sql } from '../../platform/database/sql.ts';

export interface NewRefund {
  readonly refundId: string;
  readonly paymentId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly reason: string | null;
}

/** A refund with what the provider must be told of its payment. */
export interface RefundRow extends NewRefund {
  readonly state: 'started' | 'done';
  readonly tries: number;
  readonly createdAtMs: number;
  readonly orderId: string;
  readonly provider: string;
  readonly reference: string | null;
}

/** Writes refunds that are about to be asked for. Their amounts must have been added to the payments' `refunded_minor` already. */
export function insertingRefunds(
  refunds: readonly NewRefund[],
  { nowMs, leaseUntilMs }: { nowMs: number; leaseUntilMs: number },
): Statement {
  return sql`
    insert into payment.refund (refund_id, payment_id, amount_minor, currency, reason, lease_until, created_at)
    select refund_id, payment_id, amount_minor, currency, reason,
           to_timestamp(${leaseUntilMs}::float8 / 1000), to_timestamp(${nowMs}::float8 / 1000)
      from unnest(
             ${plainArray(refunds.map((refund) => refund.refundId))}::uuid[],
             ${plainArray(refunds.map((refund) => refund.paymentId))}::uuid[],
             ${plainArray(refunds.map((refund) => refund.amountMinor))}::bigint[],
             ${plainArray(refunds.map((refund) => refund.currency))}::text[],
             ${refunds.map((refund) => refund.reason)}::text[]
           ) as new (refund_id, payment_id, amount_minor, currency, reason)`;
}

/** Promises part of a payment back to the buyer. The payment must be locked, and have as much left. */
export function addingRefunded(paymentId: string, amountMinor: number): Statement {
  return sql`
    update payment.payment
       set refunded_minor = refunded_minor + ${amountMinor}::bigint
     where payment_id = ${paymentId}::uuid`;
}

export interface UnwantedPayment {
  readonly paymentId: string;
  readonly currency: string;
  readonly leftMinor: number;
}

/**
 * Marks the money of cancelled orders as unwanted: what is captured is promised back here and now, and given as answer where
 * anything was left; what is still under way will be when it is captured. Where an order was settled without money nothing goes
 * back, and nobody needs to look at it any more.
 */
export async function markUnwanted(tx: Queryable, orderIds: readonly string[]): Promise<UnwantedPayment[]> {
  const { rows } = await sql<UnwantedPayment & { state: string }>`
    with cancelled as (
      select distinct order_id
        from unnest(${plainArray(orderIds)}::uuid[]) as cancelled (order_id)
    )
    update payment.payment as payment
       set is_unwanted = true,
           refunded_minor = case payment.state when 'captured' then payment.amount_minor else 0 end
      from cancelled
     where payment.order_id = cancelled.order_id
       and (payment.state in ('started', 'captured') or payment.is_order_settled)
       and not payment.is_unwanted
    returning payment.payment_id as "paymentId", payment.currency, payment.state,
              new.refunded_minor - old.refunded_minor as "leftMinor"`.execute(tx);
  return rows.filter((row) => row.leftMinor > 0);
}

export async function loadRefund(db: Queryable, refundId: string): Promise<RefundRow | undefined> {
  const { rows } = await sql<RefundRow>`
    select refund_id as "refundId", refund.payment_id as "paymentId", refund.amount_minor as "amountMinor",
           refund.currency, reason, refund.state, refund.tries, refund.created_at as "createdAtMs",
           order_id as "orderId", provider, reference
      from payment.refund
      join payment.payment on payment.payment_id = refund.payment_id
     where refund_id = ${refundId}::uuid`.execute(db);
  return rows[0];
}

/** Takes over refunds that nobody is at work on, the longest waiting first. */
export async function claimOverdueRefunds(
  db: Queryable,
  { nowMs, leaseUntilMs, countMax }: { nowMs: number; leaseUntilMs: number; countMax: number },
): Promise<RefundRow[]> {
  const { rows } = await sql<RefundRow>`
    with overdue as (
      select refund_id
        from payment.refund
       where state = 'started'
         and lease_until <= to_timestamp(${nowMs}::float8 / 1000)
       order by lease_until
       limit ${countMax}::integer
         for update skip locked
    )
    update payment.refund as refund
       set lease_until = to_timestamp(${leaseUntilMs}::float8 / 1000)
      from overdue, payment.payment
     where refund.refund_id = overdue.refund_id
       and payment.payment_id = refund.payment_id
    returning refund.refund_id as "refundId", refund.payment_id as "paymentId", refund.amount_minor as "amountMinor",
              refund.currency, refund.reason, refund.state, refund.tries, refund.created_at as "createdAtMs",
              payment.order_id as "orderId", payment.provider, payment.reference`.execute(db);
  return rows;
}

/** The outcome is still unknown: to be tried again after `retryAtMs`. */
export async function postponeRefund(db: Queryable, refundId: string, retryAtMs: number): Promise<void> {
  await sql`
    update payment.refund
       set tries = tries + 1,
           lease_until = to_timestamp(${retryAtMs}::float8 / 1000)
     where refund_id = ${refundId}::uuid
       and state = 'started'`.execute(db);
}

/** Those of these refunds that are still under way, locked until the transaction ends. */
export async function lockStartedRefunds(tx: Queryable, refundIds: readonly string[]): Promise<ReadonlySet<string>> {
  // In key order, so that two batches never wait for each other in a circle.
  const { rows } = await sql<{ refundId: string }>`
    select refund_id as "refundId"
      from payment.refund
     where refund_id = any(${plainArray(refundIds)}::uuid[])
       and state = 'started'
     order by refund_id
       for no key update`.execute(tx);
  return new Set(rows.map((row) => row.refundId));
}

export function endingRefunds(refundIds: readonly string[], nowMs: number): Statement {
  return sql`
    update payment.refund
       set state = 'done',
           done_at = to_timestamp(${nowMs}::float8 / 1000)
     where refund_id = any(${plainArray(refundIds)}::uuid[])`;
}
