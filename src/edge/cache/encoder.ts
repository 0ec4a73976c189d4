import { encode } from './encoding.ts';
import type { KeptAnswer } from './kept-answer.ts';
import type { AnswerStore } from './store.ts';

/** Makes other codings of what is kept, behind the answers: nobody waits for them. */
export interface Encoder {
  add(kept: KeptAnswer): void;
}

// More is not waited for: it goes out as it is until it is renewed.
const waitingMax = 64;

/**
 * One body at a time, whatever comes: a scan of a million addresses would otherwise have a core and a half compress what nobody asks
 * for again, in the threads that answers need as well.
 */
export function createEncoder(store: Pick<AnswerStore, 'resize'>): Encoder {
  const waiting: KeptAnswer[] = [];
  let isAtWork = false;

  async function work(): Promise<void> {
    isAtWork = true;
    for (let kept = waiting.shift(); kept !== undefined; kept = waiting.shift()) await encodeKept(kept);
    isAtWork = false;
  }

  async function encodeKept(kept: KeptAnswer): Promise<void> {
    for (const coding of ['br', 'gzip'] as const) {
      // Thrown out meanwhile.
      if (kept.place === undefined) return;
      const encoded = await encode(kept.body, coding);
      if (encoded === undefined || kept.place === undefined) return;
      kept.encoded.set(coding, encoded);
      store.resize(kept);
    }
  }

  return {
    add(kept) {
      if (waiting.length >= waitingMax) return;
      waiting.push(kept);
      if (!isAtWork) void work();
    },
  };
}
