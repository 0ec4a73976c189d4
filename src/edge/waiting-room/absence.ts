/** When the room was last not answering, from its last tick before to its first one after. */
export interface Absence {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A room that has not ticked for so long was away: the process stood still, the shop was down, or its clock jumped. */
export const awayAfterMs = 5_000;

/**
 * How much of the time since an instant counts against a waiter: the time in which the room answered. A clock that was set back
 * makes it negative; then nothing has passed.
 */
export function answeredMs(sinceMs: number, nowMs: number, absence: Absence | undefined): number {
  const passedMs = Math.max(0, nowMs - sinceMs);
  if (absence === undefined) return passedMs;
  const awayMs = Math.min(nowMs, absence.untilMs) - Math.max(sinceMs, absence.fromMs);
  return Math.max(0, passedMs - Math.max(0, awayMs));
}

/**
 * The absence after a tick now that follows the one at `tickedAtMs`. One that began soon after another is the same: who could
 * not be heard for the first time has had no time to be heard since.
 */
export function absenceAfter(
  before: Absence | undefined,
  tickedAtMs: number | undefined,
  nowMs: number,
  mergeWithinMs: number,
): Absence | undefined {
  if (tickedAtMs === undefined || nowMs - tickedAtMs <= awayAfterMs) return before;
  const isSame = before !== undefined && tickedAtMs >= before.untilMs && tickedAtMs - before.untilMs < mergeWithinMs;
  return { fromMs: isSame ? before.fromMs : tickedAtMs, untilMs: nowMs };
}
