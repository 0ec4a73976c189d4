import type { Clock } from '../../platform/context/context.ts';

/**
 * The time of the waiting rooms: the database's, which all processes share. A room's last tick, a call, a ticket's last look are
 * written by one process and held against the time of another; were each to ask its own clock, one that is seconds ahead would
 * find that seconds have passed, and call for them.
 */
export interface RoomClock extends Clock {
  /** Asks the database what time it is. Between two answers the process's own clock goes on. */
  compare(): Promise<void>;
}

/** `readTime`: what the time is that all share. */
export function createRoomClock(own: Clock, readTime: () => Promise<number>): RoomClock {
  let aheadMs = 0;
  return {
    nowMs: () => own.nowMs() + aheadMs,
    async compare() {
      const askedAtMs = own.nowMs();
      const sharedMs = await readTime();
      aheadMs = nextAheadMs(aheadMs, { askedAtMs, sharedMs, gotAtMs: own.nowMs() });
    },
  };
}

/** The shared time at some moment between asking for it and getting it, which were told by the process's own clock. */
export interface TimeReading {
  readonly askedAtMs: number;
  readonly sharedMs: number;
  readonly gotAtMs: number;
}

/**
 * How far the shared time is ahead of the process's own. It stays as it was taken to be where that can still be so, and else moves
 * no more than it must: the slower an answer, the less it says, and a busy process does not make its rooms' time waver.
 */
export function nextAheadMs(aheadMs: number, { askedAtMs, sharedMs, gotAtMs }: TimeReading): number {
  return Math.min(sharedMs - askedAtMs, Math.max(sharedMs - gotAtMs, aheadMs));
}
