import type { StreamEvent } from '../../platform/api/contract.ts';
import { serialiseEvent } from '../../platform/api/event-stream.ts';

/** One second for everybody who watches. */
export interface Frame {
  /** For who saw the frame before this one. */
  readonly second: () => StreamEvent;
  /** For who did not. */
  readonly snapshot: () => StreamEvent;
}

export interface Broadcast {
  readonly watchersCount: number;
  publish(frame: Frame): void;
  /** All frames from now on, for as long as the caller stays. Begins with the frame that there is, if there is one. */
  follow(signal: AbortSignal | undefined): AsyncGenerator<StreamEvent>;
}

/**
 * One frame for all watchers: each of its two forms is serialised at most once, when the first asks for it. A watcher who
 * reads slowly is given the newest frame when he is ready, and what he missed is left out: nothing piles up for him, and
 * nobody waits for him.
 */
export function createBroadcast(on: { first: () => void; last: () => void; serialised: () => void }): Broadcast {
  let current: { readonly no: number; second(): StreamEvent; snapshot(): StreamEvent } | undefined;
  let no = 0;
  const wakers = new Set<() => void>();

  const once = (make: () => StreamEvent) => {
    let made: StreamEvent | undefined;
    return () => {
      if (made === undefined) {
        made = serialiseEvent(make());
        on.serialised();
      }
      return made;
    };
  };

  return {
    get watchersCount() {
      return wakers.size;
    },
    publish(frame) {
      no += 1;
      current = { no, second: once(frame.second), snapshot: once(frame.snapshot) };
      for (const wake of wakers) wake();
    },
    async *follow(signal) {
      let wake = () => {};
      const waker = () => wake();
      wakers.add(waker);
      signal?.addEventListener('abort', waker);
      if (wakers.size === 1) {
        // What was shown to those who have gone is not shown again.
        current = undefined;
        on.first();
      }
      let seenNo = -1;
      try {
        while (!signal?.aborted) {
          const frame = current;
          if (frame === undefined || frame.no === seenNo) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          const isNext = frame.no === seenNo + 1;
          seenNo = frame.no;
          yield isNext ? frame.second() : frame.snapshot();
        }
      } finally {
        signal?.removeEventListener('abort', waker);
        wakers.delete(waker);
        if (wakers.size === 0) on.last();
      }
    },
  };
}
