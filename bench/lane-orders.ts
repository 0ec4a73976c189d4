import { bucketOf } from '../src/platform/database/bucket.ts';
import { commitWith } from '../src/platform/database/commit.ts';
import type { Database, Tx } from '../src/platform/database/database.ts';
import { newId, randomBucket } from '../src/platform/database/id.ts';
import { plainArray, sql } from '../src/platform/database/sql.ts';
import type { Events } from '../src/platform/events/event.ts';
import { orderPlaced } from '../src/services/checkout/events.ts';
import {
  findOrderIds,
  insertingLines,
  insertingOrders,
  lockAvailable,
  reserving,
} from '../src/services/checkout/store.ts';
import type { Quote } from '../src/services/quote/api.ts';

/** Gives each of these variants an allotment that no bench exhausts. */
export async function stockUp(database: Database, variantIds: readonly string[]): Promise<void> {
  const units = 100_000_000;
  await sql`
    with given as (
      select subject_id from unnest(${plainArray(variantIds)}::uuid[]) as given (subject_id)
    ), remembered as (
      insert into checkout.allotment_grant (grant_id, subject_id, quantity)
      select subject_id, subject_id, ${units}::bigint from given
    )
    insert into checkout.allotment (subject_id, granted)
    select subject_id, ${units}::bigint from given`.execute(database);
  await sql`analyze checkout.allotment`.execute(database);
}

export function newVariantIds(count: number): string[] {
  return Array.from({ length: count }, () => newId(randomBucket(), Date.now()));
}

/** Buy-now quotes of one unit, the n-th of the n-th variant, round and round. */
export function newQuotes(count: number, variantIds: readonly string[]): Quote[] {
  const nowMs = Date.now();
  return Array.from({ length: count }, (_, index): Quote => {
    const buyerId = newId(randomBucket(), nowMs);
    const line = {
      variantId: variantIds[(index * 7919) % variantIds.length] ?? '',
      sku: 'LANTERN-1',
      title: 'Lantern, first edition',
      quantity: 1,
      unitPriceMinor: 4900,
      discountMinor: 0,
      totalMinor: 4900,
    };
    return {
      orderId: newId(bucketOf(buyerId), nowMs),
      buyerId,
      currency: 'USD',
      lines: [line],
      deliveryMinor: 0,
      taxMinor: 0,
      totalMinor: 4900,
      expiresAtMs: nowMs + 3_600_000,
    };
  });
}

/**
 * The bare limit: the same rows written by one client with the same SQL in batches, and nothing else. No HTTP, no
 * signatures, no decisions; what is left is what PostgreSQL and the driver cost.
 */
export async function placeBare(
  { database, events }: { database: Database; events: Pick<Events, 'publishing'> },
  quotes: readonly Quote[],
  batchSize: number,
): Promise<void> {
  const at = { placedAtMs: Date.now(), payByAtMs: Date.now() + 900_000 };
  for (let start = 0; start < quotes.length; start += batchSize) {
    const orders = quotes.slice(start, start + batchSize).map((quote) => ({ quote, takes: [] }));
    const unitsBySubject = new Map<string, number>();
    for (const { quote } of orders) {
      const variantId = quote.lines[0]?.variantId ?? '';
      unitsBySubject.set(variantId, (unitsBySubject.get(variantId) ?? 0) + 1);
    }
    const work = async (tx: Tx) => {
      const orderIds = orders.map(({ quote }) => quote.orderId);
      await Promise.all([lockAvailable(tx, [...unitsBySubject.keys()]), findOrderIds(tx, orderIds)]);
      const writes = [
        reserving(unitsBySubject),
        insertingOrders(orders, at),
        insertingLines(orders),
        ...events.publishing(orders.map(({ quote }) => orderPlaced(quote, at.placedAtMs))),
      ];
      return commitWith(writes, undefined);
    };
    await database.transaction(work, { readsFirst: true });
  }
}
