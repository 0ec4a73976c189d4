import { format, formatMsOrNone, percent, stepName } from './format.ts';
import type { Capacity, Percentiles, StepReport, Target } from './report.ts';
import { type Bounds, type Importance, importances } from './setup.ts';

export const goodputShareMin = 0.9;
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
  readonly recoveryMs: number | null;
}

/** Holds what was measured against what is to be reached. Pure. */
export function judgeTargets({ capacity, unloaded, steps, recoveryMs }: Measured): Target[] {
  const before = steps.filter(({ isAfter }) => !isAfter);
  const overloaded = before.filter(({ factor }) => factor > 1);
  const peak = peakOf(capacity, steps);
  const coreBoundMs = boundMs(unloaded.core.p99Ms);
  return [
    ...overloaded.map((step) => goodput(step, peak)),
    ...overloaded.map((step) => coreLatency(step, coreBoundMs)),
    ...overloaded.map((step) => refusals(step, coreBoundMs)),
    ...(overloaded.length === 0 ? [] : [precedence(overloaded), failures(overloaded), memory(before)]),
    noCrash(steps),
    {
      name: 'as before, after the fall',
      wanted: `≤ ${formatMsOrNone(recoveryMsMax)}`,
      found:
        recoveryMs === null ? 'not while it was watched' : recoveryMs === 0 ? 'at once' : formatMsOrNone(recoveryMs),
      isReached: recoveryMs !== null && recoveryMs <= recoveryMsMax,
    },
  ];
}

/** At the capacity an open load may bring more than the search did. */
export function peakOf({ paidPerS }: Measured['capacity'], steps: readonly StepReport[]): number {
  return Math.max(
    paidPerS,
    ...steps.filter(({ isAfter, factor }) => !isAfter && factor <= 1).map((step) => step.paidPerS),
  );
}

/** Nobody can sell more than is asked for: where fewer came to buy than could be served, all of them count. */
function goodput(step: StepReport, peak: number): Target {
  const most = Math.min(peak, step.buyersPerS);
  const share = most === 0 ? 0 : step.paidPerS / most;
  return {
    name: `goodput at ${stepName(step)}`,
    wanted: `≥ ${percent(goodputShareMin)}`,
    found: `${percent(share)}: ${format(step.paidPerS)} paid/s of ${most < peak ? `${format(most)} who came to buy` : `${format(peak)} at the peak`}`,
    isReached: share >= goodputShareMin,
  };
}

function coreLatency(step: StepReport, max: number): Target {
  const { p99Ms } = step.of.core;
  return {
    name: `core p99 at ${stepName(step)}`,
    wanted: `≤ ${formatMsOrNone(max)}`,
    found: p99Ms === null ? 'none was answered' : formatMsOrNone(p99Ms),
    isReached: p99Ms !== null && p99Ms <= max,
  };
}

/** In time for core work they would not hinder it; a refusal that takes longer is no better than no answer. */
function refusals(step: StepReport, max: number): Target {
  const worst = Math.max(0, ...importances.map((name) => step.of[name].refusal.p99Ms ?? 0));
  const shed = importances.some((name) => step.of[name].shedPerS > 0);
  return {
    name: `refusals p99 at ${stepName(step)}`,
    wanted: `≤ ${formatMsOrNone(max)}`,
    found: shed ? formatMsOrNone(worst) : 'nobody was refused',
    isReached: worst <= max,
  };
}

function precedence(steps: readonly StepReport[]): Target {
  const seconds = steps.reduce((sum, step) => sum + step.precedence.seconds, 0);
  const wrong = steps.reduce((sum, step) => sum + step.precedence.wrongSeconds, 0);
  return {
    name: 'less important refused first',
    wanted: 'in every second',
    found: wrong === 0 ? `in each of ${seconds}` : `not in ${wrong} of ${seconds}`,
    isReached: wrong === 0,
  };
}

function failures(steps: readonly StepReport[]): Target {
  const sum = (of: 'failedPerS' | 'offeredPerS') =>
    steps.reduce((total, step) => total + importances.reduce((each, name) => each + step.of[name][of], 0), 0);
  const share = sum('offeredPerS') === 0 ? 0 : sum('failedPerS') / sum('offeredPerS');
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
