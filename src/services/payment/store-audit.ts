import { type Queryable, sql } from '../../platform/database/sql.ts';

/** What all entries of each currency sum to: zero, or money appeared from nowhere. */
export async function sumLedger(on: Queryable): Promise<{ currency: string; sumMinor: number }[]> {
  const { rows } = await sql<{ currency: string; sumMinor: number }>`
    select currency, sum(amount_minor) as "sumMinor"
      from payment.ledger_entry
     group by currency
     order by currency`.execute(on);
  return rows;
}

/** Captures and refunds whose entries do not say what was captured and refunded, and entries that belong to neither. */
export async function findMisbookedMovements(on: Queryable, countMax: number) {
  const { rows } = await sql<{ movementId: string; expectedMinor: number; bookedMinor: number; sumMinor: number }>`
    with moved as (
      select payment_id as movement_id, currency, amount_minor
        from payment.payment
       where state = 'captured'
         and amount_minor > 0
       union all
      select refund_id, currency, -amount_minor
        from payment.refund
       where state = 'done'
    ), booked as (
      select movement_id, currency, sum(amount_minor) as sum_minor,
             coalesce(sum(amount_minor) filter (where account like 'provider:%'), 0) as booked_minor
        from payment.ledger_entry
       group by movement_id, currency
    )
    select movement_id as "movementId", coalesce(moved.amount_minor, 0) as "expectedMinor",
           coalesce(booked.booked_minor, 0) as "bookedMinor", coalesce(booked.sum_minor, 0) as "sumMinor"
      from moved
      full join booked using (movement_id, currency)
     where moved.amount_minor is distinct from booked.booked_minor
        or booked.sum_minor <> 0
     limit ${countMax}::integer`.execute(on);
  return rows;
}

/** Payments that count more or less as given back than their refunds sum to. */
export async function findMiscountedRefunds(on: Queryable, countMax: number) {
  const { rows } = await sql<{ paymentId: string; refundedMinor: number; refundsMinor: number }>`
    select payment.payment_id as "paymentId", payment.refunded_minor as "refundedMinor",
           coalesce(sum(refund.amount_minor), 0) as "refundsMinor"
      from payment.payment
      left join payment.refund on refund.payment_id = payment.payment_id
     group by payment.payment_id
    having payment.refunded_minor <> coalesce(sum(refund.amount_minor), 0)
     limit ${countMax}::integer`.execute(on);
  return rows;
}

/** Orders that count as paid by a payment whose money was declined or let go; not those that were cancelled since. */
export async function findUnpaidSettlements(on: Queryable, countMax: number) {
  const { rows } = await sql<{ paymentId: string; orderId: string; state: string }>`
    select payment_id as "paymentId", order_id as "orderId", state
      from payment.payment
     where is_order_settled
       and not is_unwanted
     limit ${countMax}::integer`.execute(on);
  return rows;
}

/** How much is still on its way, the longest waiting first in mind: none once recovery has had its time. */
export async function countUnderWay(on: Queryable): Promise<{ payments: number; refunds: number }> {
  const { rows } = await sql<{ payments: number; refunds: number }>`
    select (select count(*) from payment.payment where state = 'started') as payments,
           (select count(*) from payment.refund where state = 'started') as refunds`.execute(on);
  return rows[0] ?? { payments: 0, refunds: 0 };
}

/** Captured payments that keep their money: each must be the one that its order is paid by. */
export async function loadKeptPayments(on: Queryable): Promise<{ paymentId: string; orderId: string }[]> {
  const { rows } = await sql<{ paymentId: string; orderId: string }>`
    select payment_id as "paymentId", order_id as "orderId"
      from payment.payment
     where state = 'captured'
       and not is_unwanted
     order by payment_id`.execute(on);
  return rows;
}
