import { forgetOldest } from './forget-oldest.ts';

/** Networks whose forms looked filled in by a machine, and how much is left of that. */
export interface Suspects {
  /** Adds to the suspicion of a network; it halves every `halfLifeMs`. */
  raise(prefix: string, by: number, nowMs: number): void;
  /** From 0 to 1. */
  levelOf(prefix: string, nowMs: number): number;
  readonly size: number;
}

const halfLifeMs = 10 * 60_000;

/**
 * Holds `entriesMax` networks; of more, those that were noticed longest ago are forgotten. Less than `leastLevel` is nothing, so that
 * every sign must weigh more.
 */
export function createSuspects(entriesMax: number, leastLevel = 0.05): Suspects {
  const levels = new Map<string, { level: number; atMs: number }>();

  function levelOf(prefix: string, nowMs: number): number {
    const entry = levels.get(prefix);
    if (entry === undefined) return 0;
    // A clock that went back makes nothing grow.
    const level = entry.level * 0.5 ** (Math.max(0, nowMs - entry.atMs) / halfLifeMs);
    if (level >= leastLevel) return level;
    levels.delete(prefix);
    return 0;
  }

  return {
    raise(prefix, by, nowMs) {
      const level = Math.min(1, levelOf(prefix, nowMs) + by);
      // Entered anew, so that the first in line is the one noticed longest ago.
      levels.delete(prefix);
      forgetOldest(levels, entriesMax);
      levels.set(prefix, { level, atMs: nowMs });
    },
    levelOf,
    get size() {
      return levels.size;
    },
  };
}
