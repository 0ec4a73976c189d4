import type { Clock } from '../../platform/context/context.ts';
import type { PassUse } from './events.ts';

/** Passes that have become orders, as far as this process has heard, so that a poll need not ask the database. */
export interface SpentPasses {
  add(use: Pick<PassUse, 'roomId' | 'place'>): void;
  has(roomId: string, place: number): boolean;
  readonly size: number;
}

/** `keptMs`: as long as a place is called; of one that was called before, the database is asked. */
export function createSpentPasses(clock: Clock, keptMs: number): SpentPasses {
  // In the order in which they were heard of.
  const heardAtMs = new Map<string, number>();
  const keyOf = (roomId: string, place: number) => `${roomId}/${place}`;

  function forgetOld(): void {
    const nowMs = clock.nowMs();
    for (const [key, atMs] of heardAtMs) {
      if (nowMs - atMs <= keptMs) return;
      heardAtMs.delete(key);
    }
  }

  return {
    add({ roomId, place }) {
      forgetOld();
      heardAtMs.set(keyOf(roomId, place), clock.nowMs());
    },
    has: (roomId, place) => heardAtMs.has(keyOf(roomId, place)),
    get size() {
      return heardAtMs.size;
    },
  };
}
