/**
 * What dies seldom comes back at once; what dies again and again comes back ever later, so that a broken disk or a bug at
 * start does not burn the machine.
 */
const delaysMs = [0, 200, 500, 1_000, 2_000, 5_000, 10_000] as const;

// A process that lived this long did not die of how it starts.
const healthyAfterMs = 30_000;

/** How long to wait before the next start, given how many short lives came right before and how long the last one was. */
export function nextRestart(shortLivesBefore: number, livedMs: number): { delayMs: number; shortLives: number } {
  const shortLives = livedMs >= healthyAfterMs ? 0 : shortLivesBefore;
  return { delayMs: delaysMs[Math.min(shortLives, delaysMs.length - 1)] ?? 0, shortLives: shortLives + 1 };
}
