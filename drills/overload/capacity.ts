import type { Slot } from './meter.ts';
import { quickShareOf, sumCounts } from './recovery.ts';
import { type Attempt, type Capacity, sessionsPerSecond } from './report.ts';
import type { Arrivals, Stage } from './setup.ts';

/** More sessions at once bring more as long as they bring so much more, … */
const worthwhileGain = 1.04;
/** … and as long as this share of what is bought is answered in time: what is sold to people who wait is no goodput. */
const bearableShareMin = 0.97;
/** A shop that refuses one in ten serves no more than it can, only less of it than it was asked for. */
const wholeShareMin = 0.9;
/** Two measurements of one thing on a machine with neighbours may be so far apart. */
export const sameShareMax = 1.1;
const sessionsAtOnceMin = 64;
/** Where so many of those who came to buy have bought, it was no overload yet. */
const satisfiedShareMin = 0.9;
const checksMax = 4;

export interface CapacitySearch {
  readonly durationMs: number;
  readonly settleMs: number;
  readonly sessionsAtOnceMax: number;
  /** The slots of a stage after it has settled. */
  measure(stage: Stage): Promise<readonly Slot[]>;
  /** Told before each try. */
  onTry(arrivals: Arrivals): void;
}

/**
 * Doubles the sessions in the shop until more of them bring no more, and measures once more at the number that sold most. Then
 * twice as many come as it served, and twice as many again for as long as that serves or sells more than was found, which takes its
 * place, or nearly all who came to buy have bought: a shop that works in batches sells more to a larger crowd.
 */
export async function findCapacity({
  durationMs,
  settleMs,
  sessionsAtOnceMax,
  measure,
  onTry,
}: CapacitySearch): Promise<Capacity> {
  const tried: Attempt[] = [];
  const attempt = async (arrivals: Arrivals, lastsMs: number): Promise<Attempt> => {
    onTry(arrivals);
    const one = attemptOf(arrivals, await measure({ name: 'capacity', durationMs: lastsMs, settleMs, arrivals }));
    tried.push(one);
    return one;
  };
  let sessions = sessionsAtOnceMin;
  for (; sessions <= sessionsAtOnceMax && !isExhausted(tried); sessions *= 2) {
    await attempt({ kind: 'closed', sessions }, durationMs);
  }
  const rising = [...tried];
  const again = await attempt(mostOf(rising, 'paidPerS').arrivals, 2 * durationMs);
  let found = foundBy(rising, again);
  // A search that was told to go no further could have found more, and is not to.
  let sessionsPerS = found.sessionsPerS;
  for (let check = 0; isExhausted(rising) && check < checksMax; check += 1) {
    sessionsPerS = 2 * Math.max(sessionsPerS, found.sessionsPerS);
    const checked = await attempt({ kind: 'open', sessionsPerS }, durationMs);
    const more = raisedBy(found, checked, tried.slice(0, -1));
    if (more === undefined && !checked.isSatisfied) break;
    found = more ?? found;
  }
  return { ...found, tried };
}

type Found = Omit<Capacity, 'tried'>;

function attemptOf(arrivals: Arrivals, slots: readonly Slot[]): Attempt {
  const { endedWellPerS, paidPerS, buyersPerS } = sessionsPerSecond(slots);
  const core = sumCounts(slots.map(({ of }) => of.core));
  return {
    arrivals,
    sessionsPerS: endedWellPerS,
    paidPerS,
    isSatisfied: paidPerS >= satisfiedShareMin * buyersPerS,
    isWhole: (quickShareOf(slots) ?? 0) >= wholeShareMin,
    isBearable: core.well > 0 && core.quick / core.well >= bearableShareMin,
  };
}

/** Whether the last two tries brought no more: one alone may have met a machine that was busy otherwise. */
export function isExhausted(tried: readonly Attempt[]): boolean {
  const broughtMore = tried.map(({ isBearable, paidPerS }, index) => {
    const before = tried.slice(0, index).filter((each) => each.isBearable);
    return isBearable && paidPerS >= worthwhileGain * Math.max(0, ...before.map((each) => each.paidPerS));
  });
  return broughtMore.length >= 2 && !broughtMore.slice(-2).includes(true);
}

/** `again` is of as many sessions as the one that sold most. */
function foundBy(tried: readonly Attempt[], again: Attempt): Found {
  const best = mostOf(tried, 'paidPerS');
  const wholes = [...tried, again].filter(({ isWhole }) => isWhole);
  const whole = mostOf(wholes.length === 0 ? tried.slice(0, 1) : wholes, 'sessionsPerS');
  // Of several tries the best is partly luck; of two at the same number the mean is less so.
  const paidPerS = Math.max((best.paidPerS + again.paidPerS) / 2, whole.paidPerS);
  return {
    // Who looks asks no more of a shop than who buys: a shop that is quick to turn lookers away is measured by what it sells.
    sessionsPerS: Math.max(whole.sessionsPerS, paidPerS),
    paidPerS,
    peakAt: best.arrivals,
  };
}

/** The capacity as overload shows it. Undefined when that is no more than was found, or worse than all that was tried before. */
function raisedBy(found: Found, checked: Attempt, before: readonly Attempt[]): Found | undefined {
  const isAsGood = (of: 'isWhole' | 'isBearable') => checked[of] || !before.some((each) => each[of]);
  const servesMore = isAsGood('isWhole') && checked.sessionsPerS > sameShareMax * found.sessionsPerS;
  const sellsMore = isAsGood('isBearable') && checked.paidPerS > sameShareMax * found.paidPerS;
  if (!servesMore && !sellsMore) return undefined;
  const paidPerS = sellsMore ? checked.paidPerS : found.paidPerS;
  return {
    sessionsPerS: Math.max(found.sessionsPerS, servesMore ? checked.sessionsPerS : 0, paidPerS),
    paidPerS,
    peakAt: sellsMore ? checked.arrivals : found.peakAt,
  };
}

/** Of those that were bearable; where none was, the first counts, with the fewest sessions. */
function mostOf(tried: readonly Attempt[], of: 'paidPerS' | 'sessionsPerS'): Attempt {
  const bearable = tried.filter(({ isBearable }) => isBearable);
  const [first, ...others] = bearable.length === 0 ? tried.slice(0, 1) : bearable;
  if (first === undefined) throw new RangeError('nothing was tried');
  return others.reduce((most, other) => (other[of] > most[of] ? other : most), first);
}
