/**
 * Exponential backoff with full jitter: a random share of a ceiling that doubles with each attempt, so that what failed
 * together does not return together (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
 */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
  /** From 0 up to but excluding 1. */
  readonly random: () => number;
}

/** How long to wait after the given attempt, counted from 1. */
export function delayMs(backoff: Backoff, attempt: number): number {
  const ceilingMs = Math.min(backoff.capMs, backoff.baseMs * 2 ** (attempt - 1));
  return Math.ceil(backoff.random() * ceilingMs);
}
