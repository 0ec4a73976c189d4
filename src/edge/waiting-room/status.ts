import { answeredMs } from './absence.ts';
import type { TicketStatus } from './api.ts';
import { estimateOf } from './estimate.ts';
import type { RoomSettings } from './settings.ts';
import type { Ticket } from './ticket.ts';
import { absenceOf, calledAtMs, placeOf, type RoomView } from './view.ts';

/** How a ticket stands, before it is signed anew. */
export type Standing =
  | { readonly kind: 'stands'; readonly status: Omit<TicketStatus, 'ticket'>; readonly place: number | undefined }
  /** Its place is gone. `missed`: it was called and did not come, as far as this process knows. */
  | { readonly kind: 'lost'; readonly why: LostWhy; readonly place: number | undefined };

/**
 * `past`: of an earlier opening. `silent`: it was not asked about for too long. `missed`: it was called. `left`: its holder left the
 * line. `used`: its pass has bought. `expired`: its pass has run out.
 */
export type LostWhy = 'past' | 'silent' | 'missed' | 'left' | 'used' | 'expired';

/** How a ticket stands in its room now. Pure, and without the database: it is asked by everybody every few seconds. */
export function standingOf(view: RoomView, ticket: Ticket, nowMs: number, settings: RoomSettings): Standing {
  const { config, progress } = view.record;
  const { roomId } = config;
  const { state, admitted, opensAtMs } = progress;
  const place = placeOf(view, ticket);
  const known = place === 'past' ? undefined : place;
  const stands = (
    standing: TicketStatus['standing'],
    pollAfterS: number,
    more: Partial<TicketStatus> = {},
  ): Standing => ({
    kind: 'stands',
    place: known,
    status: {
      roomId,
      room: state,
      standing,
      ...(ticket.number !== undefined && { number: ticket.number }),
      ...(known !== undefined && { place: known }),
      ...(opensAtMs !== undefined && { opensAtMs }),
      ...more,
      // Two in the time in which one must come, so that who does as he is told never loses his place by it.
      pollAfterS: Math.min(pollAfterS, halfS(settings.leaveAfterMs)),
      keptS: keptSOf(settings),
    },
  });

  if (state === 'off') return stands('off', spread(pollMaxS, ticket));
  if (hasLeft(view, ticket)) return { kind: 'lost', why: 'left', place: known };
  const absence = absenceOf(view, nowMs, settings);
  const isSilent = answeredMs(ticket.seenAtMs, nowMs, absence) > settings.leaveAfterMs;
  if (known !== undefined && known < admitted && !isSilent) {
    const calledMs = calledAtMs(view, known);
    const leftMs = calledMs === undefined ? 0 : settings.claimWithinMs - answeredMs(calledMs, nowMs, absence);
    if (leftMs > 0) return stands('called', pollMinS, { aheadCount: 0, calledUntilMs: nowMs + leftMs });
  }
  if (state === 'over') return stands('over', spread(pollMaxS, ticket));
  if (place === 'past') return { kind: 'lost', why: 'past', place: undefined };
  if (isSilent) return { kind: 'lost', why: 'silent', place };
  if (place === undefined) return stands('waiting', pollBeforeOpening(opensAtMs, nowMs, ticket, settings));
  if (place < admitted) return { kind: 'lost', why: 'missed', place };

  const aheadCount = place - admitted - view.departed.countWithin(admitted, place);
  const estimate = estimateOf(aheadCount, view.rate);
  const pollAfterS = Math.min(pollInLine(aheadCount, estimate?.fromS, ticket), halfS(settings.claimWithinMs));
  return stands(state === 'promised' ? 'promised' : 'waiting', pollAfterS, {
    aheadCount,
    ...(estimate && { estimate }),
  });
}

function hasLeft({ departed }: RoomView, { number }: Ticket): boolean {
  return number !== undefined && departed.has(number);
}

/** Rounded down: what is promised is kept. */
export function keptSOf({ leaveAfterMs }: Pick<RoomSettings, 'leaveAfterMs'>): number {
  return Math.floor(leaveAfterMs / 1000);
}

function halfS(ms: number): number {
  return Math.max(1, Math.floor(ms / 2000));
}

const pollMinS = 2;
const pollMaxS = 30;

/** The more often the nearer: a quarter of the wait, so that who is called learns of it in time, and who is far asks seldom. */
function pollInLine(aheadCount: number, fromS: number | undefined, ticket: Ticket): number {
  if (fromS === undefined) return aheadCount < 100 ? pollMinS : spread(10, ticket);
  return spread(Math.min(pollMaxS, Math.max(pollMinS, Math.ceil(fromS / 4))), ticket);
}

/** Everybody waits for the same instant; they ask spread over the ten seconds after it, while who is called then can still come. */
function pollBeforeOpening(
  opensAtMs: number | undefined,
  nowMs: number,
  ticket: Ticket,
  { claimWithinMs }: RoomSettings,
): number {
  if (opensAtMs === undefined) return pollMinS;
  const untilS = Math.ceil((opensAtMs - nowMs) / 1000);
  if (untilS > pollMaxS + 10) return spread(pollMaxS, ticket);
  return Math.max(pollMinS, untilS + 1 + ((ticket.number ?? 0) % Math.min(10, halfS(claimWithinMs))));
}

/** From four fifths of it to all of it, by the ticket: who asked at once will not go on asking at once. */
function spread(seconds: number, { number = 0 }: Ticket): number {
  const width = Math.floor(seconds / 5);
  return width === 0 ? seconds : seconds - (number % (width + 1));
}
