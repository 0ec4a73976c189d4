import { plainArray, type Queryable, type Statement, sql } from '../../platform/database/sql.ts';
import type { Quote, QuoteLine } from '../quote/api.ts';
import { type Take, takingKey } from './allocation.ts';
import type { OrderState } from './api.ts';
import type { OrderFacts } from './order.ts';
import type { Hold } from './unpaid.ts';

/** An order as it is written: what the buyer agreed to, and when. */
export interface NewOrder {
  readonly quote: Quote;
  readonly takes: readonly Take[];
  /** What it is counted under while it is unpaid; nothing if left out. */
  readonly holds?: readonly Hold[];
  readonly clientPrefix?: string | undefined;
  /** When its payment is due, where that is not when all of the batch's are. */
  readonly payByAtMs?: number;
}

/** What the order shows and nothing decides on, kept as one JSON value. */
type OrderDetails = Pick<
  Quote,
  'coupon' | 'deliveryMethod' | 'deliveryMinor' | 'taxMinor' | 'contact' | 'deliveryAddress'
>;

export interface StoredOrder extends OrderFacts {
  readonly orderId: string;
  readonly buyerId: string;
  readonly placedAtMs: number;
  readonly paidAtMs: number | undefined;
  readonly details: OrderDetails;
  readonly lines: readonly QuoteLine[];
}

/** Available units of these subjects, locked until the transaction ends. */
export async function lockAvailable(tx: Queryable, subjectIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await lockingAvailable(subjectIds).execute(tx);
  return new Map(rows.map((row) => [row.subjectId, row.available]));
}

export function lockingAvailable(
  subjectIds: readonly string[],
): Statement<{ readonly subjectId: string; readonly available: number }> {
  // In key order, so that two batches never wait for each other in a circle.
  return sql`
    select subject_id as "subjectId", granted - reserved - sold as available
      from checkout.allotment
     where subject_id = any(${plainArray(subjectIds)}::uuid[])
     order by subject_id
       for no key update`;
}

/** Which of these orders exist. Under the locks of lockAvailable the answer cannot change any more. */
export async function findOrderIds(tx: Queryable, orderIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ orderId: string }>`
    select order_id as "orderId"
      from checkout.purchase_order
     where order_id = any(${plainArray(orderIds)}::uuid[])`.execute(tx);
  return new Set(rows.map((row) => row.orderId));
}

/** How much these buyers hold under these limits, by takingKey. Stable under the locks of lockAvailable. */
export async function loadTakings(
  tx: Queryable,
  pairs: readonly { limitId: string; buyerId: string }[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ limitId: string; buyerId: string; taken: number }>`
    select taking.limit_id as "limitId", taking.buyer_id as "buyerId", taking.taken
      from checkout.buyer_taking as taking
      join unnest(${plainArray(pairs.map((pair) => pair.limitId))}::uuid[],
                  ${plainArray(pairs.map((pair) => pair.buyerId))}::uuid[]) as wanted (limit_id, buyer_id)
        on taking.limit_id = wanted.limit_id
       and taking.buyer_id = wanted.buyer_id`.execute(tx);
  return new Map(rows.map((row) => [takingKey(row.limitId, row.buyerId), row.taken]));
}

export function reserving(unitsBySubject: ReadonlyMap<string, number>): Statement {
  return sql`
    update checkout.allotment
       set reserved = reserved + taken.quantity
      from unnest(${plainArray([...unitsBySubject.keys()])}::uuid[],
                  ${plainArray([...unitsBySubject.values()])}::bigint[]) as taken (subject_id, quantity)
     where allotment.subject_id = taken.subject_id`;
}

export function insertingOrders(orders: readonly NewOrder[], at: { placedAtMs: number; payByAtMs: number }): Statement {
  return sql`
    insert into checkout.purchase_order
           (order_id, buyer_id, currency, total_minor, coupon_id, coupon_limit_id, placed_at, pay_by_at, is_counted,
            client_prefix, details)
    select order_id, buyer_id, currency, total_minor, coupon_id, coupon_limit_id,
           to_timestamp(${at.placedAtMs}::bigint / 1000.0), to_timestamp(pay_by_ms / 1000.0), is_counted, client_prefix, details
      from unnest(${plainArray(orders.map(({ quote }) => quote.orderId))}::uuid[],
                  ${plainArray(orders.map(({ quote }) => quote.buyerId))}::uuid[],
                  ${plainArray(orders.map(({ quote }) => quote.currency))}::text[],
                  ${plainArray(orders.map(({ quote }) => quote.totalMinor))}::bigint[],
                  ${plainArray(orders.map(({ quote }) => (quote.coupon?.isLimited ? quote.coupon.couponId : null)))}::uuid[],
                  ${plainArray(orders.map(({ quote }) => quote.coupon?.limit?.limitId ?? null))}::uuid[],
                  ${plainArray(orders.map(({ payByAtMs }) => payByAtMs ?? at.payByAtMs))}::bigint[],
                  ${plainArray(orders.map(({ holds = [] }) => (holds.length > 0 ? 1 : 0)))}::boolean[],
                  ${orders.map(({ holds = [], clientPrefix }) => (holds.length > 0 ? clientPrefix : undefined))}::text[],
                  ${orders.map(({ quote }) => detailsText(quote))}::json[])
        as placed (order_id, buyer_id, currency, total_minor, coupon_id, coupon_limit_id, pay_by_ms, is_counted, client_prefix,
                   details)`;
}

export function insertingLines(orders: readonly NewOrder[]): Statement {
  const lines = orders.flatMap(({ quote }) =>
    quote.lines.map((line, index) => ({ orderId: quote.orderId, index, line })),
  );
  return sql`
    insert into checkout.order_line
           (order_id, line_no, variant_id, quantity, unit_price_minor, discount_minor, total_minor, limit_id,
            instrument_max, sku, title)
    select *
      from unnest(${plainArray(lines.map(({ orderId }) => orderId))}::uuid[],
                  ${plainArray(lines.map(({ index }) => index + 1))}::smallint[],
                  ${plainArray(lines.map(({ line }) => line.variantId))}::uuid[],
                  ${plainArray(lines.map(({ line }) => line.quantity))}::integer[],
                  ${plainArray(lines.map(({ line }) => line.unitPriceMinor))}::bigint[],
                  ${plainArray(lines.map(({ line }) => line.discountMinor))}::bigint[],
                  ${plainArray(lines.map(({ line }) => line.totalMinor))}::bigint[],
                  ${plainArray(lines.map(({ line }) => line.limit?.limitId ?? null))}::uuid[],
                  ${plainArray(lines.map(({ line }) => instrumentMaxOf(line.limit) ?? null))}::integer[],
                  ${lines.map(({ line }) => line.sku)}::text[],
                  ${lines.map(({ line }) => line.title)}::text[])`;
}

/** Of how many units one card or account may pay for in all; undefined where that is not counted. */
export function instrumentMaxOf(limit: QuoteLine['limit']): number | undefined {
  return limit?.instrumentMax ?? limit?.max;
}

export interface TakingChange {
  readonly limitId: string;
  readonly buyerId: string;
  readonly quantity: number;
  readonly max: number;
}

export function addingTakings(changes: readonly TakingChange[]): Statement {
  return sql`
    insert into checkout.buyer_taking (limit_id, buyer_id, taken, limit_max)
    select *
      from unnest(${plainArray(changes.map((change) => change.limitId))}::uuid[],
                  ${plainArray(changes.map((change) => change.buyerId))}::uuid[],
                  ${plainArray(changes.map((change) => change.quantity))}::integer[],
                  ${plainArray(changes.map((change) => change.max))}::integer[])
        as added (limit_id, buyer_id, taken, limit_max)
     order by limit_id, buyer_id
        on conflict on constraint buyer_taking_pkey do update
       set taken = buyer_taking.taken + excluded.taken,
           limit_max = excluded.limit_max`;
}

/** The orders as decisions need them, locked until the transaction ends; in key order, before any allotment is locked. */
export async function lockOrders(tx: Queryable, orderIds: readonly string[]) {
  const { rows } = await sql<{
    orderId: string;
    buyerId: string;
    state: OrderState;
    totalMinor: number;
    currency: string;
    payByAtMs: number;
    paymentId: string | null;
    couponId: string | null;
    couponLimitId: string | null;
  }>`
    select order_id as "orderId", buyer_id as "buyerId", state, total_minor as "totalMinor", currency,
           pay_by_at as "payByAtMs", payment_id as "paymentId", coupon_id as "couponId", coupon_limit_id as "couponLimitId"
      from checkout.purchase_order
     where order_id = any(${plainArray(orderIds)}::uuid[])
     order by order_id
       for no key update`.execute(tx);
  return rows;
}

/** What the orders hold. Lines never change, so no lock is needed. */
export async function loadHoldings(tx: Queryable, orderIds: readonly string[]) {
  const { rows } = await sql<{ orderId: string; variantId: string; quantity: number; limitId: string | null }>`
    select order_id as "orderId", variant_id as "variantId", quantity, limit_id as "limitId"
      from checkout.order_line
     where order_id = any(${plainArray(orderIds)}::uuid[])`.execute(tx);
  return rows;
}

export interface OrderMove {
  readonly orderId: string;
  readonly to: OrderState;
  readonly paymentId: string | undefined;
}

export function movingOrders(moves: readonly OrderMove[], nowMs: number): Statement {
  return sql`
    update checkout.purchase_order
       set state = moved.state,
           payment_id = coalesce(moved.payment_id, purchase_order.payment_id),
           paid_at = case when moved.state = 'paid' then to_timestamp(${nowMs}::bigint / 1000.0) else paid_at end,
           ended_at = case when moved.state in ('cancelled', 'expired') then to_timestamp(${nowMs}::bigint / 1000.0) else ended_at end
      from unnest(${plainArray(moves.map((move) => move.orderId))}::uuid[],
                  ${plainArray(moves.map((move) => move.to))}::text[],
                  ${plainArray(moves.map((move) => move.paymentId ?? null))}::uuid[]) as moved (order_id, state, payment_id)
     where purchase_order.order_id = moved.order_id`;
}

export interface AllotmentChange {
  readonly reserved: number;
  readonly sold: number;
}

export function changingAllotments(changeBySubject: ReadonlyMap<string, AllotmentChange>): Statement {
  const changes = [...changeBySubject];
  return sql`
    update checkout.allotment
       set reserved = allotment.reserved + changed.reserved,
           sold = allotment.sold + changed.sold
      from unnest(${plainArray(changes.map(([subjectId]) => subjectId))}::uuid[],
                  ${plainArray(changes.map(([, change]) => change.reserved))}::bigint[],
                  ${plainArray(changes.map(([, change]) => change.sold))}::bigint[]) as changed (subject_id, reserved, sold)
     where allotment.subject_id = changed.subject_id`;
}

export function releasingTakings(changes: readonly Omit<TakingChange, 'max'>[]): Statement {
  return sql`
    with released as (
      select limit_id, buyer_id, sum(quantity) as quantity
        from unnest(${plainArray(changes.map((change) => change.limitId))}::uuid[],
                    ${plainArray(changes.map((change) => change.buyerId))}::uuid[],
                    ${plainArray(changes.map((change) => change.quantity))}::integer[])
          as given (limit_id, buyer_id, quantity)
       group by limit_id, buyer_id
    )
    update checkout.buyer_taking
       set taken = buyer_taking.taken - released.quantity
      from released
     where buyer_taking.limit_id = released.limit_id
       and buyer_taking.buyer_id = released.buyer_id`;
}

export async function loadOrders(on: Queryable, orderIds: readonly string[]): Promise<StoredOrder[]> {
  const { rows } = await sql<
    Omit<StoredOrder, 'paymentId' | 'paidAtMs'> & { paymentId: string | null; paidAtMs: number | null }
  >`
    select purchase_order.order_id as "orderId", buyer_id as "buyerId", state, currency, total_minor as "totalMinor",
           placed_at as "placedAtMs", pay_by_at as "payByAtMs", paid_at as "paidAtMs", payment_id as "paymentId", details,
           lines
      from checkout.purchase_order
     cross join lateral (
             select json_agg(json_strip_nulls(json_build_object(
                      'variantId', variant_id, 'sku', sku, 'title', title, 'quantity', quantity,
                      'unitPriceMinor', unit_price_minor, 'discountMinor', discount_minor, 'totalMinor', total_minor))
                      order by line_no) as lines
               from checkout.order_line
              where order_line.order_id = purchase_order.order_id
           ) as line
     where purchase_order.order_id = any(${plainArray(orderIds)}::uuid[])`.execute(on);
  return rows.map((row) => ({ ...row, paymentId: row.paymentId ?? undefined, paidAtMs: row.paidAtMs ?? undefined }));
}

export interface Payable extends OrderFacts {
  /** Units of which one card or account may pay for `max` in all; undefined if there are none. */
  readonly instrumentLimits:
    | readonly { readonly limitId: string; readonly quantity: number; readonly max: number }[]
    | undefined;
}

/** What is due on these orders, without their lines: the way of each payment. */
export async function loadPayables(on: Queryable, orderIds: readonly string[]): Promise<Map<string, Payable>> {
  const { rows } = await sql<
    Omit<OrderFacts, 'paymentId'> & {
      orderId: string;
      paymentId: string | null;
      instrumentLimits: Payable['instrumentLimits'] | null;
    }
  >`
    select purchase_order.order_id as "orderId", state, total_minor as "totalMinor", currency, pay_by_at as "payByAtMs",
           payment_id as "paymentId",
           (select json_agg(json_build_object('limitId', limit_id, 'quantity', quantity, 'max', instrument_max))
              from checkout.order_line
             where order_line.order_id = purchase_order.order_id
               and instrument_max is not null) as "instrumentLimits"
      from checkout.purchase_order
     where purchase_order.order_id = any(${plainArray(orderIds)}::uuid[])`.execute(on);
  return new Map(
    rows.map(({ orderId, paymentId, instrumentLimits, ...row }) => [
      orderId,
      { ...row, paymentId: paymentId ?? undefined, instrumentLimits: instrumentLimits ?? undefined },
    ]),
  );
}

/** Placed orders whose payment is overdue, the longest first. */
export async function loadOverdue(on: Queryable, nowMs: number, countMax: number): Promise<string[]> {
  const { rows } = await sql<{ orderId: string }>`
    select order_id as "orderId"
      from checkout.purchase_order
     where state = 'placed'
       and pay_by_at <= to_timestamp(${nowMs}::bigint / 1000.0)
     order by pay_by_at
     limit ${countMax}::integer`.execute(on);
  return rows.map((row) => row.orderId);
}

function detailsText(quote: Quote): string {
  const { coupon, deliveryMethod, deliveryMinor, taxMinor, contact, deliveryAddress } = quote;
  return JSON.stringify({ coupon, deliveryMethod, deliveryMinor, taxMinor, contact, deliveryAddress } satisfies {
    [K in keyof OrderDetails]: OrderDetails[K] | undefined;
  });
}
