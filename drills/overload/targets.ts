import { formatMs } from '../page.ts';
import type { Capacity, Percentiles, StepReport, Target } from './report.ts';
import { type Bounds, type Importance, importances } from './setup.ts';

const goodputShareMin = 0.9;
const recoveryMsMax = 1000;
/** Of the requests that were let in, how many may end in an error or in nothing. */
const failedShareMax = 0.001;
/** The generator sends this late at most, or it measures itself. */
const latenessMsMax = 50;

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
function peakOf({ paidPerS }: Measured['capacity'], steps: readonly StepReport[]): number {
  return Math.max(
    paidPerS,
    ...steps.filter(({ isAfter, factor }) => !isAfter && factor <= 1).map((step) => step.paidPerS),
  );
}

/** Two measurements of one thing on a machine with neighbours may be so far apart. */
const peakShareMax = 1.1;

/** Whether more was sold under too much load than at what was taken for the peak. Undefined when it was not. */
export function peakDoubt({ capacity, steps }: Pick<Measured, 'capacity' | 'steps'>): string | undefined {
  const peak = peakOf(capacity, steps);
  const beyond = steps.filter(({ isAfter, paidPerS }) => !isAfter && paidPerS > peakShareMax * peak);
  if (beyond.length === 0) return undefined;
  const at = beyond.map((step) => `${format(step.paidPerS)} at ${stepName(step)}`).join(', ');
  return `The peak of ${format(peak)} paid/s was found too low (${at}), so that ${percent(goodputShareMin)} of it proves less.`;
}

/** Whether the generator kept up: else the figures are its own. Undefined when it did. */
export function generatorDoubt(steps: readonly StepReport[]): string | undefined {
  const late = steps.filter(({ lateness }) => (lateness.p99Ms ?? 0) > latenessMsMax);
  if (late.length === 0) return undefined;
  const at = late.map((step) => `${stepName(step)} (p99 ${formatMsOrNone(step.lateness.p99Ms)})`).join(', ');
  return `The generator did not keep up, so the latencies are partly its own: requests left late at ${at}.`;
}

/** Longer than any disk takes that does nothing else. */
const diskMsUsual = 100;

/** Whether the disk stood still at times: whoever waited for a commit waited for it. Undefined when it did not. */
export function diskDoubt(steps: readonly StepReport[]): string | undefined {
  const slow = steps.filter(({ diskMsMax }) => diskMsMax > diskMsUsual);
  if (slow.length === 0) return undefined;
  const at = slow.map((step) => `${formatMs(step.diskMsMax)} at ${stepName(step)}`).join(', ');
  return `The disk stood still at times (a write of 8 kB took ${at}): answers that waited for a commit took as long.`;
}

/** The drill itself and the system take some; above this share of all that is used there is somebody else. */
const othersShareMax = 0.2;

/** Whether the machine had other things to do: then the shop had less of it. Undefined when it had not. */
export function othersDoubt(steps: readonly StepReport[]): string | undefined {
  const shares = steps.map(({ usage }) => {
    const { shopCores, databaseCores, generatorCores, othersCores } = usage;
    const used = [shopCores, databaseCores, generatorCores, othersCores].reduce<number>(
      (sum, each) => sum + (each ?? 0),
      0,
    );
    return used === 0 ? 0 : (othersCores ?? 0) / used;
  });
  const most = Math.max(0, ...shares);
  if (most <= othersShareMax) return undefined;
  const what = `Other programs took up to ${percent(most)} of what this machine did meanwhile`;
  return most > 0.5
    ? `${what}: the figures tell more of them than of the shop.`
    : `${what}: on a quiet one the figures are better.`;
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

export function stepName({ factor }: Pick<StepReport, 'factor'>): string {
  return `${factor}×`;
}

export function formatMsOrNone(ms: number | null): string {
  return ms === null ? '–' : formatMs(ms);
}

export function percent(share: number): string {
  const value = share * 100;
  return `${value >= 10 || value === 0 ? Math.round(value) : value.toFixed(value < 0.1 ? 2 : 1)} %`;
}

function format(number: number): string {
  return (number >= 100 ? Math.round(number) : number).toLocaleString('en-US');
}
