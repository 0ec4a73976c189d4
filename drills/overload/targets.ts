import { formatMs } from '../page.ts';
import { format, formatMsOrNone, percent, seconds, stepName } from './format.ts';
import type { Recovery } from './recovery.ts';
import { type Capacity, type Figures, judgedOf, type Percentiles, type StepReport, type Target } from './report.ts';
import { type Bounds, type Importance, importances } from './setup.ts';

const goodputShareMin = 0.9;
const recoveryMsMax = 1000;
/** Of the requests that were let in, how many may end in an error or in nothing. */
const failedShareMax = 0.001;
/** What an answer may take under load: three times what it takes without, and 50 ms. */
function boundMs(unloadedP99Ms: number | null): number {
  return 3 * (unloadedP99Ms ?? 0) + 50;
}

export function boundsOf(unloaded: Readonly<Record<Importance, Percentiles>>): Bounds {
  return Object.fromEntries(importances.map((name) => [name, boundMs(unloaded[name].p99Ms)])) as Record<
    Importance,
    number
  >;
}

export interface Measured {
  readonly capacity: Pick<Capacity, 'paidPerS'>;
  readonly unloaded: Readonly<Record<Importance, Percentiles>>;
  readonly steps: readonly StepReport[];
  readonly recovery: Recovery;
}

/** Holds what was measured against what is to be reached, without the moments that the disk spoilt. Pure. */
export function judgeTargets({ capacity, unloaded, steps, recovery }: Measured): Target[] {
  const before = steps.filter(({ isAfter }) => !isAfter);
  const overloaded = before.filter(({ factor }) => factor > 1);
  const peak = peakOf(capacity, steps);
  const coreBoundMs = boundMs(unloaded.core.p99Ms);
  return [
    ...overloaded.map((step) => goodput(step, peak)),
    ...overloaded.map((step) => coreLatency(step, coreBoundMs)),
    ...overloaded.map((step) => refusals(step, coreBoundMs)),
    ...(overloaded.length === 0
      ? []
      : [wasOverload(overloaded, capacity, peak), precedence(overloaded), failures(overloaded), memory(before)]),
    noCrash(steps),
    recovered(recovery),
  ];
}

/** The most that was ever sold: what a shop sells under too much load it can sell. */
export function peakOf({ paidPerS }: Measured['capacity'], steps: readonly StepReport[]): number {
  const before = steps.filter(({ isAfter }) => !isAfter);
  return Math.max(paidPerS, ...before.map((step) => judgedOf(step).paidPerS));
}

/** How many times the peak a step was, where the search had found less of it. */
export function trueFactor({ factor }: StepReport, { paidPerS }: Measured['capacity'], peak: number): number {
  return peak === 0 ? factor : (factor * paidPerS) / peak;
}

/** Less than the peak is no overload, and whatever was reached there proves nothing. */
function wasOverload(steps: readonly StepReport[], capacity: Measured['capacity'], peak: number): Target {
  const least = Math.min(...steps.map((step) => trueFactor(step, capacity, peak)));
  return {
    name: 'what was called overload',
    wanted: 'more than the peak',
    found: `at least ${format(least)}×`,
    isReached: least > 1,
  };
}

/** Nobody can sell more than is asked for: where fewer came to buy than could be served, all of them count. */
function goodput(step: StepReport, peak: number): Target {
  const shareOf = ({ buyersPerS, paidPerS }: Figures) => {
    const most = Math.min(peak, buyersPerS);
    return most === 0 ? 0 : paidPerS / most;
  };
  const { buyersPerS, paidPerS } = judgedOf(step);
  const share = shareOf(judgedOf(step));
  const most = buyersPerS < peak ? `${format(buyersPerS)} who came to buy` : `${format(peak)} at the peak`;
  return {
    name: `goodput at ${stepName(step)}`,
    wanted: `≥ ${percent(goodputShareMin)}`,
    found: `${percent(share)}: ${format(paidPerS)} paid/s of ${most}${aside([step], percent(shareOf(step)))}`,
    isReached: share >= goodputShareMin,
  };
}

function coreLatency(step: StepReport, max: number): Target {
  const { p99Ms } = judgedOf(step).of.core;
  return {
    name: `core p99 at ${stepName(step)}`,
    wanted: `≤ ${formatMsOrNone(max)}`,
    found: `${p99Ms === null ? 'none was answered' : formatMs(p99Ms)}${aside([step], formatMsOrNone(step.of.core.p99Ms))}`,
    isReached: p99Ms !== null && p99Ms <= max,
  };
}

/** In time for core work they would not hinder it; a refusal that takes longer is no better than no answer. */
function refusals(step: StepReport, max: number): Target {
  const worstOf = ({ of }: Figures) => Math.max(0, ...importances.map((name) => of[name].refusal.p99Ms ?? 0));
  const worst = worstOf(judgedOf(step));
  const foundIn = (figures: Figures) =>
    importances.some((name) => figures.of[name].shedPerS > 0) ? formatMs(worstOf(figures)) : 'nobody was refused';
  return {
    name: `refusals p99 at ${stepName(step)}`,
    wanted: `≤ ${formatMsOrNone(max)}`,
    found: `${foundIn(judgedOf(step))}${aside([step], foundIn(step))}`,
    isReached: worst <= max,
  };
}

function precedence(steps: readonly StepReport[]): Target {
  const wrongIn = (figures: readonly Figures[]) => sum(figures, (each) => each.precedence.wrongSeconds);
  const foundIn = (figures: readonly Figures[]) => {
    const all = sum(figures, (each) => each.precedence.seconds);
    return wrongIn(figures) === 0 ? `in each of ${all}` : `not in ${wrongIn(figures)} of ${all}`;
  };
  const judged = steps.map(judgedOf);
  return {
    name: 'less important refused first',
    wanted: 'in every second',
    found: `${foundIn(judged)}${aside(steps, foundIn(steps))}`,
    isReached: wrongIn(judged) === 0,
  };
}

function failures(steps: readonly StepReport[]): Target {
  const rate = (of: 'failedPerS' | 'offeredPerS') =>
    sum(steps, (step) => importances.reduce((each, name) => each + step.of[name][of], 0));
  const share = rate('offeredPerS') === 0 ? 0 : rate('failedPerS') / rate('offeredPerS');
  return {
    name: 'answered, if only refused',
    wanted: `errors ≤ ${percent(failedShareMax)}`,
    found: percent(share),
    isReached: share <= failedShareMax,
  };
}

/** Memory is bounded when five times the load takes little more of it than the capacity does. */
function memory(steps: readonly StepReport[]): Target {
  const rssAt = (of: readonly StepReport[]) => Math.max(0, ...of.map(({ usage }) => usage.shopRssMb ?? 0));
  const normalMb = rssAt(steps.filter(({ factor }) => factor <= 1));
  const overloadedMb = rssAt(steps.filter(({ factor }) => factor > 1));
  const maxMb = normalMb * 1.5 + 64;
  return {
    name: 'memory of the shop',
    wanted: `≤ ${format(Math.round(maxMb))} MB`,
    found: overloadedMb === 0 ? 'not to be read here' : `${format(Math.round(overloadedMb))} MB`,
    isReached: overloadedMb <= maxMb,
  };
}

function noCrash(steps: readonly StepReport[]): Target {
  const crashed = steps.some(({ usage }) => usage.isOtherProcess);
  return { name: 'no crash', wanted: 'one process', found: crashed ? 'it died' : 'one process', isReached: !crashed };
}

function recovered({ ms, without }: Recovery): Target {
  const foundIn = (each: number | null) =>
    each === null ? 'not while it was watched' : each === 0 ? 'at once' : formatMs(each);
  const judgedMs = without === undefined ? ms : without.ms;
  return {
    name: 'as before, after the fall',
    wanted: `≤ ${formatMs(recoveryMsMax)}`,
    found: `${foundIn(judgedMs)}${without === undefined ? '' : beside(without.apartMs, foundIn(ms))}`,
    isReached: judgedMs !== null && judgedMs <= recoveryMsMax,
  };
}

/** What was left out of these steps' figures, and what was found with it. */
function aside(steps: readonly StepReport[], withAll: string): string {
  const apart = steps.filter(({ disk }) => disk.without !== undefined);
  return apart.length === 0
    ? ''
    : beside(
        sum(apart, ({ disk }) => disk.spoiltMs),
        withAll,
      );
}

function beside(apartMs: number, withAll: string): string {
  return ` (without ${seconds(apartMs)} in which the disk stood still; with them ${withAll})`;
}

function sum<T>(all: readonly T[], of: (each: T) => number): number {
  return all.reduce((total, each) => total + of(each), 0);
}
