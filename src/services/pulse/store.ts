import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';
import type { PulseSale } from './api.ts';
import type { Reading } from './readings.ts';
import { addSeconds, type Counts, type Second, type UnitChange } from './second.ts';

export interface SaleRow extends PulseSale {
  readonly variantIds: readonly string[];
}

export interface Totals {
  readonly placedCount: number;
  readonly paidCount: number;
  readonly cancelledCount: number;
  readonly expiredCount: number;
  readonly money: Counts;
  readonly regions: Counts;
}

/**
 * Adds what was folded to what is kept. In the transaction of the consumer group, whose lock lets one fold in at a time: so
 * what is read here is still what it was when it is written.
 */
export async function writeFolded(tx: Queryable, folded: readonly Second[]): Promise<void> {
  if (folded.length === 0) return;
  const { rows } = await sql<SecondRow>`
    select at as "atMs", fold_no as "foldNo", placed_count as "placedCount", paid_count as "paidCount",
           cancelled_count as "cancelledCount", expired_count as "expiredCount", money, regions, units, buyers
      from pulse.second
     where at = any(${plainArray(folded.map(({ atMs }) => instant(atMs)))}::timestamptz[])
     order by at
       for no key update`.execute(tx);
  const kept = new Map(rows.map((row) => [row.atMs, toSecond(row)]));
  const seconds = folded.map((second) => {
    const before = kept.get(second.atMs);
    return before === undefined ? second : addSeconds(before, second);
  });
  await sql`
    with fold as (select nextval('pulse.fold_no') as fold_no)
    insert into pulse.second (at, fold_no, placed_count, paid_count, cancelled_count, expired_count,
                              money, regions, units, buyers)
    select folded.at, fold.fold_no, placed_count, paid_count, cancelled_count, expired_count,
           money, regions, units, buyers
      from fold
     cross join unnest(${plainArray(seconds.map(({ atMs }) => instant(atMs)))}::timestamptz[],
                       ${plainArray(seconds.map(({ placedCount }) => placedCount))}::integer[],
                       ${plainArray(seconds.map(({ paidCount }) => paidCount))}::integer[],
                       ${plainArray(seconds.map(({ cancelledCount }) => cancelledCount))}::integer[],
                       ${plainArray(seconds.map(({ expiredCount }) => expiredCount))}::integer[],
                       ${seconds.map(({ money }) => JSON.stringify(money))}::jsonb[],
                       ${seconds.map(({ regions }) => JSON.stringify(regions))}::jsonb[],
                       ${seconds.map(({ units }) => JSON.stringify(units))}::jsonb[],
                       ${seconds.map(({ buyers }) => bytesOf(buyers))}::bytea[])
        as folded (at, placed_count, paid_count, cancelled_count, expired_count, money, regions, units, buyers)
        on conflict on constraint second_pkey do update
       set fold_no = excluded.fold_no,
           placed_count = excluded.placed_count,
           paid_count = excluded.paid_count,
           cancelled_count = excluded.cancelled_count,
           expired_count = excluded.expired_count,
           money = excluded.money,
           regions = excluded.regions,
           units = excluded.units,
           buyers = excluded.buyers`.execute(tx);
}

/** The seconds from `fromMs` until before `toMs`, rising, and the last fold among them. */
export async function loadSeconds(on: Queryable, { fromMs, toMs }: { fromMs: number; toMs: number }) {
  const { rows } = await sql<SecondRow>`
    select at as "atMs", fold_no as "foldNo", placed_count as "placedCount", paid_count as "paidCount",
           cancelled_count as "cancelledCount", expired_count as "expiredCount", money, regions, units, buyers
      from pulse.second
     where at >= ${instant(fromMs)}::timestamptz
       and at < ${instant(toMs)}::timestamptz
     order by at`.execute(on);
  return rows.map(toSecond);
}

/** The seconds that were changed by folds after this one, rising, and the last fold. */
export async function loadChangedSeconds(on: Queryable, afterFoldNo: number) {
  const { rows } = await sql<SecondRow>`
    select at as "atMs", fold_no as "foldNo", placed_count as "placedCount", paid_count as "paidCount",
           cancelled_count as "cancelledCount", expired_count as "expiredCount", money, regions, units, buyers
      from pulse.second
     where fold_no > ${afterFoldNo}::bigint
     order by at`.execute(on);
  const foldNo = rows.reduce((max, row) => Math.max(max, row.foldNo), afterFoldNo);
  return { foldNo, seconds: rows.map(toSecond) };
}

/** The last fold that there is; 0 before the first. */
export async function loadFoldNo(on: Queryable): Promise<number> {
  const { rows } = await sql<{ foldNo: number }>`
    select coalesce(max(fold_no), 0) as "foldNo"
      from pulse.second`.execute(on);
  return rows[0]?.foldNo ?? 0;
}

/** What the seconds from this one on come to. */
export async function loadTotals(on: Queryable, fromMs: number): Promise<Totals> {
  const { rows } = await sql<Totals>`
    with counted as (
      select placed_count, paid_count, cancelled_count, expired_count, money, regions
        from pulse.second
       where at >= ${instant(fromMs)}::timestamptz
    )
    select coalesce(sum(placed_count), 0) as "placedCount", coalesce(sum(paid_count), 0) as "paidCount",
           coalesce(sum(cancelled_count), 0) as "cancelledCount", coalesce(sum(expired_count), 0) as "expiredCount",
           (select coalesce(json_object_agg(currency, taken), '{}')
              from (select key as currency, sum(value::bigint) as taken
                      from counted
                     cross join jsonb_each_text(counted.money)
                     group by key) as by_currency) as money,
           (select coalesce(json_object_agg(country, orders), '{}')
              from (select key as country, sum(value::bigint) as orders
                      from counted
                     cross join jsonb_each_text(counted.regions)
                     group by key) as by_country) as regions
      from counted`.execute(on);
  return rows[0] ?? { placedCount: 0, paidCount: 0, cancelledCount: 0, expiredCount: 0, money: {}, regions: {} };
}

/** The seconds of a range in which units of some of these variants moved, rising. */
export async function loadUnits(
  on: Queryable,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  variantIds: readonly string[],
): Promise<Pick<Second, 'atMs' | 'units'>[]> {
  const { rows } = await sql<Pick<Second, 'atMs' | 'units'>>`
    select at as "atMs", units
      from pulse.second
     where at >= ${instant(fromMs)}::timestamptz
       and at < ${instant(toMs)}::timestamptz
       and units ?| ${plainArray(variantIds)}::text[]
     order by at`.execute(on);
  return rows;
}

/** By how much held and sold units of these variants have changed since this second. */
export async function loadUnitChanges(on: Queryable, fromMs: number, variantIds: readonly string[]) {
  const { rows } = await sql<{ variantId: string; held: number; sold: number }>`
    select variant_id as "variantId", sum((units -> variant_id ->> 1)::bigint) as held,
           sum((units -> variant_id ->> 2)::bigint) as sold
      from pulse.second
     cross join unnest(${plainArray(variantIds)}::text[]) as wanted (variant_id)
     where at >= ${instant(fromMs)}::timestamptz
       and units ? variant_id
     group by variant_id`.execute(on);
  return new Map(rows.map(({ variantId, held, sold }) => [variantId, { held, sold }]));
}

export async function writeSale(tx: Queryable, sale: SaleRow): Promise<void> {
  await sql`
    insert into pulse.sale (sale_id, name, starts_at, ends_at, variant_ids)
    values (${sale.saleId}::uuid, ${sale.name}::text, ${instant(sale.startsAtMs)}::timestamptz,
            ${instant(sale.endsAtMs)}::timestamptz, ${plainArray(sale.variantIds)}::uuid[])
        on conflict on constraint sale_pkey do update
       set name = excluded.name,
           starts_at = excluded.starts_at,
           ends_at = excluded.ends_at,
           variant_ids = excluded.variant_ids`.execute(tx);
}

/** Sales that began after one instant and until another, the latest first. */
export async function loadSales(
  on: Queryable,
  { afterMs, untilMs, countMax }: { afterMs: number; untilMs: number; countMax: number },
): Promise<SaleRow[]> {
  const { rows } = await sql<SaleRow>`
    select sale_id as "saleId", name, starts_at as "startsAtMs", ends_at as "endsAtMs", variant_ids as "variantIds"
      from pulse.sale
     where starts_at > ${instant(afterMs)}::timestamptz
       and starts_at <= ${instant(untilMs)}::timestamptz
     order by starts_at desc, sale_id
     limit ${countMax}::integer`.execute(on);
  return rows;
}

export async function loadSale(on: Queryable, saleId: string): Promise<SaleRow | undefined> {
  const { rows } = await sql<SaleRow>`
    select sale_id as "saleId", name, starts_at as "startsAtMs", ends_at as "endsAtMs", variant_ids as "variantIds"
      from pulse.sale
     where sale_id = ${saleId}::uuid`.execute(on);
  return rows[0];
}

export type StoredReading = Omit<Reading, 'requestsOpenCount'>;

/** Keeps what was measured in a second; of two processes that measured it, the first. */
export async function writeReading(on: Queryable, atMs: number, reading: StoredReading): Promise<void> {
  await sql`
    insert into pulse.reading (at, latency_p50_ms, latency_p99_ms, cache_hit_ratio, lane_count, lag_ms,
                               shed_core, shed_standard, shed_deferrable)
    values (${instant(atMs)}::timestamptz, ${reading.latencyP50Ms}::real, ${reading.latencyP99Ms}::real,
            ${reading.cacheHitRatio}::real, ${reading.laneCount}::integer, ${reading.lagMs}::integer,
            ${reading.shed.core}::integer, ${reading.shed.standard}::integer, ${reading.shed.deferrable}::integer)
        on conflict on constraint reading_pkey do nothing`.execute(on);
}

export async function loadReadings(on: Queryable, { fromMs, toMs }: { fromMs: number; toMs: number }) {
  const { rows } = await sql<
    Omit<StoredReading, 'shed'> & { atMs: number; core: number; standard: number; deferrable: number }
  >`
    select at as "atMs", latency_p50_ms as "latencyP50Ms", latency_p99_ms as "latencyP99Ms",
           cache_hit_ratio as "cacheHitRatio", lane_count as "laneCount", lag_ms as "lagMs",
           shed_core as core, shed_standard as standard, shed_deferrable as deferrable
      from pulse.reading
     where at >= ${instant(fromMs)}::timestamptz
       and at < ${instant(toMs)}::timestamptz
     order by at`.execute(on);
  return rows.map(({ core, standard, deferrable, ...reading }) => ({
    ...reading,
    shed: { core, standard, deferrable },
  }));
}

/** Returns how many rows went. */
export async function deleteBefore(on: Queryable, beforeMs: number): Promise<number> {
  const deleted = await Promise.all([
    sql`delete from pulse.second where at < ${instant(beforeMs)}::timestamptz`.execute(on),
    sql`delete from pulse.reading where at < ${instant(beforeMs)}::timestamptz`.execute(on),
    sql`delete from pulse.sale where ends_at < ${instant(beforeMs)}::timestamptz`.execute(on),
  ]);
  return deleted.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
}

interface SecondRow extends Omit<Second, 'buyers' | 'units'> {
  readonly foldNo: number;
  readonly units: Record<string, UnitChange>;
  readonly buyers: Buffer;
}

function toSecond({ foldNo: _, buyers, ...row }: SecondRow): Second {
  return {
    ...row,
    buyers: Array.from({ length: buyers.length / 4 }, (_each, index) => buyers.readInt32BE(index * 4)),
  };
}

function bytesOf(buyers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(buyers.length * 4);
  for (const [index, mark] of buyers.entries()) bytes.writeInt32BE(mark, index * 4);
  return bytes;
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
