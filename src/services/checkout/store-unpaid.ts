import { crc32 } from 'node:zlib';
import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';
import { type HolderIds, holdKeys } from './unpaid.ts';

// The class of these advisory locks (two 32-bit keys); any number that no other room uses: "unp" and 1.
const holderLockClass = 0x756e7001;
/** A lock for each holder would be up to 1,024 in a batch; PostgreSQL sets 64 aside for each connection (decision 0015). */
export const holderStripeCount = 32;

/**
 * Locks whom unpaid orders are counted for until the transaction ends, after the allotments: what is counted then cannot grow. There
 * need be no row to lock, so these are advisory locks, and holders share them: whoever counts for one holds its stripe. Who pays or
 * cancels needs none: it only makes the count smaller.
 */
export async function lockHolders(tx: Queryable, { buyerIds, networks, saleUnits }: HolderIds): Promise<void> {
  const keys = [
    ...buyerIds.map(holdKeys.buyer),
    ...new Set([...networks, ...saleUnits.map(({ network }) => network)].map(holdKeys.network)),
  ];
  // In order, so that two batches never wait for each other in a circle.
  const stripes = [...new Set(keys.map((key) => crc32(key) % holderStripeCount))].sort((one, other) => one - other);
  await sql`
    select pg_advisory_xact_lock(${holderLockClass}::integer, stripe)
      from unnest(${plainArray(stripes)}::integer[]) as lock (stripe)`.execute(tx);
}

/** Unpaid orders of these buyers and networks, and units in them, by the keys of `holdKeys`. What is absent is none. */
export async function countUnpaid(tx: Queryable, holders: HolderIds): Promise<Map<string, number>> {
  const [buyers, networks, units] = await Promise.all([
    holders.buyerIds.length === 0 ? [] : countOfBuyers(tx, holders.buyerIds),
    holders.networks.length === 0 ? [] : countOfNetworks(tx, holders.networks),
    holders.saleUnits.length === 0 ? [] : countUnits(tx, holders.saleUnits),
  ]);
  return new Map([
    ...buyers.map(({ buyerId, count }) => [holdKeys.buyer(buyerId), count] as const),
    ...networks.map(({ network, count }) => [holdKeys.network(network), count] as const),
    ...units.map(({ network, variantId, count }) => [holdKeys.saleUnits(network, variantId), count] as const),
  ]);
}

// Each holder's orders by the index, whatever the planner believes of a table that was empty a minute ago.
async function countOfBuyers(tx: Queryable, buyerIds: readonly string[]) {
  const { rows } = await sql<{ buyerId: string; count: number }>`
    select buyer_id as "buyerId", unpaid.count
      from unnest(${plainArray(buyerIds)}::uuid[]) as given (buyer_id)
     cross join lateral (
             select count(*) as count
               from checkout.purchase_order
              where purchase_order.buyer_id = given.buyer_id
                and state = 'placed'
                and is_counted
           ) as unpaid
     where unpaid.count > 0`.execute(tx);
  return rows;
}

async function countOfNetworks(tx: Queryable, networks: readonly string[]) {
  const { rows } = await sql<{ network: string; count: number }>`
    select network, unpaid.count
      from unnest(${networks}::text[]) as given (network)
     cross join lateral (
             select count(*) as count
               from checkout.purchase_order
              where client_prefix = network
                and state = 'placed'
                and client_prefix is not null
           ) as unpaid
     where unpaid.count > 0`.execute(tx);
  return rows;
}

async function countUnits(tx: Queryable, saleUnits: HolderIds['saleUnits']) {
  const { rows } = await sql<{ network: string; variantId: string; count: number }>`
    select network, variant_id as "variantId", unpaid.count
      from unnest(${saleUnits.map(({ network }) => network)}::text[],
                  ${plainArray(saleUnits.map(({ variantId }) => variantId))}::uuid[]) as given (network, variant_id)
     cross join lateral (
             select coalesce(sum(line.quantity), 0) as count
               from checkout.purchase_order
               join checkout.order_line as line using (order_id)
              where client_prefix = network
                and state = 'placed'
                and client_prefix is not null
                and line.variant_id = given.variant_id
           ) as unpaid
     where unpaid.count > 0`.execute(tx);
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
