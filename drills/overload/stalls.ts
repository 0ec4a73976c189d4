import { type Slot, slotMs } from './meter.ts';

/** From an instant to another, in ms by the machine's clock. */
export interface Stretch {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A write of a few kilobytes takes longer than this on no disk that does nothing else. */
const usualMsMax = 100;

/** The writes in which the disk stood still. */
export function stallsOf(writes: readonly Stretch[]): readonly Stretch[] {
  return writes.filter((write) => lengthMs(write) > usualMsMax);
}

/** The longest of these stretches that touches this one, in ms; 0 when none does. */
export function longestMsIn(stretches: readonly Stretch[], within: Stretch): number {
  return Math.max(0, ...stretches.filter((each) => overlap(each, within)).map(lengthMs));
}

/** Whoever asked a moment before a stall waits for it all the same, and it is seen up to a write's pause late. */
const leadMs = slotMs;
/** That the shop is itself again within a second, whatever has happened, is what it promises. */
const recoveryMsMax = 1_000;
/** Beyond this it may be the shop's own load that holds the disk up. */
const apartShareMax = 0.2;

/** What of some time is judged. */
export interface Judged {
  /** All of them where nothing is set apart, or too much would have to be. */
  readonly slots: readonly Slot[];
  /** How much of the time the disk spoilt. */
  readonly spoiltMs: number;
  /** How much of it is left out: all, or nothing. */
  readonly apartMs: number;
}

/**
 * Leaves out what was meant to be sent while the disk stood still, and for as long again, at most a second: what has piled up
 * meanwhile is worked off beside what goes on coming. `firstAtMs`: when the first slot began, by the machine's clock.
 */
export function setStallsApart(slots: readonly Slot[], firstAtMs: number, stalls: readonly Stretch[]): Judged {
  const spoilt = stalls.map((stall) => ({
    fromMs: stall.fromMs - leadMs,
    untilMs: stall.untilMs + Math.min(lengthMs(stall), recoveryMsMax),
  }));
  const kept = slots.filter((_, index) => {
    const fromMs = firstAtMs + index * slotMs;
    return !spoilt.some((stretch) => overlap(stretch, { fromMs, untilMs: fromMs + slotMs }));
  });
  const spoiltCount = slots.length - kept.length;
  const spoiltMs = spoiltCount * slotMs;
  const isApart = spoiltCount <= apartShareMax * slots.length;
  return { slots: isApart ? kept : slots, spoiltMs, apartMs: isApart ? spoiltMs : 0 };
}

function overlap(one: Stretch, other: Stretch): boolean {
  return one.fromMs < other.untilMs && other.fromMs < one.untilMs;
}

function lengthMs({ fromMs, untilMs }: Stretch): number {
  return untilMs - fromMs;
}
