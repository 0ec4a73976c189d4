import type { Clock } from '../context/context.ts';

/** So many units a second, and so many at once after a while of silence. */
export interface Rate {
  readonly unitsPerS: number;
  readonly burstUnits: number;
}

/**
 * A token bucket, kept as one number: the instant at which it will be full again (the “theoretical arrival time” of the generic
 * cell rate algorithm, ITU-T I.371, annex A). A bucket that was full a while ago and one that nobody has used yet are
 * the same, so that forgetting the former loses nothing.
 */
export interface Meter {
  readonly msPerUnit: number;
  /** How long an empty bucket takes to fill. */
  readonly burstMs: number;
}

export function createMeter({ unitsPerS, burstUnits }: Rate): Meter {
  return { msPerUnit: 1000 / unitsPerS, burstMs: (burstUnits * 1000) / unitsPerS };
}

/** When the bucket is full again if these units are taken now. What is dearer than the whole bucket takes the whole bucket. */
export function fullAtAfter(meter: Meter, fullAtMs: number, units: number, nowMs: number): number {
  return Math.max(fullAtMs, nowMs) + Math.min(units * meter.msPerUnit, meter.burstMs);
}

/** How long to wait until a bucket can be left so empty; 0 or less: it may be now. */
export function waitMs(meter: Meter, fullAtAfterMs: number, nowMs: number): number {
  return fullAtAfterMs - nowMs - meter.burstMs;
}

/** Units that are in it. */
export function unitsLeft(meter: Meter, fullAtMs: number, nowMs: number): number {
  return (meter.burstMs - Math.max(0, fullAtMs - nowMs)) / meter.msPerUnit;
}

export interface Bucket {
  /** Takes the units if they are there. */
  take(units: number): boolean;
}

/** A bucket of one's own; for many by name, see edge/limits/bucket-table.ts. */
export function createBucket(rate: Rate, nowMs: () => number): Bucket {
  const meter = createMeter(rate);
  let fullAtMs = 0;
  return {
    take(units) {
      const now = nowMs();
      const after = fullAtAfter(meter, fullAtMs, units, now);
      if (waitMs(meter, after, now) > 0) return false;
      fullAtMs = after;
      return true;
    },
  };
}

/**
 * Milliseconds that have passed, by a clock that may jump: a jump back is no time at all, so that a bucket that is full “at a
 * quarter past” need not wait for a quarter past once more. A jump forward fills buckets, which is as far as it goes.
 */
export function createSteadyTime(clock: Clock): () => number {
  let seenAtMs = clock.nowMs();
  let passedMs = 0;
  return () => {
    const nowMs = clock.nowMs();
    if (nowMs > seenAtMs) passedMs += nowMs - seenAtMs;
    seenAtMs = nowMs;
    return passedMs;
  };
}
