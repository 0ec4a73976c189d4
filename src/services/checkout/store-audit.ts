import { type Queryable, sql } from '../../platform/database/sql.ts';

/** Allotments whose counts are not what their grants and orders add up to: promise I1, from the rows and not from counters. */
export async function findUnbalancedAllotments(on: Queryable, countMax: number) {
  const { rows } = await sql<{
    subjectId: string;
    granted: number;
    grantedInFact: number;
    reserved: number;
    reservedInFact: number;
    sold: number;
    soldInFact: number;
  }>`
    with holding as (
      select line.variant_id as subject_id, line.quantity, purchase_order.state
        from checkout.order_line as line
        join checkout.purchase_order using (order_id)
       union all
      select coupon_id, 1, state
        from checkout.purchase_order
       where coupon_id is not null
    ), held as (
      select subject_id,
             coalesce(sum(quantity) filter (where state = 'placed'), 0) as reserved,
             coalesce(sum(quantity) filter (where state in ('paid', 'fulfilled')), 0) as sold
        from holding
       group by subject_id
    ), dealt as (
      select subject_id, sum(quantity) as granted
        from checkout.allotment_grant
       group by subject_id
    )
    select coalesce(allotment.subject_id, held.subject_id, dealt.subject_id) as "subjectId",
           coalesce(allotment.granted, 0) as granted, coalesce(dealt.granted, 0) as "grantedInFact",
           coalesce(allotment.reserved, 0) as reserved, coalesce(held.reserved, 0) as "reservedInFact",
           coalesce(allotment.sold, 0) as sold, coalesce(held.sold, 0) as "soldInFact"
      from checkout.allotment
      full join held using (subject_id)
      full join dealt using (subject_id)
     where (coalesce(allotment.granted, 0), coalesce(allotment.reserved, 0), coalesce(allotment.sold, 0))
           is distinct from (coalesce(dealt.granted, 0), coalesce(held.reserved, 0), coalesce(held.sold, 0))
     limit ${countMax}::integer`.execute(on);
  return rows;
}

/** Buyers who hold more, or less, under a limit than is written down for them. */
export async function findUnbalancedTakings(on: Queryable, countMax: number) {
  const { rows } = await sql<{ limitId: string; buyerId: string; taken: number; takenInFact: number }>`
    with holding as (
      select line.limit_id, purchase_order.buyer_id, line.quantity
        from checkout.order_line as line
        join checkout.purchase_order using (order_id)
       where line.limit_id is not null
         and state in ('placed', 'paid', 'fulfilled')
       union all
      select coupon_limit_id, buyer_id, 1
        from checkout.purchase_order
       where coupon_limit_id is not null
         and state in ('placed', 'paid', 'fulfilled')
    ), held as (
      select limit_id, buyer_id, sum(quantity) as taken
        from holding
       group by limit_id, buyer_id
    )
    select limit_id as "limitId", buyer_id as "buyerId", coalesce(buyer_taking.taken, 0) as taken,
           coalesce(held.taken, 0) as "takenInFact"
      from checkout.buyer_taking
      full join held using (limit_id, buyer_id)
     where coalesce(buyer_taking.taken, 0) <> coalesce(held.taken, 0)
     limit ${countMax}::integer`.execute(on);
  return rows;
}

/** Orders whose lines do not add up to what the buyer agreed to pay. */
export async function findWrongTotals(on: Queryable, countMax: number) {
  const { rows } = await sql<{ orderId: string; totalMinor: number; sumMinor: number }>`
    select order_id as "orderId", purchase_order.total_minor as "totalMinor",
           sum(line.total_minor) + (details ->> 'deliveryMinor')::bigint as "sumMinor"
      from checkout.purchase_order
      join checkout.order_line as line using (order_id)
     group by order_id, purchase_order.total_minor, details ->> 'deliveryMinor'
    having purchase_order.total_minor <> sum(line.total_minor) + (details ->> 'deliveryMinor')::bigint
     limit ${countMax}::integer`.execute(on);
  return rows;
}

/** Passes of waiting rooms whose order is not there: each was to be used once, by an order that was placed. */
export async function findStrayPasses(on: Queryable, countMax: number) {
  const { rows } = await sql<{ roomId: string; place: number; orderId: string }>`
    select room_id as "roomId", place, order_id as "orderId"
      from checkout.used_pass
     where not exists (select from checkout.purchase_order where purchase_order.order_id = used_pass.order_id)
     limit ${countMax}::integer`.execute(on);
  return rows;
}
