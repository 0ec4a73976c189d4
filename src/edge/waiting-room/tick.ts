import type { LoadReading } from '../../platform/overload/load-reading.ts';
import { absenceAfter } from './absence.ts';
import { nextAdmission, type OutFacts, promisableCount, showRateOf, unitsPerPass } from './admission.ts';
import type { RoomState } from './api.ts';
import { nextLoadSwitch, nextPace } from './pace.ts';
import { isQueueing, type RoomProgress, type RoomRecord } from './room.ts';
import type { RoomSettings } from './settings.ts';

/** What a tick knows beside the room itself. */
export interface TickFacts {
  readonly nowMs: number;
  readonly load: LoadReading;
  /** The room's sale; undefined where it has none. */
  readonly sale: { readonly startsAtMs: number; readonly endsAtMs: number } | 'gone' | undefined;
  /** Units of the sale's variants; undefined for a room before every purchase. */
  readonly stock: TickStock | undefined;
  readonly demand: Demand;
  /** Places not called yet whose holders have left, in their order. */
  readonly departedAhead: readonly number[];
}

export interface TickStock {
  readonly available: number;
  readonly reserved: number;
  /** Of those available, what other rooms have promised. */
  readonly promisedElsewhere: number;
}

/** What became of the places called. Read before the stock: an order in between is then counted twice, and nobody called in vain. */
export interface Demand {
  /** Passes not used and not expired. */
  readonly passesOut: number;
  /** Places called that have no pass and can still get one. */
  readonly calledOut: number;
  /** Of places called a while ago: how many, and how many of them came. */
  readonly dueCount: number;
  readonly cameCount: number;
  readonly usedPasses: number;
  readonly usedUnits: number;
}

export interface TickDecision {
  readonly progress: RoomProgress;
  /** Places to call or to pass over, from the progress's `admitted` before on. */
  readonly placeCount: number;
  /** How many of them still wait. */
  readonly calledCount: number;
  /** Draw the lot before anything else. */
  readonly opens: boolean;
  /** All tickets so far are of an earlier opening. */
  readonly beginsAnew: boolean;
}

/**
 * One step of a room, as plain values: off → before → open ⇄ promised → over, and off again.
 * off and before by schedule, load or hand; open by the clock, once, with the lot; promised and over by what is left.
 */
export function decideTick(room: RoomRecord, facts: TickFacts, settings: RoomSettings): TickDecision {
  const { config, line, progress } = room;
  const { nowMs, load, demand } = facts;
  const times = timesOf(room, facts, settings);
  const waitingCount = Math.max(0, line.issued - progress.admitted);
  const byLoad = nextLoadSwitch(
    {
      isOn: config.switchedBy === 'load' && progress.state !== 'off',
      busySinceMs: progress.busySinceMs,
      calmSinceMs: progress.calmSinceMs,
    },
    load,
    waitingCount,
    nowMs,
  );
  const isOver = times.endsAtMs !== undefined && nowMs >= times.endsAtMs;
  const isOn = !isOver && isSwitchedOn(room, times, byLoad.isOn, nowMs);
  const wasOff = !isQueueing(progress.state);

  const beginsAnew =
    isOn && wasOff && line.lot !== undefined && times.opensAtMs !== undefined && nowMs < times.opensAtMs;
  const isDrawn = line.lot !== undefined && !beginsAnew;
  const opens = isOn && !isDrawn && (times.opensAtMs === undefined || nowMs >= times.opensAtMs);
  const isOpen = isOn && (isDrawn || opens);

  // Those who held a ticket could buy all the while: they are not waited for when the room goes on again.
  const hasBeenOff = progress.offSinceMs !== undefined && nowMs - progress.offSinceMs >= settings.leaveAfterMs;
  const skips = beginsAnew || (isOn && wasOff && hasBeenOff && isDrawn);
  const admitted = skips ? Math.max(progress.admitted, line.issued) : progress.admitted;

  const dtMs = progress.tickedAtMs === undefined ? 0 : Math.min(1_000, Math.max(0, nowMs - progress.tickedAtMs));
  const maxPerS = Math.min(config.pacePerSMax ?? settings.pace.maxPerS, 100_000);
  const limits = { floorPerS: settings.pace.floorPerS, maxPerS };
  const startPerS = Math.min(settings.pace.startPerS, maxPerS);
  const next = isOpen && !wasOff && !opens ? nextPace(progress.pacePerS, load, limits, dtMs) : startPerS;
  // Where nobody waits, an idle shop is no proof that it could take more.
  const pacePerS = waitingCount === 0 ? Math.min(next, Math.max(progress.pacePerS, startPerS)) : next;

  const out = outOf(demand);
  const { showRate } = out;
  const promisable =
    facts.stock && promisableCount({ ...out, availableUnits: facts.stock.available - facts.stock.promisedElsewhere });
  const { issued } = line;
  const { departedAhead } = facts;
  const { placeCount, calledCount, credit } = isOpen
    ? nextAdmission({ issued, admitted, departedAhead, pacePerS, showRate, dtMs, credit: progress.credit, promisable })
    : { placeCount: 0, calledCount: 0, credit: 0 };

  const state = stateOf({ isOn, isOpen, isOver, stock: facts.stock, left: promisable && promisable - calledCount });
  return {
    opens,
    beginsAnew,
    placeCount,
    calledCount,
    progress: {
      state,
      admitted: admitted + placeCount,
      pacePerS,
      credit,
      tickedAtMs: nowMs,
      absence: absenceAfter(progress.absence, progress.tickedAtMs, nowMs, settings.leaveAfterMs),
      opensAtMs: times.opensAtMs ?? (opens ? nowMs : progress.opensAtMs),
      endsAtMs: times.endsAtMs,
      busySinceMs: byLoad.busySinceMs,
      calmSinceMs: byLoad.calmSinceMs,
      offSinceMs: isQueueing(state) ? undefined : offSince(progress, nowMs),
    },
  };
}

/** Who was called and can still buy, and what is to be expected of him. */
export function outOf({ passesOut, calledOut, dueCount, cameCount, usedPasses, usedUnits }: Demand): OutFacts {
  return {
    passesOut,
    calledOut,
    unitsPerPass: unitsPerPass(usedPasses, usedUnits),
    showRate: showRateOf(dueCount, cameCount),
  };
}

/** Whether there is nothing to write: a room that is off, or whose sale has ended, stays so at no cost. */
export function isAtRest(room: RoomRecord, { progress, opens, beginsAnew }: TickDecision): boolean {
  const before = room.progress;
  const isOff = progress.state === 'off' || (progress.state === 'over' && isPast(progress));
  return (
    isOff &&
    !opens &&
    !beginsAnew &&
    before.state === progress.state &&
    before.opensAtMs === progress.opensAtMs &&
    before.endsAtMs === progress.endsAtMs &&
    before.busySinceMs === progress.busySinceMs &&
    before.calmSinceMs === progress.calmSinceMs &&
    before.offSinceMs === progress.offSinceMs
  );
}

function isPast({ endsAtMs, tickedAtMs }: RoomProgress): boolean {
  return endsAtMs !== undefined && tickedAtMs !== undefined && tickedAtMs >= endsAtMs;
}

interface Times {
  readonly opensAtMs: number | undefined;
  readonly queueFromMs: number | undefined;
  readonly endsAtMs: number | undefined;
}

function timesOf({ config, progress }: RoomRecord, { sale, nowMs }: TickFacts, settings: RoomSettings): Times {
  // A sale that is no longer told of is over: since when it was to be, or since it was ended before.
  const goneAtMs = Math.min(progress.endsAtMs ?? nowMs, nowMs);
  const known = sale === 'gone' ? { startsAtMs: undefined, endsAtMs: goneAtMs } : sale;
  const opensAtMs = config.opensAtMs ?? (config.switchedBy === 'load' ? undefined : known?.startsAtMs);
  const fromOpening = opensAtMs === undefined ? undefined : opensAtMs - settings.queueBeforeMs;
  return { opensAtMs, queueFromMs: config.queueFromMs ?? fromOpening, endsAtMs: known?.endsAtMs };
}

function isSwitchedOn({ config, progress }: RoomRecord, times: Times, byLoad: boolean, nowMs: number): boolean {
  switch (config.switchedBy) {
    case 'hand':
      return config.isOn;
    case 'load':
      return byLoad;
    case 'schedule':
      // Once people queue for this opening, a clock that is set back does not send them away.
      if (isQueueing(progress.state) && progress.opensAtMs === times.opensAtMs) return true;
      return times.queueFromMs !== undefined && nowMs >= times.queueFromMs;
  }
}

function stateOf(now: {
  isOn: boolean;
  isOpen: boolean;
  isOver: boolean;
  stock: TickFacts['stock'];
  left: number | undefined;
}): RoomState {
  if (now.isOver) return 'over';
  if (!now.isOn) return 'off';
  if (!now.isOpen) return 'before';
  const { stock, left } = now;
  if (stock === undefined || left === undefined || left > 0) return 'open';
  // What is reserved and not paid for comes back: only what is sold is gone.
  return stock.available <= 0 && stock.reserved <= 0 ? 'over' : 'promised';
}

function offSince({ offSinceMs }: RoomProgress, nowMs: number): number {
  return offSinceMs === undefined || offSinceMs > nowMs ? nowMs : offSinceMs;
}
