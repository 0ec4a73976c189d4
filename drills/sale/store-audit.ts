import { plainArray, type Queryable, sql } from '../../src/platform/database/sql.ts';

/** An order as its rows say. */
export interface OrderRow {
  readonly orderId: string;
  readonly buyerId: string;
  readonly state: string;
  readonly currency: string;
  readonly totalMinor: number;
  readonly couponId: string | null;
  readonly paymentId: string | null;
  readonly placedAtMs: number;
  readonly payByAtMs: number;
  readonly isPaid: boolean;
  /** Delivery, tax, coupon, contact and address. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly lines: readonly OrderLineRow[];
}

export interface OrderLineRow {
  readonly variantId: string;
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly discountMinor: number;
  readonly totalMinor: number;
}

/** Orders of some variants, and those with some ids. */
export async function loadOrders(
  on: Queryable,
  wanted: { variantIds: readonly string[]; orderIds: readonly string[] },
): Promise<OrderRow[]> {
  const { rows } = await sql<OrderRow>`
    with wanted as (
      select order_id
        from checkout.order_line
       where variant_id = any(${plainArray(wanted.variantIds)}::uuid[])
       union
      select unnest(${plainArray(wanted.orderIds)}::uuid[])
    ), line as (
      select order_id,
             json_agg(json_build_object('variantId', variant_id, 'sku', sku, 'title', title, 'quantity', quantity,
                                        'unitPriceMinor', unit_price_minor, 'discountMinor', discount_minor,
                                        'totalMinor', total_minor) order by line_no) as lines
        from checkout.order_line
        join wanted using (order_id)
       group by order_id
    )
    select order_id as "orderId", buyer_id as "buyerId", state, currency, total_minor as "totalMinor",
           coupon_id as "couponId", payment_id as "paymentId", placed_at as "placedAtMs", pay_by_at as "payByAtMs",
           paid_at is not null as "isPaid", details, coalesce(lines, '[]') as lines
      from checkout.purchase_order
      join wanted using (order_id)
      left join line using (order_id)`.execute(on);
  return rows;
}

export interface PaymentRow {
  readonly paymentId: string;
  readonly orderId: string;
  readonly key: string;
  readonly state: string;
  readonly amountMinor: number;
  readonly refundedMinor: number;
  readonly currency: string;
  readonly isUnwanted: boolean;
}

export async function loadPayments(on: Queryable, orderIds: readonly string[]): Promise<PaymentRow[]> {
  const { rows } = await sql<PaymentRow>`
    select payment_id as "paymentId", order_id as "orderId", idempotency_key as key, state,
           amount_minor as "amountMinor", refunded_minor as "refundedMinor", currency, is_unwanted as "isUnwanted"
      from payment.payment
     where order_id = any(${plainArray(orderIds)}::uuid[])`.execute(on);
  return rows;
}

/** How often something was announced of an order. */
export interface EventCountRow {
  readonly orderId: string;
  readonly topic: string;
  readonly count: number;
}

export async function countEvents(on: Queryable, orderIds: readonly string[]): Promise<EventCountRow[]> {
  const { rows } = await sql<EventCountRow>`
    select key as "orderId", topic, count(*) as count
      from events.outbox
     where key = any(${plainArray(orderIds)}::text[])
     group by key, topic`.execute(on);
  return rows;
}

/** What was received of a subject (a variant, a coupon) and what checkout was dealt. */
export interface StockRow {
  readonly subjectId: string;
  /** By the stock's ledger of movements; zero for coupons, which stock does not know. */
  readonly moved: number;
  readonly granted: number;
  readonly reserved: number;
  readonly sold: number;
}

export async function loadStock(on: Queryable, subjectIds: readonly string[]): Promise<StockRow[]> {
  const { rows } = await sql<StockRow>`
    select subject_id as "subjectId", coalesce(movement.moved, 0) as moved, coalesce(allotment.granted, 0) as granted,
           coalesce(allotment.reserved, 0) as reserved, coalesce(allotment.sold, 0) as sold
      from unnest(${plainArray(subjectIds)}::uuid[]) as wanted (subject_id)
      left join checkout.allotment using (subject_id)
      left join (
             select variant_id as subject_id, sum(quantity) filter (where state = 'applied') as moved
               from stock.movement
              where variant_id = any(${plainArray(subjectIds)}::uuid[])
              group by variant_id
           ) as movement using (subject_id)`.execute(on);
  return rows;
}

/** All entries that there are, and what they sum to in each currency. */
export async function sumLedger(on: Queryable): Promise<{ currency: string; entryCount: number; sumMinor: number }[]> {
  const { rows } = await sql<{ currency: string; entryCount: number; sumMinor: number }>`
    select currency, count(*) as "entryCount", sum(amount_minor) as "sumMinor"
      from payment.ledger_entry
     group by currency`.execute(on);
  return rows;
}

/** What of these orders is still on its way: payments, refunds, and paid orders whose cancellation has not been heard of. */
export async function countUnderWay(on: Queryable, orderIds: readonly string[]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with wanted as (
      select unnest(${plainArray(orderIds)}::uuid[]) as order_id
    )
    select (select count(*)
              from payment.payment
              join wanted using (order_id)
             where state = 'started')
         + (select count(*)
              from payment.refund
              join payment.payment using (payment_id)
              join wanted using (order_id)
             where refund.state = 'started')
         + (select count(*)
              from checkout.purchase_order
              join wanted using (order_id)
              join payment.payment using (payment_id)
             where purchase_order.state = 'cancelled'
               and payment.state = 'captured'
               and payment.refunded_minor < payment.amount_minor) as count`.execute(on);
  return rows[0]?.count ?? 0;
}
