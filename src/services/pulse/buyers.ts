import type { Second } from './second.ts';

/** How long somebody who has ordered counts as being in the shop. */
export const buyerWindowMs = 5 * 60_000;

/**
 * How many different buyers ordered within the last five minutes, second by second. A second may be told of again with more
 * buyers in it, and a late one is taken as long as it still counts.
 */
export class BuyerWindow {
  readonly #lastSeenMs = new Map<number, number>();
  readonly #marksBySecond = new Map<number, readonly number[]>();

  /** Takes up a second, in place of what was told of it before. */
  add({ atMs, buyers }: Pick<Second, 'atMs' | 'buyers'>): void {
    if (buyers.length === 0) return;
    this.#marksBySecond.set(atMs, buyers);
    for (const mark of buyers) this.#lastSeenMs.set(mark, Math.max(atMs, this.#lastSeenMs.get(mark) ?? 0));
  }

  /** How many there are at the end of the second that begins at `atMs`. Only forwards: who has left is forgotten. */
  countAt(atMs: number): number {
    for (const [secondMs, marks] of this.#marksBySecond) {
      if (secondMs > atMs - buyerWindowMs) continue;
      this.#marksBySecond.delete(secondMs);
      // Who has ordered again since stays by that later second.
      for (const mark of marks) if (this.#lastSeenMs.get(mark) === secondMs) this.#lastSeenMs.delete(mark);
    }
    return this.#lastSeenMs.size;
  }
}
