import type { HotVariant, Pulse, PulseSecond } from './api.ts';
import { BuyerWindow } from './buyers.ts';
import type { Reading, Shed } from './readings.ts';
import { addCounts, type Counts, emptySecond, type Second, secondOf } from './second.ts';
import type { SaleRow, Totals } from './store.ts';

/** What the chart shows. */
export const historyMs = 5 * 60_000;
/** How far back is looked for what sells best. What changes before that is no longer in memory. */
export const memoryMs = 10 * 60_000;
const countedMs = 24 * 3_600_000;
const hotVariantsMax = 12;
const regionsMax = 60;

/**
 * Since when the wall counts: the start of what is on sale now; else that of the last sale of the day, so that the figures
 * of a sale stay up when it is over; else a day ago.
 */
export function decideSince(
  sales: readonly SaleRow[],
  nowMs: number,
): { readonly sinceMs: number; readonly sale: SaleRow | undefined } {
  const begun = sales
    .filter(({ startsAtMs }) => startsAtMs <= nowMs && startsAtMs > nowMs - countedMs)
    .sort((a, b) => a.startsAtMs - b.startsAtMs);
  const sale = begun.find(({ endsAtMs }) => endsAtMs > nowMs) ?? begun.at(-1);
  // A day ago by the hour: a start that moved each second would have everything counted anew each second.
  const dayAgoMs = Math.floor((nowMs - countedMs) / 3_600_000) * 3_600_000;
  return { sinceMs: sale === undefined ? dayAgoMs : secondOf(sale.startsAtMs), sale };
}

/** What is worth a bar on the wall: what is on sale, then what was ordered most within the last ten minutes. */
export function hotVariantIds(
  seconds: Iterable<Second>,
  sale: Pick<SaleRow, 'variantIds'> | undefined,
): { readonly variantId: string; readonly isInSale: boolean }[] {
  const ordered: Record<string, number> = {};
  for (const { units } of seconds) {
    for (const [variantId, [count]] of Object.entries(units)) ordered[variantId] = (ordered[variantId] ?? 0) + count;
  }
  const byOrders = (a: string, b: string) => (ordered[b] ?? 0) - (ordered[a] ?? 0) || (a < b ? -1 : 1);
  const inSale = new Set(sale?.variantIds);
  const others = Object.keys(ordered).filter((variantId) => !inSale.has(variantId) && (ordered[variantId] ?? 0) > 0);
  return [...[...inSale].sort(byOrders), ...others.sort(byOrders)]
    .slice(0, hotVariantsMax)
    .map((variantId) => ({ variantId, isInSale: inSale.has(variantId) }));
}

/** The last ten minutes and what has been counted, kept up with what changes. */
export class Board {
  readonly sinceMs: number;
  readonly #seconds: Map<number, Second>;
  readonly #buyers = new BuyerWindow();
  readonly #fromMs: number;
  readonly #shed: Shed[] = [];
  #totals: Totals;

  /** `seconds`: all that there are from `fromMs` on, rising; `totals`: what those from `sinceMs` on come to, at the same moment. */
  constructor(start: { sinceMs: number; fromMs: number; seconds: readonly Second[]; totals: Totals }) {
    this.sinceMs = start.sinceMs;
    this.#fromMs = start.fromMs;
    this.#totals = start.totals;
    this.#seconds = new Map(start.seconds.map((second) => [second.atMs, second]));
    for (const second of start.seconds) this.#buyers.add(second);
  }

  get seconds(): readonly Second[] {
    return [...this.#seconds.values()];
  }

  /** Takes up seconds as they are now. False if one is older than what is remembered: then all must be loaded anew. */
  take(changed: readonly Second[], nowMs: number): boolean {
    const rememberedMs = Math.max(this.#fromMs, nowMs - memoryMs);
    if (changed.some(({ atMs }) => atMs < rememberedMs)) return false;
    for (const second of changed) {
      const before = this.#seconds.get(second.atMs) ?? emptySecond(second.atMs);
      if (second.atMs >= this.sinceMs) this.#totals = changeTotals(this.#totals, before, second);
      this.#seconds.set(second.atMs, second);
      this.#buyers.add(second);
    }
    for (const atMs of this.#seconds.keys()) if (atMs < nowMs - memoryMs) this.#seconds.delete(atMs);
    return true;
  }

  /** The figures at the end of the second that begins at `atMs`. */
  figures(
    atMs: number,
    about: {
      sale: SaleRow | undefined;
      variants: readonly HotVariant[];
      reading: Reading;
      watchersCount: number;
    },
  ): Omit<Pulse, 'seconds'> {
    const { sale, variants, reading, watchersCount } = about;
    const { money, regions, ...orders } = this.#totals;
    const { shed, ...felt } = reading;
    this.#shed.push(shed);
    if (this.#shed.length > historyMs / 1000) this.#shed.shift();
    return {
      atMs,
      sinceMs: this.sinceMs,
      ...(sale !== undefined && {
        sale: { saleId: sale.saleId, name: sale.name, startsAtMs: sale.startsAtMs, endsAtMs: sale.endsAtMs },
      }),
      money: moneyOf(money),
      orders,
      buyersCount: this.#buyers.countAt(atMs),
      watchersCount,
      variants: [...variants],
      regions: regionsOf(regions),
      ...felt,
      shed: this.#shed.reduce((sum, each) => ({
        core: sum.core + each.core,
        standard: sum.standard + each.standard,
        deferrable: sum.deferrable + each.deferrable,
      })),
    };
  }

  /** The last five minutes, as the chart has them. */
  history(atMs: number): PulseSecond[] {
    return [...this.#seconds.values()]
      .filter((second) => second.atMs > atMs - historyMs)
      .map(pulseSecond)
      .sort((a, b) => a.atMs - b.atMs);
  }
}

export function pulseSecond({ atMs, placedCount, paidCount, cancelledCount, expiredCount }: Second): PulseSecond {
  return { atMs, placedCount, paidCount, cancelledCount, expiredCount };
}

/** The currency with the most orders' worth of money first; ties by code, so that a wall does not flicker. */
export function moneyOf(money: Counts): Pulse['money'] {
  return Object.entries(money)
    .map(([currency, takenMinor]) => ({ currency, takenMinor }))
    .sort((a, b) => b.takenMinor - a.takenMinor || (a.currency < b.currency ? -1 : 1));
}

export function regionsOf(regions: Counts): Pulse['regions'] {
  return Object.entries(regions)
    .map(([countryCode, orderCount]) => ({ countryCode, orderCount }))
    .sort((a, b) => b.orderCount - a.orderCount || (a.countryCode < b.countryCode ? -1 : 1))
    .slice(0, regionsMax);
}

function changeTotals(totals: Totals, before: Second, now: Second): Totals {
  return {
    placedCount: totals.placedCount + now.placedCount - before.placedCount,
    paidCount: totals.paidCount + now.paidCount - before.paidCount,
    cancelledCount: totals.cancelledCount + now.cancelledCount - before.cancelledCount,
    expiredCount: totals.expiredCount + now.expiredCount - before.expiredCount,
    money: addCounts(addCounts(totals.money, before.money, -1), now.money),
    regions: addCounts(addCounts(totals.regions, before.regions, -1), now.regions),
  };
}
