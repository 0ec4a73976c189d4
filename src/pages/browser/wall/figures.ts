import type { Pulse, PulseSale, PulseSecond, Replay } from '../../../services/pulse/api.ts';

/** What the wall shows at one moment, live or of a replay. Null: nobody measured it. */
export interface Figures {
  readonly atMs: number;
  readonly sinceMs: number;
  readonly sale: PulseSale | undefined;
  readonly money: readonly { readonly currency: string; readonly takenMinor: number }[];
  readonly orders: Readonly<Record<'placedCount' | 'paidCount' | 'cancelledCount' | 'expiredCount', number>>;
  readonly buyersCount: number;
  readonly variants: readonly FiguredVariant[];
  readonly regions: readonly { readonly countryCode: string; readonly orderCount: number }[];
  readonly latencyP50Ms: number | null;
  readonly latencyP99Ms: number | null;
  readonly cacheHitRatio: number | null;
  readonly laneCount: number | null;
  readonly lagMs: number | null;
  readonly shed: Readonly<Record<'core' | 'standard' | 'deferrable', number>>;
}

export interface FiguredVariant {
  readonly variantId: string;
  readonly title: string;
  readonly isInSale: boolean;
  readonly grantedCount: number;
  readonly reservedCount: number;
  readonly soldCount: number;
}

/** Orders of one second of the chart. */
export interface Rate {
  readonly atMs: number;
  readonly placedCount: number;
  readonly paidCount: number;
}

export const chartSeconds = 300;

export function figuresOf({ seconds: _, ...pulse }: Pulse): Figures {
  return { ...pulse, sale: pulse.sale };
}

/** The last five minutes, each second one rate; those that the server leaves out had none. */
export function ratesOf(seconds: ReadonlyMap<number, PulseSecond>, atMs: number): Rate[] {
  return Array.from({ length: chartSeconds }, (_, index) => {
    const secondMs = atMs - (chartSeconds - 1 - index) * 1000;
    const second = seconds.get(secondMs);
    return { atMs: secondMs, placedCount: second?.placedCount ?? 0, paidCount: second?.paidCount ?? 0 };
  });
}

/** What a replay shows at the end of one of its steps. */
export function figuresAt(replay: Replay, step: number): Figures {
  const at = (list: readonly number[]) => list[step] ?? 0;
  const measured = (list: readonly (number | null)[]) => list[step] ?? null;
  const sinceStep = Math.max(0, Math.floor((replay.sale.startsAtMs - replay.startsAtMs) / (replay.stepS * 1000)));
  const total = (list: readonly number[]) => sumOf(list, sinceStep, step);
  const fiveMinutes = Math.ceil(chartSeconds / replay.stepS);
  const recent = (list: readonly number[]) => sumOf(list, step - fiveMinutes + 1, step);
  return {
    atMs: replay.startsAtMs + ((step + 1) * replay.stepS - 1) * 1000,
    sinceMs: replay.sale.startsAtMs,
    sale: replay.sale,
    money: replay.money.map(({ currency, takenMinor }) => ({ currency, takenMinor: at(takenMinor) })),
    orders: {
      placedCount: total(replay.placedCount),
      paidCount: total(replay.paidCount),
      cancelledCount: total(replay.cancelledCount),
      expiredCount: total(replay.expiredCount),
    },
    buyersCount: at(replay.buyersCount),
    variants: replay.variants.map(({ variantId, title, grantedCount, reservedCount, soldCount }) => ({
      variantId,
      title,
      isInSale: true,
      grantedCount,
      reservedCount: at(reservedCount),
      soldCount: at(soldCount),
    })),
    regions: replay.regions
      .map(({ countryCode, orderCount }) => ({ countryCode, orderCount: at(orderCount) }))
      .filter(({ orderCount }) => orderCount > 0),
    latencyP50Ms: measured(replay.latencyP50Ms),
    latencyP99Ms: measured(replay.latencyP99Ms),
    cacheHitRatio: measured(replay.cacheHitRatio),
    laneCount: measured(replay.laneCount),
    lagMs: measured(replay.lagMs),
    shed: {
      core: recent(replay.shed.core),
      standard: recent(replay.shed.standard),
      deferrable: recent(replay.shed.deferrable),
    },
  };
}

/** The chart of a replay at one of its steps, in orders per second however long a step is. */
export function ratesAt(replay: Replay, step: number): Rate[] {
  const count = Math.ceil(chartSeconds / replay.stepS);
  return Array.from({ length: count }, (_, index) => {
    const each = step - (count - 1 - index);
    return {
      atMs: replay.startsAtMs + each * replay.stepS * 1000,
      placedCount: (replay.placedCount[each] ?? 0) / replay.stepS,
      paidCount: (replay.paidCount[each] ?? 0) / replay.stepS,
    };
  });
}

function sumOf(list: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let index = Math.max(0, from); index <= to; index++) sum += list[index] ?? 0;
  return sum;
}
