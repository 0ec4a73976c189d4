import { crc32 } from 'node:zlib';
import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';
import { type Holder, type HolderIds, holdKey } from './unpaid.ts';

// The class of these advisory locks (two 32-bit keys); any number that no other room uses: "unp" and 1.
const holderLockClass = 0x756e7001;
/** A lock for each holder would be up to 1,024 in a batch; PostgreSQL sets 64 aside for each connection (decision 0015). */
export const holderStripeCount = 32;

/**
 * Locks whom unpaid orders are counted for until the transaction ends, after the allotments: what is counted then cannot grow. There
 * need be no row to lock, so these are advisory locks, and holders share them: whoever counts for one holds its stripe. Who pays or
 * cancels needs none: it only makes the count smaller.
 */
export async function lockHolders(tx: Queryable, { buyerIds, networks, sites }: HolderIds): Promise<void> {
  const keysOf = (of: Holder['of'], ids: readonly string[]) => ids.map((holderId) => holdKey({ of, holderId }));
  const keys = [...keysOf('buyer', buyerIds), ...keysOf('network', networks), ...keysOf('site', sites)];
  // In order, so that two batches never wait for each other in a circle.
  const stripes = [...new Set(keys.map((key) => crc32(key) % holderStripeCount))].sort((one, other) => one - other);
  await sql`
    select pg_advisory_xact_lock(${holderLockClass}::integer, stripe)
      from unnest(${plainArray(stripes)}::integer[]) as lock (stripe)`.execute(tx);
}

interface HeldRow {
  readonly holderId: string;
  /** Left out: orders are counted. */
  readonly subjectId?: string;
  readonly count: number;
}

/** Unpaid orders of these holders, and what is taken of these subjects in them, by `holdKey`. What is absent is none. */
export async function countUnpaid(tx: Queryable, holders: HolderIds): Promise<Map<string, number>> {
  const { buyerIds, networks, sites, subjectIds } = holders;
  const heldBy = async (of: Holder['of'], ids: readonly string[], { orders, units }: HolderCounts) => {
    if (ids.length === 0) return [];
    const counts = await Promise.all([orders(tx, ids), subjectIds.length === 0 ? [] : units(tx, ids, subjectIds)]);
    return counts
      .flat()
      .map(({ holderId, subjectId, count }) => [holdKey({ of, holderId, subjectId }), count] as const);
  };
  const held = await Promise.all([
    heldBy('buyer', buyerIds, { orders: countOfBuyers, units: countUnitsOfBuyers }),
    heldBy('network', networks, { orders: countOfNetworks, units: countUnitsOfNetworks }),
    heldBy('site', sites, { orders: countOfSites, units: countUnitsOfSites }),
  ]);
  return new Map(held.flat());
}

interface HolderCounts {
  orders(tx: Queryable, holderIds: readonly string[]): Promise<readonly HeldRow[]>;
  units(tx: Queryable, holderIds: readonly string[], subjectIds: readonly string[]): Promise<readonly HeldRow[]>;
}

// Each holder's orders by the index, whatever the planner believes of a table that was empty a minute ago. Orders and units apart:
// together they would have to be sorted, which takes twice the time where many are unpaid. A limited coupon is a line more.
async function countOfBuyers(tx: Queryable, buyerIds: readonly string[]) {
  const { rows } = await sql<HeldRow>`
    select holder_id as "holderId", unpaid.count
      from unnest(${plainArray(buyerIds)}::uuid[]) as given (holder_id)
     cross join lateral (
             select count(*) as count
               from checkout.purchase_order
              where buyer_id = holder_id
                and state = 'placed'
                and is_counted
           ) as unpaid
     where unpaid.count > 0`.execute(tx);
  return rows;
}

async function countUnitsOfBuyers(tx: Queryable, buyerIds: readonly string[], subjectIds: readonly string[]) {
  const { rows } = await sql<HeldRow>`
    select holder_id as "holderId", subject_id as "subjectId", unpaid.count
      from unnest(${plainArray(buyerIds)}::uuid[]) as given (holder_id)
     cross join lateral (
             select subject_id, sum(quantity) as count
               from checkout.purchase_order as placed
              cross join lateral (
                      select variant_id, quantity
                        from checkout.order_line
                       where order_line.order_id = placed.order_id
                       union all
                      select coupon_id, 1
                    ) as taken (subject_id, quantity)
              where buyer_id = holder_id
                and state = 'placed'
                and is_counted
                and subject_id = any(${plainArray(subjectIds)}::uuid[])
              group by subject_id
           ) as unpaid`.execute(tx);
  return rows;
}

async function countOfNetworks(tx: Queryable, networks: readonly string[]) {
  const { rows } = await sql<HeldRow>`
    select holder_id as "holderId", unpaid.count
      from unnest(${networks}::text[]) as given (holder_id)
     cross join lateral (
             select count(*) as count
               from checkout.purchase_order
              where client_prefix = holder_id
                and state = 'placed'
                and client_prefix is not null
           ) as unpaid
     where unpaid.count > 0`.execute(tx);
  return rows;
}

async function countUnitsOfNetworks(tx: Queryable, networks: readonly string[], subjectIds: readonly string[]) {
  const { rows } = await sql<HeldRow>`
    select holder_id as "holderId", subject_id as "subjectId", unpaid.count
      from unnest(${networks}::text[]) as given (holder_id)
     cross join lateral (
             select subject_id, sum(quantity) as count
               from checkout.purchase_order as placed
              cross join lateral (
                      select variant_id, quantity
                        from checkout.order_line
                       where order_line.order_id = placed.order_id
                       union all
                      select coupon_id, 1
                    ) as taken (subject_id, quantity)
              where client_prefix = holder_id
                and state = 'placed'
                and client_prefix is not null
                and subject_id = any(${plainArray(subjectIds)}::uuid[])
              group by subject_id
           ) as unpaid`.execute(tx);
  return rows;
}

async function countOfSites(tx: Queryable, sites: readonly string[]) {
  const { rows } = await sql<HeldRow>`
    select holder_id as "holderId", unpaid.count
      from unnest(${sites}::text[]) as given (holder_id)
     cross join lateral (
             select count(*) as count
               from checkout.purchase_order
              where split_part(client_prefix, '.', 1) = holder_id
                and state = 'placed'
                and client_prefix is not null
           ) as unpaid
     where unpaid.count > 0`.execute(tx);
  return rows;
}

async function countUnitsOfSites(tx: Queryable, sites: readonly string[], subjectIds: readonly string[]) {
  const { rows } = await sql<HeldRow>`
    select holder_id as "holderId", subject_id as "subjectId", unpaid.count
      from unnest(${sites}::text[]) as given (holder_id)
     cross join lateral (
             select subject_id, sum(quantity) as count
               from checkout.purchase_order as placed
              cross join lateral (
                      select variant_id, quantity
                        from checkout.order_line
                       where order_line.order_id = placed.order_id
                       union all
                      select coupon_id, 1
                    ) as taken (subject_id, quantity)
              where split_part(client_prefix, '.', 1) = holder_id
                and state = 'placed'
                and client_prefix is not null
                and subject_id = any(${plainArray(subjectIds)}::uuid[])
              group by subject_id
           ) as unpaid`.execute(tx);
  return rows;
}

/** The unpaid orders of a buyer, those that expire first before the others. */
export async function loadUnpaidOf(on: Queryable, buyerId: string): Promise<string[]> {
  const { rows } = await sql<{ orderId: string }>`
    select order_id as "orderId"
      from checkout.purchase_order
     where buyer_id = ${buyerId}::uuid
       and state = 'placed'
       and is_counted
     order by pay_by_at, order_id
     limit 100`.execute(on);
  return rows.map((row) => row.orderId);
}
