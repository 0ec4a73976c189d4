import type { LoadReading } from '../../platform/overload/load-reading.ts';

/** Passes a second. */
export interface PaceLimits {
  readonly floorPerS: number;
  readonly maxPerS: number;
}

/** Above this the shop is as busy as it should be; above the second one it is busier than it can be for long. */
const busyAt = 0.75;
const overAt = 0.95;
/** From nothing to the most within this long. */
const riseS = 30;
/** What is left of the pace after a second of shedding, or of being over. */
const cutPerS = 0.5;

/**
 * How many a second may come in from now on: up by a fixed amount a second while the shop has room, down by a factor a second
 * while it has too much to do (additive increase, multiplicative decrease: Chiu & Jain 1989), as it is in between.
 */
export function nextPace(perS: number, load: LoadReading, limits: PaceLimits, dtMs: number): number {
  const dtS = dtMs / 1000;
  const { floorPerS, maxPerS } = limits;
  let next = perS;
  if (load.coreShedPerS > 0 || load.utilisation > overAt) next = perS * cutPerS ** dtS;
  else if (load.utilisation < busyAt) next = perS + (maxPerS / riseS) * dtS;
  return Math.min(maxPerS, Math.max(Math.min(floorPerS, maxPerS), next));
}

/** A room that is switched by load: since when the shop has been too busy, and since when calm. */
export interface LoadSwitch {
  readonly isOn: boolean;
  readonly busySinceMs: number | undefined;
  readonly calmSinceMs: number | undefined;
}

/** A burst of a second or two is what the order lane is for. */
const onAfterMs = 3_000;
/** The queue has gone and stays away. */
const offAfterMs = 60_000;
const calmBelow = 0.6;

/** On after a while of too much, off after a longer while of calm in which nobody waits: it never flaps between the two. */
export function nextLoadSwitch(before: LoadSwitch, load: LoadReading, waitingCount: number, nowMs: number): LoadSwitch {
  const isBusy = load.coreShedPerS > 0 || load.utilisation > overAt;
  const isCalm = !isBusy && load.utilisation < calmBelow && waitingCount === 0;
  const busySinceMs = isBusy ? since(before.busySinceMs, nowMs) : undefined;
  const calmSinceMs = isCalm ? since(before.calmSinceMs, nowMs) : undefined;
  const turnsOn = busySinceMs !== undefined && nowMs - busySinceMs >= onAfterMs;
  const turnsOff = calmSinceMs !== undefined && nowMs - calmSinceMs >= offAfterMs;
  return { isOn: before.isOn ? !turnsOff : turnsOn, busySinceMs, calmSinceMs };
}

/** What began in the future began before a clock was set back. */
function since(beforeMs: number | undefined, nowMs: number): number {
  return beforeMs === undefined || beforeMs > nowMs ? nowMs : beforeMs;
}
