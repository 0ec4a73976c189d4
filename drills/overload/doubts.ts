// What makes figures the machine's rather than the shop's, in sentences for the report.
import { formatMs } from '../page.ts';
import { sameShareMax } from './capacity.ts';
import { format, formatMsOrNone, percent, seconds, stepName } from './format.ts';
import type { StepReport } from './report.ts';
import { type Measured, peakOf, trueFactor } from './targets.ts';

/** The generator sends this late at most, or it measures itself. */
const latenessMsMax = 50;

/** Whether the search found less than was sold later: then each step was less load than it is called. Undefined when it did not. */
export function peakDoubt({ capacity, steps }: Pick<Measured, 'capacity' | 'steps'>): string | undefined {
  const peak = peakOf(capacity, steps);
  if (peak <= sameShareMax * capacity.paidPerS) return undefined;
  const overloaded = steps.filter(({ isAfter, factor }) => !isAfter && factor > 1);
  const factorOf = (step: StepReport) => trueFactor(step, capacity, peak);
  const rather = overloaded.map((step) => `${stepName(step)} was rather ${format(factorOf(step))}×`);
  const what = `The capacity was found too low: ${format(peak)} paid/s were sold later, of ${format(capacity.paidPerS)}`;
  const isProof = overloaded.every((step) => factorOf(step) > 1);
  return [
    `${[what, ...rather].join('; ')}. The peak is the most that was ever sold.`,
    ...(isProof ? [] : ['Up to 1× there is no overload, and nothing is proved.']),
  ].join(' ');
}

/** Whether the generator kept up: else the figures are its own. Undefined when it did. */
export function generatorDoubt(steps: readonly StepReport[]): string | undefined {
  const late = steps.filter(({ lateness }) => (lateness.p99Ms ?? 0) > latenessMsMax);
  if (late.length === 0) return undefined;
  const at = late.map((step) => `${stepName(step)} (p99 ${formatMsOrNone(step.lateness.p99Ms)})`).join(', ');
  return `The generator did not keep up, so the latencies are partly its own: requests left late at ${at}.`;
}

/**
 * Whether the disk stood still at times, and what was made of it; undefined when it did not. `spoilt` names the measurements
 * made before that it spoilt each time.
 */
export function diskDoubt(steps: readonly StepReport[], spoilt: readonly string[]): string | undefined {
  const slow = steps.filter(({ disk }) => disk.spoiltMs > 0);
  if (slow.length === 0 && spoilt.length === 0) return undefined;
  const longestMs = Math.max(0, ...slow.map(({ disk }) => disk.longestMs));
  const told = (which: readonly StepReport[]) =>
    which.map((step) => `${seconds(step.disk.spoiltMs)} at ${stepName(step)}`).join(', ');
  const apart = slow.filter(({ disk }) => disk.without !== undefined);
  const tooMuch = slow.filter(({ disk }) => disk.without === undefined);
  return [
    `The disk stood still at times${slow.length === 0 ? '' : `: a write of 8 kB took up to ${formatMs(longestMs)}`}.`,
    ...(apart.length === 0 ? [] : [`Judged without ${told(apart)}.`]),
    ...(tooMuch.length === 0 ? [] : [`Too much to leave out, so judged with it: ${told(tooMuch)}.`]),
    ...(spoilt.length === 0 ? [] : [`It spoilt what is compared with, too: ${spoilt.join(', ')}.`]),
  ].join(' ');
}

/** Whether the machine was not the shop's alone: then the shop had less of it. Undefined when it was. */
export function othersDoubt(steps: readonly StepReport[]): string | undefined {
  const doubts = [programsDoubt(steps), hostDoubt(steps)].filter((each) => each !== undefined);
  return doubts.length === 0 ? undefined : doubts.join(' ');
}

/** A host that is not full takes next to nothing. */
const stealShareMax = 0.05;

function hostDoubt(steps: readonly StepReport[]): string | undefined {
  const taken = steps.filter(({ usage }) => (usage.stealShare ?? 0) > stealShareMax);
  if (taken.length === 0) return undefined;
  const at = taken.map((step) => `${percent(step.usage.stealShare ?? 0)} of the time at ${stepName(step)}`).join(', ');
  return `The host gave the processors to other machines: ${at}.`;
}

/** The drill itself and the system take some; above this share of all that is used there is somebody else. */
const othersShareMax = 0.2;

function programsDoubt(steps: readonly StepReport[]): string | undefined {
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

/** Whether clients waited before anybody could see them; undefined when none did. */
export function acceptDoubt(steps: readonly StepReport[]): string | undefined {
  const full = steps.filter(({ usage }) => (usage.putOffCount ?? 0) > 0);
  if (full.length === 0) return undefined;
  const at = full.map((step) => `${format(step.usage.putOffCount ?? 0)} at ${stepName(step)}`).join(', ');
  return `The system's queue for new connections was full, and who came was put off for a second or longer: ${at}. Its length is net.core.somaxconn.`;
}
