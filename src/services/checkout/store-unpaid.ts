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
export async function lockHolders(tx: Queryable, { buyerIds, networks }: HolderIds): Promise<void> {
  const keys = [
    ...buyerIds.map((holderId) => holdKey({ of: 'buyer', holderId })),
    ...networks.map((holderId) => holdKey({ of: 'network', holderId })),
  ];
  // In order, so that two batches never wait for each other in a circle.
  const stripes = [...new Set(keys.map((key) => crc32(key) % holderStripeCount))].sort((one, other) => one - other);
  await sql`
    select pg_advisory_xact_lock(${holderLockClass}::integer, stripe)
      from unnest(${plainArray(stripes)}::integer[]) as lock (stripe)`.execute(tx);
}

interface HeldRow {
  readonly holderId: string;
  /** Left out: orders are counted. */
  readonly variantId?: string;
  readonly count: number;
}

/** Unpaid orders of these buyers and networks, and units of these variants in them, by `holdKey`. What is absent is none. */
export async function countUnpaid(tx: Queryable, holders: HolderIds): Promise<Map<string, number>> {
  const { buyerIds, networks, variantIds } = holders;
  const ofBuyers = buyerIds.length > 0;
  const ofNetworks = networks.length > 0;
  const ofUnits = variantIds.length > 0;
  const [ordersOfBuyers, unitsOfBuyers, ordersOfNetworks, unitsOfNetworks] = await Promise.all([
    ofBuyers ? countOfBuyers(tx, buyerIds) : [],
    ofBuyers && ofUnits ? countUnitsOfBuyers(tx, buyerIds, variantIds) : [],
    ofNetworks ? countOfNetworks(tx, networks) : [],
    ofNetworks && ofUnits ? countUnitsOfNetworks(tx, networks, variantIds) : [],
  ]);
  const entriesOf = (of: Holder['of'], rows: readonly HeldRow[]) =>
    rows.map(({ holderId, variantId, count }) => [holdKey({ of, holderId, variantId }), count] as const);
  return new Map([
    ...entriesOf('buyer', [...ordersOfBuyers, ...unitsOfBuyers]),
    ...entriesOf('network', [...ordersOfNetworks, ...unitsOfNetworks]),
  ]);
}

// Each holder's orders by the index, whatever the planner believes of a table that was empty a minute ago. Orders and units apart:
// together they would have to be sorted, which takes twice the time where many are unpaid.
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

async function countUnitsOfBuyers(tx: Queryable, buyerIds: readonly string[], variantIds: readonly string[]) {
  const { rows } = await sql<HeldRow>`
    select holder_id as "holderId", variant_id as "variantId", unpaid.count
      from unnest(${plainArray(buyerIds)}::uuid[]) as given (holder_id)
     cross join lateral (
             select variant_id, sum(quantity) as count
               from checkout.purchase_order
               join checkout.order_line using (order_id)
              where buyer_id = holder_id
                and state = 'placed'
                and is_counted
                and variant_id = any(${plainArray(variantIds)}::uuid[])
              group by variant_id
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

async function countUnitsOfNetworks(tx: Queryable, networks: readonly string[], variantIds: readonly string[]) {
  const { rows } = await sql<HeldRow>`
    select holder_id as "holderId", variant_id as "variantId", unpaid.count
      from unnest(${networks}::text[]) as given (holder_id)
     cross join lateral (
             select variant_id, sum(quantity) as count
               from checkout.purchase_order
               join checkout.order_line using (order_id)
              where client_prefix = holder_id
                and state = 'placed'
                and client_prefix is not null
                and variant_id = any(${plainArray(variantIds)}::uuid[])
              group by variant_id
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
