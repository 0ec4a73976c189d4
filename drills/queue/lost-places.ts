import { callOf } from './call-of.ts';
import type { Outage, QueueCase } from './case.ts';
import type { WaiterRecord } from './journal.ts';
import { placeByLot } from './lot-check.ts';

/** A room that was away for so long does not count it against anybody (src/edge/waiting-room/absence.ts). */
const forgivenFromMs = 5_000;
/** A shop's rooms go on while the rest of it still starts: it may be back so long before it can be reached. */
const startsWithinMs = 2_000;

/**
 * Who asked in time and was told all the same that his place was given up: so long after he was heard last, and after his call, that
 * a place is kept by what the shop had promised. The call is the books', the rest was seen from outside: he was heard no earlier
 * than he sent, and refused no later than he had the answer, so that whoever is named was in time, by the one clock of the machine
 * that all of them run on. Who comes late on purpose is not meant.
 */
export function lostInTime({ setup: { times }, journal, books, publishedLot, outage }: QueueCase): WaiterRecord[] {
  return journal.waiters.filter(({ kind, number, refused }) => {
    if (refused === undefined || kind === 'late') return false;
    const passedMs = (sinceMs: number) => countedMs(sinceMs, refused.gotAtMs, outage);
    // By the seed: who was refused at his first look after the opening was never told his place.
    const place = publishedLot && number !== undefined ? placeByLot(publishedLot, number) : undefined;
    const call = place === undefined ? undefined : callOf(books.calls, place);
    const isCallGood = call === undefined || passedMs(call.calledAtMs) < times.claimWithinMs;
    return isCallGood && passedMs(refused.heardAtMs) < times.leaveAfterMs;
  });
}

/** How much of this time counts against who waits: the outage does not, as far as it is certain and long enough to be noticed. */
function countedMs(fromMs: number, untilMs: number, outage: Outage | undefined): number {
  const passedMs = untilMs - fromMs;
  if (outage === undefined) return passedMs;
  const certainUntilMs = outage.untilMs - startsWithinMs;
  if (certainUntilMs - outage.fromMs <= forgivenFromMs) return passedMs;
  return passedMs - Math.max(0, Math.min(untilMs, certainUntilMs) - Math.max(fromMs, outage.fromMs));
}
