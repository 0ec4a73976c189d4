/**
 * How hard a puzzle is. One try is a PBKDF2 key of `roundsPerTry` rounds, some 0.5 ms for a browser
 * on one core of a rented machine and twice as fast natively (`npm run bench -- challenge`): who writes a solver of his own gains
 * little. A phone is taken to be three times as slow. The counter is drawn evenly from 0 to below the maximum, so the mean is half of it,
 * and there is an end: unlike a search for leading zeros, nobody is unlucky for minutes.
 */
export const roundsPerTry = 1000;

/** About 50 ms of a phone in the mean. */
const triesMin = 64;
/** About 10 s of a phone at the worst. */
const triesMax = 6400;

/** Tries at most, for a suspicion from 0 to 1 (what is beyond is cut off): each tenth makes it 1.6 times as hard. */
export function counterMaxFor(suspicion: number): number {
  const within = Number.isFinite(suspicion) ? Math.min(1, Math.max(0, suspicion)) : 1;
  return Math.round(triesMin * (triesMax / triesMin) ** within);
}

/** How much harder than a solution's puzzle another may be by now, for the solution to count. Suspicion moves while somebody works. */
const easierMax = 4;

/**
 * Whether a puzzle is still worth what is asked for. Else a machine would take a stock of easy ones while it has done nothing yet, and
 * spend them when each should cost it a hundred times as much.
 */
export function isHardEnough(counterMax: number, suspicion: number): boolean {
  return counterMax * easierMax >= counterMaxFor(suspicion);
}
