import type { Replay } from './api.ts';
import { moneyOf, regionsOf } from './board.ts';
import { BuyerWindow, buyerWindowMs } from './buyers.ts';
import { type Counts, type Second, secondOf } from './second.ts';
import type { SaleRow, StoredReading } from './store.ts';

const marginMs = 60_000;
/** Four hours of seconds, with the minute before and the one after; of what took longer, every second one, or every third … */
const stepsMax = 4 * 3600 + 121;
/** Of a sale that takes longer, its beginning is shown: nobody watches a week. */
const lengthMsMax = 48 * 3_600_000;

export interface SaleStock {
  readonly variantId: string;
  readonly title: string;
  readonly granted: number;
  /** As they stood just before the sale's first second. */
  readonly reservedBefore: number;
  readonly soldBefore: number;
}

export type MeasuredSecond = StoredReading & { readonly atMs: number };

/** The longest that a replay of the sale can be. What is before it, from `buyersFromMs`, fills the window of buyers. */
export function replayRange(sale: Pick<SaleRow, 'startsAtMs' | 'endsAtMs'>, nowMs: number) {
  const startsAtMs = secondOf(sale.startsAtMs) - marginMs;
  const endsAtMs = Math.min(sale.endsAtMs, nowMs, startsAtMs + lengthMsMax) + 1000;
  return { startsAtMs, endsAtMs, buyersFromMs: startsAtMs - buyerWindowMs };
}

/** Counts down what a sale has, to find the second at whose end nothing was left. */
export class StockCountdown {
  readonly #left: Map<string, number>;

  constructor(stock: readonly SaleStock[]) {
    this.#left = new Map(stock.map((each) => [each.variantId, each.granted - each.reservedBefore - each.soldBefore]));
  }

  /** Whether this second, one of the sale's, took the last unit. Seconds come in their order. */
  isOverAfter(units: Second['units']): boolean {
    let isChanged = false;
    for (const [variantId, [, held, sold]] of Object.entries(units)) {
      const before = this.#left.get(variantId);
      if (before === undefined) continue;
      this.#left.set(variantId, before - held - sold);
      isChanged = true;
    }
    return isChanged && [...this.#left.values()].every((left) => left <= 0);
  }
}

/** Where a replay ends: a minute after the sale was sold out, if it was, else where the sale does or is now. */
export function replayEnd(range: { readonly endsAtMs: number }, soldOutAtMs: number | undefined): number {
  return Math.min(range.endsAtMs, soldOutAtMs === undefined ? Infinity : soldOutAtMs + marginMs + 1000);
}

/**
 * A sale step by step. It is given its seconds part by part, so that whoever reads hours of them can let others have their
 * turn in between: the same process sells.
 */
export class ReplayBuilder {
  readonly #sale: SaleRow;
  readonly #startsAtMs: number;
  readonly #stepMs: number;
  readonly #stepCount: number;
  readonly #stock: readonly SaleStock[];
  readonly #buyers = new BuyerWindow();
  readonly #orders = { placedCount: 0, paidCount: 0, cancelledCount: 0, expiredCount: 0 };
  readonly #columns = new Columns();
  readonly #money: Record<string, number> = {};
  readonly #regions: Record<string, number> = {};
  readonly #held: Record<string, number> = {};
  readonly #sold: Record<string, number> = {};
  readonly #felt: Felt;
  #step = 0;

  constructor(given: { sale: SaleRow; startsAtMs: number; endsAtMs: number; stock: readonly SaleStock[] }) {
    const { sale, startsAtMs, endsAtMs, stock } = given;
    const secondCount = Math.max(1, Math.ceil((endsAtMs - startsAtMs) / 1000));
    const stepS = Math.ceil(secondCount / stepsMax);
    this.#sale = sale;
    this.#startsAtMs = startsAtMs;
    this.#stepMs = stepS * 1000;
    this.#stepCount = Math.ceil(secondCount / stepS);
    this.#stock = stock;
    this.#felt = emptyFelt(this.#stepCount);
  }

  /** The seconds that come next, rising; the first are those before the replay, for its buyers. */
  add(seconds: readonly Second[]): void {
    const countedFromMs = secondOf(this.#sale.startsAtMs);
    for (const second of seconds) {
      while (this.#step < this.#stepCount && second.atMs >= this.#endOfStep()) this.#closeStep();
      if (this.#step >= this.#stepCount) return;
      this.#buyers.add(second);
      if (second.atMs >= this.#startsAtMs) {
        for (const name of orderNames) this.#orders[name] += second[name];
      }
      if (second.atMs < countedFromMs) continue;
      addTo(this.#money, second.money);
      addTo(this.#regions, second.regions);
      for (const { variantId } of this.#stock) {
        const [, held, sold] = second.units[variantId] ?? [0, 0, 0];
        this.#held[variantId] = (this.#held[variantId] ?? 0) + held;
        this.#sold[variantId] = (this.#sold[variantId] ?? 0) + sold;
      }
    }
  }

  /** What was measured; the worst of a step, for thinning must not hide a peak. */
  addReadings(readings: readonly MeasuredSecond[]): void {
    for (const reading of readings) {
      const step = Math.floor((reading.atMs - this.#startsAtMs) / this.#stepMs);
      if (step >= 0 && step < this.#stepCount) feel(this.#felt, step, reading);
    }
  }

  finish(): Replay {
    while (this.#step < this.#stepCount) this.#closeStep();
    const { saleId, name, startsAtMs, endsAtMs } = this.#sale;
    const column = (key: string) => this.#columns.of(key, this.#stepCount);
    return {
      sale: { saleId, name, startsAtMs, endsAtMs },
      startsAtMs: this.#startsAtMs,
      stepS: this.#stepMs / 1000,
      stepCount: this.#stepCount,
      money: moneyOf(this.#money).map(({ currency }) => ({ currency, takenMinor: column(`money/${currency}`) })),
      placedCount: column('orders/placedCount'),
      paidCount: column('orders/paidCount'),
      cancelledCount: column('orders/cancelledCount'),
      expiredCount: column('orders/expiredCount'),
      buyersCount: column('orders/buyersCount'),
      variants: this.#stock.map(({ variantId, title, granted, reservedBefore, soldBefore }) => ({
        variantId,
        title,
        grantedCount: granted,
        reservedCount: column(`held/${variantId}`).map((held) => reservedBefore + held),
        soldCount: column(`sold/${variantId}`).map((sold) => soldBefore + sold),
      })),
      regions: regionsOf(this.#regions).map(({ countryCode }) => ({
        countryCode,
        orderCount: column(`regions/${countryCode}`),
      })),
      ...this.#felt,
    };
  }

  #endOfStep(): number {
    return this.#startsAtMs + (this.#step + 1) * this.#stepMs;
  }

  #closeStep(): void {
    const buyersCount = this.#buyers.countAt(this.#endOfStep() - 1000);
    this.#columns.push('orders', { ...this.#orders, buyersCount }, this.#step);
    this.#columns.push('money', this.#money, this.#step);
    this.#columns.push('regions', this.#regions, this.#step);
    this.#columns.push('held', this.#held, this.#step);
    this.#columns.push('sold', this.#sold, this.#step);
    for (const name of orderNames) this.#orders[name] = 0;
    this.#step += 1;
  }
}

const orderNames = ['placedCount', 'paidCount', 'cancelledCount', 'expiredCount'] as const;

/** A list of numbers for each name; one that turns up late was zero before. */
class Columns {
  readonly #lists = new Map<string, number[]>();

  push(group: string, values: Counts, step: number): void {
    for (const name in values) {
      const key = `${group}/${name}`;
      let list = this.#lists.get(key);
      if (list === undefined) {
        list = Array.from({ length: step }, () => 0);
        this.#lists.set(key, list);
      }
      list.push(values[name] ?? 0);
    }
  }

  of(key: string, length: number): number[] {
    return this.#lists.get(key) ?? Array.from({ length }, () => 0);
  }
}

function addTo(sum: Record<string, number>, counts: Counts): void {
  for (const key in counts) sum[key] = (sum[key] ?? 0) + (counts[key] ?? 0);
}

type Felt = Pick<Replay, 'latencyP50Ms' | 'latencyP99Ms' | 'cacheHitRatio' | 'laneCount' | 'lagMs' | 'shed'>;

function emptyFelt(length: number): Felt {
  const blank = () => Array.from({ length }, (): number | null => null);
  const none = () => Array.from({ length }, () => 0);
  return {
    latencyP50Ms: blank(),
    latencyP99Ms: blank(),
    cacheHitRatio: blank(),
    laneCount: blank(),
    lagMs: blank(),
    shed: { core: none(), standard: none(), deferrable: none() },
  };
}

function feel(felt: Felt, step: number, reading: StoredReading): void {
  for (const name of ['latencyP50Ms', 'latencyP99Ms', 'laneCount', 'lagMs'] as const) {
    felt[name][step] = worse(Math.max, felt[name][step], reading[name]);
  }
  felt.cacheHitRatio[step] = worse(Math.min, felt.cacheHitRatio[step], reading.cacheHitRatio);
  for (const name of ['core', 'standard', 'deferrable'] as const) {
    felt.shed[name][step] = (felt.shed[name][step] ?? 0) + reading.shed[name];
  }
}

function worse(pick: (a: number, b: number) => number, a: number | null | undefined, b: number | null): number | null {
  if (a === null || a === undefined) return b;
  return b === null ? a : pick(a, b);
}
