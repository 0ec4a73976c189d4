import assert from 'node:assert/strict';
import type { Fingerprint } from './keyed-hash.ts';

/** Buckets by name in memory that never grows. What a slot holds is read and written by its number, at once and not later. */
export interface BucketTable {
  /** The slot of a name. If it has none it gets one: of those it may have, the one that would be forgotten first anyway. */
  slotOf(name: Fingerprint): number;
  /** -1 if the name has none: its bucket is full. */
  find(name: Fingerprint): number;
  /** When the bucket of a slot is full again (platform/rate/bucket.ts). */
  readonly fullAtMs: Float64Array;
  /** Until when the name of a slot is under suspicion. */
  readonly calmAtMs: Float64Array;
  /** How many names owe something. */
  countOwing(nowMs: number): number;
}

// A name may be in one of eight places, as in a processor's cache: enough that honest names are rarely in each other's way.
const ways = 8;

/**
 * Somebody with a million addresses can neither make it grow nor hide behind them: a new name takes the place of whoever owes least of
 * eight, and who owes least loses least by being forgotten: his bucket is taken to be full. To be forgotten himself, who owes
 * much would have to fill his eight places with others who owe more, and where those are, the key of the hash hides.
 */
export function createBucketTable(slotCount: number): BucketTable {
  assert(slotCount >= ways && (slotCount & (slotCount - 1)) === 0, 'the number of slots is a power of two');
  const setMask = slotCount / ways - 1;
  const high = new Int32Array(slotCount);
  const low = new Int32Array(slotCount);
  const fullAtMs = new Float64Array(slotCount);
  const calmAtMs = new Float64Array(slotCount);
  const firstOf = (name: Fingerprint) => (name.low & setMask) * ways;

  function find(name: Fingerprint): number {
    const first = firstOf(name);
    for (let slot = first; slot < first + ways; slot++) {
      if (low[slot] === name.low && high[slot] === name.high) return slot;
    }
    return -1;
  }

  return {
    find,
    fullAtMs,
    calmAtMs,
    slotOf(name) {
      const found = find(name);
      if (found >= 0) return found;
      const first = firstOf(name);
      const owes = (slot: number) => Math.max(fullAtMs[slot] as number, calmAtMs[slot] as number);
      let least = first;
      for (let slot = first + 1; slot < first + ways; slot++) if (owes(slot) < owes(least)) least = slot;
      high[least] = name.high;
      low[least] = name.low;
      fullAtMs[least] = 0;
      calmAtMs[least] = 0;
      return least;
    },
    countOwing: (nowMs) => fullAtMs.reduce((count, fullAt) => (fullAt > nowMs ? count + 1 : count), 0),
  };
}
