import { type Counts, type RunReading, type Slot, slotMs, slotsBetween } from './meter.ts';
import { importances, type Stage } from './setup.ts';
import { type Stretch, setStallsApart } from './stalls.ts';

/** How long after the fall of the load the shop was as before it, in ms; null when it was not while it was watched. */
export interface Recovery {
  readonly ms: number | null;
  /** What is judged where the disk stood still after the fall, or before the overload: the same without that time. */
  readonly without?: { readonly ms: number | null; readonly apartMs: number };
}

/** Of a run whose last stage is what its first was before the overload. */
export function recoveryOf(reading: RunReading, stages: readonly Stage[], stalls: readonly Stretch[]): Recovery {
  const judgedBetween = (fromMs: number, untilMs: number) => {
    const all = slotsBetween(reading.slots, fromMs, untilMs);
    return { all, ...setStallsApart(all, reading.beganAtMs + fromMs, stalls) };
  };
  const totalMs = stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const before = judgedBetween(stages[0]?.settleMs ?? 0, stages[0]?.durationMs ?? 0);
  const after = judgedBetween(totalMs - (stages.at(-1)?.durationMs ?? 0), totalMs);
  const ms = recoveryMs(after.all, quickShareOf(before.all) ?? 1) ?? null;
  const apartMs = before.apartMs + after.apartMs;
  if (apartMs === 0) return { ms };
  return { ms, without: { ms: recoveryMs(after.slots, quickShareOf(before.slots) ?? 1) ?? null, apartMs } };
}

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
