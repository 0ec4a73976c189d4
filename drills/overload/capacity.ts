import type { Slot } from './meter.ts';
import { quickShareOf, sumCounts } from './recovery.ts';
import { type Attempt, type Capacity, sessionsPerSecond } from './report.ts';
import type { Stage } from './setup.ts';

/** More sessions at once bring more as long as they bring so much more, … */
const worthwhileGain = 1.04;
/** … and as long as this share of what is bought is answered in time: what is sold to people who wait is no goodput. */
const bearableShareMin = 0.97;
/** A shop that refuses one in ten serves no more than it can, only less of it than it was asked for. */
const wholeShareMin = 0.9;

export interface CapacitySearch {
  readonly durationMs: number;
  readonly settleMs: number;
  readonly sessionsAtOnceMax: number;
  /** The slots of a stage after it has settled. */
  measure(stage: Stage): Promise<readonly Slot[]>;
  /** Told before each try. */
  onTry(sessionsAtOnce: number): void;
}

/** Doubles the sessions in the shop until more of them bring no more, then measures once more at the number that sold most. */
export async function findCapacity({
  durationMs,
  settleMs,
  sessionsAtOnceMax,
  measure,
  onTry,
}: CapacitySearch): Promise<Capacity> {
  const attempt = async (sessionsAtOnce: number, lastsMs: number): Promise<Attempt> => {
    onTry(sessionsAtOnce);
    const slots = await measure(closed('capacity', sessionsAtOnce, lastsMs, settleMs));
    const { endedWellPerS, paidPerS } = sessionsPerSecond(slots);
    const core = sumCounts(slots.map(({ of }) => of.core));
    return {
      sessionsAtOnce,
      sessionsPerS: endedWellPerS,
      paidPerS,
      isWhole: (quickShareOf(slots) ?? 0) >= wholeShareMin,
      isBearable: core.well > 0 && core.quick / core.well >= bearableShareMin,
    };
  };
  const tried: Attempt[] = [];
  for (let sessionsAtOnce = 64; sessionsAtOnce <= sessionsAtOnceMax; sessionsAtOnce *= 2) {
    const before = [...tried];
    tried.push(await attempt(sessionsAtOnce, durationMs));
    const gain = mostOf(tried, 'paidPerS').paidPerS / mostOf(before, 'paidPerS').paidPerS;
    if (!tried.at(-1)?.isBearable || gain < worthwhileGain) break;
  }
  const best = mostOf(tried, 'paidPerS');
  const again = await attempt(best.sessionsAtOnce, 2 * durationMs);
  const whole = mostOf([...tried, again].filter(({ isWhole }) => isWhole).concat(tried.slice(0, 1)), 'sessionsPerS');
  // Of several tries the best is partly luck; of two at the same number the mean is less so.
  const paidPerS = Math.max((best.paidPerS + again.paidPerS) / 2, whole.paidPerS);
  return {
    // Who looks asks no more of a shop than who buys: a shop that is quick to turn lookers away is measured by what it sells.
    sessionsPerS: Math.max(whole.sessionsPerS, paidPerS),
    paidPerS,
    sessionsAtOnce: best.sessionsAtOnce,
    tried: [...tried, again],
  };
}

const nothing: Attempt = { sessionsAtOnce: 0, sessionsPerS: 0, paidPerS: 0, isWhole: false, isBearable: false };

function mostOf(tried: readonly Attempt[], of: 'paidPerS' | 'sessionsPerS'): Attempt {
  return tried
    .filter(({ isBearable }, index) => isBearable || index === 0)
    .reduce((one, other) => (other[of] > one[of] ? other : one), nothing);
}

/** So many sessions in the shop all the time: where one ends another begins. */
export function closed(name: string, sessions: number, durationMs: number, settleMs: number): Stage {
  return { name, durationMs, settleMs, arrivals: { kind: 'closed', sessions } };
}
