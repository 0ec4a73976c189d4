import type { Replay } from './api.ts';
import { moneyOf, regionsOf } from './board.ts';
import { BuyerWindow, buyerWindowMs } from './buyers.ts';
import { addCounts, type Counts, type Second, secondOf, type UnitChange } from './second.ts';
import type { SaleRow, StoredReading } from './store.ts';

const beforeMs = 60_000;
const afterSoldOutMs = 60_000;
/** Four hours of seconds; of what took longer, every second one is shown, or every third … */
const stepsMax = 4 * 3600;

export interface SaleStock {
  readonly variantId: string;
  readonly title: string;
  readonly granted: number;
  /** As they stood just before the sale's first second. */
  readonly reservedBefore: number;
  readonly soldBefore: number;
}

/** The longest that a replay of the sale can be; what is before it fills the window of buyers. */
export function replayRange(sale: SaleRow, nowMs: number) {
  const startsAtMs = secondOf(sale.startsAtMs) - beforeMs;
  return { startsAtMs, endsAtMs: Math.min(sale.endsAtMs, nowMs) + 1000, buyersFromMs: startsAtMs - buyerWindowMs };
}

/** The sale step by step, from its seconds (rising, from `buyersFromMs` on). */
export function buildReplay(given: {
  sale: SaleRow;
  seconds: readonly Second[];
  readings: readonly (StoredReading & { atMs: number })[];
  stock: readonly SaleStock[];
  nowMs: number;
}): Replay {
  const { sale, seconds, readings, stock, nowMs } = given;
  const { startsAtMs, endsAtMs } = replayRange(sale, nowMs);
  const soldOutMs = soldOutAtMs(sale, seconds, stock);
  const untilMs = Math.min(endsAtMs, soldOutMs === undefined ? Infinity : soldOutMs + afterSoldOutMs + 1000);
  const secondCount = Math.max(1, Math.ceil((untilMs - startsAtMs) / 1000));
  const stepS = Math.ceil(secondCount / stepsMax);
  const stepCount = Math.ceil(secondCount / stepS);
  const steps = stepsOf(seconds, { startsAtMs, stepS, stepCount, countedFromMs: secondOf(sale.startsAtMs) });
  const felt = feltOf(readings, { startsAtMs, stepS, stepCount });

  const last = steps.at(-1);
  const currencies = moneyOf(last?.money ?? {}).map(({ currency }) => currency);
  const countries = regionsOf(last?.regions ?? {}).map(({ countryCode }) => countryCode);
  const each = <T>(read: (step: Step) => T) => steps.map(read);
  return {
    sale: { saleId: sale.saleId, name: sale.name, startsAtMs: sale.startsAtMs, endsAtMs: sale.endsAtMs },
    startsAtMs,
    stepS,
    stepCount,
    money: currencies.map((currency) => ({ currency, takenMinor: each(({ money }) => money[currency] ?? 0) })),
    placedCount: each(({ placedCount }) => placedCount),
    paidCount: each(({ paidCount }) => paidCount),
    cancelledCount: each(({ cancelledCount }) => cancelledCount),
    expiredCount: each(({ expiredCount }) => expiredCount),
    buyersCount: each(({ buyersCount }) => buyersCount),
    variants: stock.map(({ variantId, title, granted, reservedBefore, soldBefore }) => ({
      variantId,
      title,
      grantedCount: granted,
      reservedCount: each(({ units }) => reservedBefore + (units[variantId]?.[1] ?? 0)),
      soldCount: each(({ units }) => soldBefore + (units[variantId]?.[2] ?? 0)),
    })),
    regions: countries.map((countryCode) => ({
      countryCode,
      orderCount: each(({ regions }) => regions[countryCode] ?? 0),
    })),
    ...felt,
  };
}

/** One step. Orders are its own; money, regions and units have added up since the sale's start. */
interface Step extends Omit<Second, 'atMs' | 'buyers' | 'units'> {
  readonly buyersCount: number;
  readonly units: Readonly<Record<string, UnitChange>>;
}

interface Grid {
  readonly startsAtMs: number;
  readonly stepS: number;
  readonly stepCount: number;
}

function stepsOf(seconds: readonly Second[], grid: Grid & { countedFromMs: number }): Step[] {
  const { startsAtMs, stepS, stepCount, countedFromMs } = grid;
  const window = new BuyerWindow();
  let next = 0;
  let money: Counts = {};
  let regions: Counts = {};
  let units: Record<string, UnitChange> = {};
  return Array.from({ length: stepCount }, (_, index) => {
    const stepMs = startsAtMs + index * stepS * 1000;
    const endMs = stepMs + stepS * 1000;
    const orders = { placedCount: 0, paidCount: 0, cancelledCount: 0, expiredCount: 0 };
    for (let second = seconds[next]; second !== undefined && second.atMs < endMs; second = seconds[++next]) {
      window.add(second);
      if (second.atMs >= stepMs) {
        orders.placedCount += second.placedCount;
        orders.paidCount += second.paidCount;
        orders.cancelledCount += second.cancelledCount;
        orders.expiredCount += second.expiredCount;
      }
      if (second.atMs < countedFromMs) continue;
      money = addCounts(money, second.money);
      regions = addCounts(regions, second.regions);
      units = addAllUnits(units, second.units);
    }
    return { ...orders, money, regions, units, buyersCount: window.countAt(endMs - 1000) };
  });
}

function addAllUnits(sum: Record<string, UnitChange>, units: Second['units']): Record<string, UnitChange> {
  const entries = Object.entries(units);
  if (entries.length === 0) return sum;
  const changed = { ...sum };
  for (const [variantId, [ordered, held, sold]] of entries) {
    const before = changed[variantId] ?? [0, 0, 0];
    changed[variantId] = [before[0] + ordered, before[1] + held, before[2] + sold];
  }
  return changed;
}

/** The second at whose end nothing of what was on sale was left; undefined if there always was, or of a sale of nothing. */
function soldOutAtMs(sale: SaleRow, seconds: readonly Second[], stock: readonly SaleStock[]): number | undefined {
  if (stock.length === 0) return undefined;
  const left = new Map(stock.map((each) => [each.variantId, each.granted - each.reservedBefore - each.soldBefore]));
  for (const second of seconds) {
    if (second.atMs < secondOf(sale.startsAtMs)) continue;
    let isChanged = false;
    for (const [variantId, [, held, sold]] of Object.entries(second.units)) {
      const before = left.get(variantId);
      if (before === undefined) continue;
      left.set(variantId, before - held - sold);
      isChanged = true;
    }
    if (isChanged && [...left.values()].every((units) => units <= 0)) return second.atMs;
  }
  return undefined;
}

/** What was measured, in its steps: the worst of a step, for thinning must not hide a peak. */
function feltOf(readings: readonly (StoredReading & { atMs: number })[], { startsAtMs, stepS, stepCount }: Grid) {
  const blank = () => Array.from({ length: stepCount }, (): number | null => null);
  const none = () => Array.from({ length: stepCount }, () => 0);
  const felt = {
    latencyP50Ms: blank(),
    latencyP99Ms: blank(),
    cacheHitRatio: blank(),
    laneCount: blank(),
    lagMs: blank(),
    shed: { core: none(), standard: none(), deferrable: none() },
  };
  for (const reading of readings) {
    const step = Math.floor((reading.atMs - startsAtMs) / (stepS * 1000));
    if (step < 0 || step >= stepCount) continue;
    for (const name of ['latencyP50Ms', 'latencyP99Ms', 'laneCount', 'lagMs'] as const) {
      felt[name][step] = worse(Math.max, felt[name][step], reading[name]);
    }
    felt.cacheHitRatio[step] = worse(Math.min, felt.cacheHitRatio[step], reading.cacheHitRatio);
    for (const name of ['core', 'standard', 'deferrable'] as const) {
      felt.shed[name][step] = (felt.shed[name][step] ?? 0) + reading.shed[name];
    }
  }
  return felt;
}

function worse(pick: (a: number, b: number) => number, a: number | null | undefined, b: number | null): number | null {
  if (a === null || a === undefined) return b;
  return b === null ? a : pick(a, b);
}
