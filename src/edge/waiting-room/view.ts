import { type Absence, absenceAfter } from './absence.ts';
import type { Room } from './api.ts';
import type { Departed } from './departed.ts';
import { type CallEntry, type CallRate, callRateOf } from './estimate.ts';
import { createLot } from './lot.ts';
import type { RoomRecord } from './room.ts';
import type { RoomSettings } from './settings.ts';
import type { Ticket } from './ticket.ts';

/** A room as this process knows it, a tick old at the most: what every answer to a waiter is made from. */
export interface RoomView {
  readonly record: RoomRecord;
  /** The last calls, oldest first; those before are long past. */
  readonly calls: readonly CallEntry[];
  /** From the number of a ticket in the lot, counted from the first of them. */
  readonly lotPlace: ((ticket: number) => number) | undefined;
  readonly rate: CallRate | undefined;
  /** It hears of more while this view is looked at, and never of fewer. */
  readonly departed: Departed;
}

export function viewOf(
  { record, calls, departed }: Pick<RoomView, 'record' | 'calls' | 'departed'>,
  before: RoomView | undefined,
  nowMs: number,
): RoomView {
  const { lot } = record.line;
  const known = before?.record.line.lot;
  const isSameLot =
    lot !== undefined && known !== undefined && lot.count === known.count && lot.seed.equals(known.seed);
  const lotPlace = isSameLot ? before?.lotPlace : lot && createLot(lot.seed, lot.count);
  return { record, calls, lotPlace, rate: lot && callRateOf(calls, departed, lot.drawnAtMs, nowMs), departed };
}

/** `past`: of an earlier opening, or given out when nobody queued. Undefined: known at the opening. */
export function placeOf(view: RoomView, { number, place, lotId }: Ticket): number | 'past' | undefined {
  if (number === undefined || number < view.record.line.firstNumber) return 'past';
  if (place !== undefined && lotId === lotIdOf(view)) return place;
  return placeOfNumber(view, number);
}

/** The place of a ticket of this opening; undefined until its lot is drawn. */
export function placeOfNumber({ record, lotPlace }: RoomView, number: number): number | undefined {
  const { firstNumber, lot } = record.line;
  if (lot === undefined || lotPlace === undefined) return undefined;
  const index = number - firstNumber;
  return index < lot.count ? firstNumber + lotPlace(index) : number;
}

/** Tells the lots of a room from one another; undefined where none is drawn. */
export function lotIdOf({ record }: RoomView): number | undefined {
  return record.line.lot?.seed.readUInt32BE(0);
}

/** When this place was called, as far back as the calls go. */
export function calledAtMs({ calls }: RoomView, place: number): number | undefined {
  let low = 0;
  let high = calls.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const call = calls[middle];
    if (call === undefined) return undefined;
    if (place < call.from) high = middle - 1;
    else if (place >= call.to) low = middle + 1;
    else return call.atMs;
  }
  return undefined;
}

/** The room's last absence, the one included that it is in now as far as this process knows. */
export function absenceOf({ record }: RoomView, nowMs: number, { leaveAfterMs }: RoomSettings): Absence | undefined {
  const { absence, tickedAtMs } = record.progress;
  return absenceAfter(absence, tickedAtMs, nowMs, leaveAfterMs);
}

/** What everybody may know of it. */
export function publicRoom({ record, rate }: Pick<RoomView, 'record' | 'rate'>): Room {
  const { config, line, progress } = record;
  const { firstNumber, lot } = line;
  return {
    roomId: config.roomId,
    ...(config.name !== undefined && { name: config.name }),
    ...(config.saleId !== undefined && { saleId: config.saleId }),
    state: progress.state,
    ...(progress.opensAtMs !== undefined && { opensAtMs: progress.opensAtMs }),
    issuedCount: line.issued,
    admittedCount: progress.admitted,
    pacePerS: Math.round((rate?.latelyPerS ?? 0) * 10) / 10,
    ...(lot && {
      lot: { seed: lot.seed.toString('hex'), ticketCount: lot.count, ...(firstNumber > 0 && { firstNumber }) },
    }),
  };
}
