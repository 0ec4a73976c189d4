import type { Counts, Slot } from './meter.ts';
import { slotMs } from './meter.ts';
import { importances } from './setup.ts';

/** Half a second as it was before: one quick tenth of a second may be chance. */
const calmSlots = 5;
/** Of the share of quick answers before the overload. */
const asBefore = 0.95;

/**
 * How long after the fall of the load, in milliseconds, requests are answered as they were before: the beginning of the first
 * half second of which nearly as large a share was answered well and in time. Undefined when that does not come within these slots.
 */
export function recoveryMs(afterFall: readonly Slot[], quickShareBefore: number): number | undefined {
  for (let from = 0; from + calmSlots <= afterFall.length; from += 1) {
    const share = quickShareOf(afterFall.slice(from, from + calmSlots));
    if (share !== undefined && share >= asBefore * quickShareBefore) return from * slotMs;
  }
  return undefined;
}

/** Of all requests that were meant to be sent, how many were answered well within their bound; undefined when there were none. */
export function quickShareOf(slots: readonly Slot[]): number | undefined {
  const { offered, quick } = sumCounts(importances.flatMap((name) => slots.map(({ of }) => of[name])));
  return offered === 0 ? undefined : quick / offered;
}

export function sumCounts(all: readonly Counts[]): Counts {
  const sum: Counts = { offered: 0, well: 0, cached: 0, quick: 0, shed: 0, failed: 0 };
  for (const counts of all) {
    sum.offered += counts.offered;
    sum.well += counts.well;
    sum.cached += counts.cached;
    sum.quick += counts.quick;
    sum.shed += counts.shed;
    sum.failed += counts.failed;
  }
  return sum;
}
