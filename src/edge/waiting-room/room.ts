import type { Absence } from './absence.ts';
import type { RoomInput, RoomState } from './api.ts';

/** How a room is set up. */
export interface RoomConfig {
  readonly roomId: string;
  /** Undefined: each language has a word for it. */
  readonly name: string | undefined;
  /** Undefined: it stands before every purchase. */
  readonly saleId: string | undefined;
  readonly switchedBy: RoomInput['switchedBy'];
  readonly isOn: boolean;
  readonly queueFromMs: number | undefined;
  readonly opensAtMs: number | undefined;
  readonly pacePerSMax: number | undefined;
}

/** The tickets of a room. */
export interface RoomLine {
  /** Tickets below it are of an earlier opening. */
  readonly firstNumber: number;
  /** The number of the next ticket. */
  readonly issued: number;
  /** Drawn at the opening. */
  readonly lot: Lot | undefined;
}

/** The tickets from `firstNumber` on that took part, and what decided. */
export interface Lot {
  readonly seed: Buffer;
  readonly count: number;
  readonly drawnAtMs: number;
}

/** How far a room is. */
export interface RoomProgress {
  readonly state: RoomState;
  /** Places below it were called. It never goes down. */
  readonly admitted: number;
  /** Passes a second that the shop can take. */
  readonly pacePerS: number;
  readonly credit: number;
  readonly tickedAtMs: number | undefined;
  readonly absence: Absence | undefined;
  /** When it opens or opened, and when its sale ends, as was known at the last tick. */
  readonly opensAtMs: number | undefined;
  readonly endsAtMs: number | undefined;
  readonly busySinceMs: number | undefined;
  readonly calmSinceMs: number | undefined;
  /** Since when it is off or over. */
  readonly offSinceMs: number | undefined;
}

export interface RoomRecord {
  readonly config: RoomConfig;
  readonly line: RoomLine;
  readonly progress: RoomProgress;
}

/** Whether tickets are given out and passes asked for. */
export function isQueueing(state: RoomState): boolean {
  return state === 'before' || state === 'open' || state === 'promised';
}
