import { forgetOldest } from './forget-oldest.ts';

/** What was used, until it is too old to be used at all. */
export interface Spent {
  /** Counts one more use; false if there have been `usesMax` already. */
  use(id: string, usesMax: number, expiresAtMs: number, nowMs: number): boolean;
  readonly size: number;
}

/**
 * Bounded: who would fill it has to solve a puzzle for each entry. Beyond `entriesMax` the oldest are forgotten, and could then be
 * used once more until they expire; to refuse the new instead would let one who is quick at puzzles shut out the others.
 */
export function createSpent(entriesMax: number): Spent {
  const entries = new Map<string, { uses: number; readonly expiresAtMs: number }>();

  /** They were entered in the order in which, nearly, they expire: a few from the front at each use are enough. */
  function sweep(nowMs: number): void {
    let looked = 0;
    for (const [id, entry] of entries) {
      if (entry.expiresAtMs > nowMs || looked++ === 8) return;
      entries.delete(id);
    }
  }

  return {
    use(id, usesMax, expiresAtMs, nowMs) {
      const entry = entries.get(id);
      if (entry !== undefined) {
        if (entry.uses >= usesMax) return false;
        entry.uses += 1;
        return true;
      }
      if (usesMax < 1) return false;
      sweep(nowMs);
      forgetOldest(entries, entriesMax);
      entries.set(id, { uses: 1, expiresAtMs });
      return true;
    },
    get size() {
      return entries.size;
    },
  };
}
