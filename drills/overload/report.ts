import { createLatencies, type Latencies, type LatenciesJson } from '../latency.ts';
import type { Proof } from '../sale/case.ts';
import { byImportance, type RunReading, type Slot, slotMs, slotsBetween, type Took } from './meter.ts';
import { type Precedence, precedenceOf } from './precedence.ts';
import { type Recovery, sumCounts } from './recovery.ts';
import type { Arrivals, Importance } from './setup.ts';
import type { StretchUsage } from './shop-usage.ts';
import { longestMsIn, type Stretch, setStallsApart, stallsOf } from './stalls.ts';

/** What `--json` prints. Latencies are milliseconds from the moment that a request was meant to be sent. */
export interface OverloadReport {
  /** Every promise about data was kept. */
  readonly ok: boolean;
  /** Every target of performance was reached. */
  readonly reached: boolean;
  readonly capacity: Capacity;
  readonly unloaded: Readonly<Record<Importance, Percentiles>>;
  /** The load rises step by step, then falls back to the first one. */
  readonly steps: readonly StepReport[];
  readonly recovery: Recovery;
  /** What the disk spoilt of the measurements that all else is held against (`warm up`, `unloaded`, `capacity`), however often they were made. */
  readonly spoilt: readonly string[];
  readonly targets: readonly Target[];
  readonly promises: readonly Proof[];
  readonly paidOrders: number;
  readonly durationMs: number;
  readonly seed: number;
  readonly shop: string;
  /** What happened to the shop's processes meanwhile, as its supervisor told it. */
  readonly events: readonly string[];
  /** Folders left behind, to look into what went wrong. */
  readonly left: readonly string[];
}

/** Something to reach: of the shop's strength on this machine, unlike a promise about data. */
export interface Target {
  readonly name: string;
  readonly wanted: string;
  readonly found: string;
  readonly isReached: boolean;
}

export interface Capacity {
  /** Sessions that got all they came for, per second, where next to nobody was refused or waited long; at least what was sold. */
  readonly sessionsPerS: number;
  /** The most paid orders per second at any number of sessions, lookers turned away or not: what everything later is held against. */
  readonly paidPerS: number;
  /** With so many sessions. */
  readonly peakAt: Arrivals;
  readonly tried: readonly Attempt[];
}

export interface Attempt {
  readonly arrivals: Arrivals;
  readonly sessionsPerS: number;
  readonly paidPerS: number;
  /** Nearly all who came to buy have bought. */
  readonly isSatisfied: boolean;
  /** Nearly all requests were answered well and in time. */
  readonly isWhole: boolean;
  /** Nearly all core requests that were not refused were. */
  readonly isBearable: boolean;
}

export interface Percentiles {
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** What came of some of the time. */
export interface Figures {
  readonly endedWellPerS: number;
  /** Sessions that came to buy. */
  readonly buyersPerS: number;
  /** Goodput: journeys that ended in a paid order. */
  readonly paidPerS: number;
  readonly of: Readonly<Record<Importance, ImportanceReport>>;
  readonly precedence: Precedence;
}

/** Its own figures are of all its time. */
export interface StepReport extends Figures {
  /** Times the capacity. */
  readonly factor: number;
  /** Whether it comes after the overload. */
  readonly isAfter: boolean;
  readonly durationMs: number;
  readonly offeredSessionsPerS: number;
  /** Of good answers, by what was asked. */
  readonly asked: Readonly<Record<string, Percentiles>>;
  /** By what was asked and answered. */
  readonly failures: Readonly<Record<string, number>>;
  readonly comebacks: number;
  /** How much later than meant requests left the generator. */
  readonly lateness: Percentiles;
  readonly usage: StretchUsage;
  readonly disk: DiskReport;
}

/** Its figures without what the disk spoilt; of all its time where nothing, or too much, would be left out. */
export function judgedOf(step: StepReport): Figures {
  return step.disk.without ?? step;
}

export interface DiskReport {
  /** The longest that it took to write a few kilobytes for good, beside the load, in ms. */
  readonly longestMs: number;
  /** How much of the step it spoilt by standing still. */
  readonly spoiltMs: number;
  /** What is judged where that was not too much of the step: the figures without it. */
  readonly without?: Figures;
}

export interface ImportanceReport extends Percentiles {
  readonly offeredPerS: number;
  readonly wellPerS: number;
  readonly shedPerS: number;
  readonly failedPerS: number;
  readonly refusal: Percentiles;
}

export interface StepPlan {
  readonly factor: number;
  readonly isAfter: boolean;
  readonly sessionsPerS: number;
}

/** What a stage of a run was. `writes`: of the disk. */
export function stepReport(
  plan: StepPlan,
  reading: RunReading,
  index: number,
  { usage, writes }: { usage: StretchUsage; writes: readonly Stretch[] },
): StepReport {
  const stage = reading.stages[index];
  if (stage === undefined) throw new RangeError(`no stage ${index} was run`);
  const { fromMs, untilMs } = stage;
  const atMs = { fromMs: reading.beganAtMs + fromMs, untilMs: reading.beganAtMs + untilMs };
  const slots = slotsBetween(reading.slots, fromMs, untilMs);
  const judged = setStallsApart(slots, atMs.fromMs, stallsOf(writes));
  return {
    factor: plan.factor,
    isAfter: plan.isAfter,
    durationMs: untilMs - fromMs,
    offeredSessionsPerS: plan.sessionsPerS,
    ...figuresOf(slots),
    asked: Object.fromEntries(Object.entries(stage.asked).map(([name, json]) => [name, percentilesOf(json)])),
    failures: stage.failures,
    comebacks: stage.comebacks,
    lateness: percentilesOf(stage.lateness),
    usage,
    disk: {
      longestMs: longestMsIn(writes, atMs),
      spoiltMs: judged.spoiltMs,
      ...(judged.apartMs > 0 && { without: figuresOf(judged.slots) }),
    },
  };
}

/** Rates are per second of these slots. */
export function figuresOf(slots: readonly Slot[]): Figures {
  const perS = perSecondOf(slots.length * slotMs);
  return {
    ...sessionsPerSecond(slots),
    of: byImportance((name) => {
      const { offered, well, shed, failed } = sumCounts(slots.map(({ of }) => of[name]));
      return {
        offeredPerS: perS(offered),
        wellPerS: perS(well),
        shedPerS: perS(shed),
        failedPerS: perS(failed),
        ...answersOf(slots, name, 'well'),
        refusal: answersOf(slots, name, 'shed'),
      };
    }),
    precedence: precedenceOf(slots),
  };
}

export function sessionsPerSecond(slots: readonly Slot[]) {
  const perS = perSecondOf(slots.length * slotMs);
  return {
    endedWellPerS: perS(slots.reduce((sum, { endedWell }) => sum + endedWell, 0)),
    paidPerS: perS(slots.reduce((sum, { paid }) => sum + paid, 0)),
    /** Who came to buy. */
    buyersPerS: perS(slots.reduce((sum, { buyers }) => sum + buyers, 0)),
  };
}

/** How long answers to the requests of these slots took. */
export function answersOf(slots: readonly Slot[], name: Importance, of: keyof Took): Percentiles {
  const latencies = createLatencies();
  for (const { tookMs } of slots) for (const ms of tookMs[name][of]) latencies.add(ms);
  return percentilesIn(latencies);
}

export function percentilesOf(json: LatenciesJson): Percentiles {
  const latencies = createLatencies();
  latencies.merge(json);
  return percentilesIn(latencies);
}

function percentilesIn(latencies: Latencies): Percentiles {
  return { p50Ms: round(latencies.percentile(0.5)), p99Ms: round(latencies.percentile(0.99)) };
}

function perSecondOf(durationMs: number): (count: number) => number {
  return (count) => Math.round((count / durationMs) * 10_000) / 10;
}

function round(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 10) / 10;
}
