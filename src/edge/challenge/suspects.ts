import { networksOfSite, siteOf } from '../../platform/api/client-prefix.ts';
import { forgetOldest } from './forget-oldest.ts';

/** Networks that behave like machines, and how much is left of that. */
export interface Suspects {
  /** Adds to the suspicion of a network, and a part of it to its IPv6 end site's; it halves every `halfLifeMs`. */
  raise(clientPrefix: string, by: number, nowMs: number): void;
  /** From 0 to 1: the network's, or its site's if that is more. */
  levelOf(clientPrefix: string, nowMs: number): number;
  readonly size: number;
}

const halfLifeMs = 10 * 60_000;

/**
 * Holds `entriesMax` networks and sites; of more, those that were noticed longest ago are forgotten. Less than `leastLevel` is nothing, so that
 * every sign must weigh more.
 */
export function createSuspects(entriesMax: number, leastLevel = 0.05): Suspects {
  // Of a site the sum of its networks', so that what counts as nothing is the same for both.
  const levels = new Map<string, { level: number; atMs: number }>();

  function levelLeft(name: string, nowMs: number): number {
    const entry = levels.get(name);
    if (entry === undefined) return 0;
    // A clock that went back makes nothing grow.
    const level = entry.level * 0.5 ** (Math.max(0, nowMs - entry.atMs) / halfLifeMs);
    if (level >= leastLevel) return level;
    levels.delete(name);
    return 0;
  }

  function add(name: string, by: number, levelMax: number, nowMs: number): void {
    const level = Math.min(levelMax, levelLeft(name, nowMs) + by);
    // Entered anew, so that the first in line is the one noticed longest ago.
    levels.delete(name);
    forgetOldest(levels, entriesMax);
    levels.set(name, { level, atMs: nowMs });
  }

  return {
    raise(clientPrefix, by, nowMs) {
      add(clientPrefix, by, 1, nowMs);
      const siteId = siteOf(clientPrefix);
      if (siteId !== undefined) add(siteId, by, networksOfSite, nowMs);
    },
    levelOf(clientPrefix, nowMs) {
      const siteId = siteOf(clientPrefix);
      const ofSite = siteId === undefined ? 0 : levelLeft(siteId, nowMs) / networksOfSite;
      return Math.max(levelLeft(clientPrefix, nowMs), ofSite);
    },
    get size() {
      return levels.size;
    },
  };
}
