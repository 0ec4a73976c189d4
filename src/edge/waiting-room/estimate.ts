import type { Estimate } from './api.ts';
import type { Departed } from './departed.ts';

/** Places called, oldest first. */
export interface CallEntry {
  readonly from: number;
  /** The first place that was not called. */
  readonly to: number;
  readonly atMs: number;
}

/** How fast a room has been calling those who wait. */
export interface CallRate {
  /** Over the last minute, or since the room opened, and over the last ten seconds. */
  readonly perS: number;
  readonly latelyPerS: number;
  /** Standard deviation of those called in one second. */
  readonly spread: number;
  /** Seconds that this was measured over. */
  readonly overS: number;
}

const windowS = 60;
const latelyS = 10;
/** Less than this says nothing. */
const overSMin = 5;

/**
 * Undefined while it is not known: nobody was called, or not for long enough. Places that were passed over are left out, as they are
 * of those ahead; so is the odd one who left when he was called, which makes a wait look longer rather than shorter.
 */
export function callRateOf(
  calls: readonly CallEntry[],
  departed: Pick<Departed, 'countWithin'>,
  openedAtMs: number,
  nowMs: number,
): CallRate | undefined {
  const overS = Math.min(windowS, Math.floor((nowMs - openedAtMs) / 1000));
  if (!(overS >= overSMin)) return undefined;
  const perSecond = new Array<number>(overS).fill(0);
  for (let index = calls.length - 1; index >= 0; index--) {
    const call = calls[index];
    if (call === undefined) break;
    const agoS = Math.floor((nowMs - call.atMs) / 1000);
    if (agoS >= overS) break;
    const count = call.to - call.from - departed.countWithin(call.from, call.to);
    if (agoS >= 0) perSecond[agoS] = (perSecond[agoS] ?? 0) + count;
  }
  const perS = mean(perSecond);
  if (perS === 0) return undefined;
  const variance = mean(perSecond.map((count) => (count - perS) ** 2));
  return { perS, latelyPerS: mean(perSecond.slice(0, latelyS)), spread: Math.sqrt(variance), overS };
}

/**
 * How long it takes to call so many, as a range. It holds nine times out of ten while the pace goes on as it has: the seconds of the
 * wait scatter as those of the last minute did, the mean of that minute is itself a guess, and a tenth is for what drifts.
 */
export function estimateOf(aheadCount: number, rate: CallRate | undefined): Estimate | undefined {
  if (rate === undefined) return undefined;
  const fast = Math.max(rate.perS, rate.latelyPerS);
  // A room that calls nobody now has told nothing of when it will again.
  const slow = Math.min(rate.perS, rate.latelyPerS);
  if (slow <= 0) return undefined;
  const count = aheadCount + 1;
  const range = (perS: number) => {
    const s = count / perS;
    const scatter = (rate.spread / perS) * Math.sqrt(1 / rate.overS + 1 / Math.max(1, s));
    return { s, share: 1.645 * scatter + 0.1 };
  };
  const early = range(fast);
  const late = range(slow);
  return { fromS: Math.floor(early.s / (1 + early.share)), toS: Math.ceil(late.s * (1 + late.share)) + 1 };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
