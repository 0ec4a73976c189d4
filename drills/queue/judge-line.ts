import type { Proof } from '../sale/case.ts';
import { count, formatCount, proof } from '../sale/proof.ts';
import { callOf } from './call-of.ts';
import type { QueueCase } from './case.ts';
import { lostInTime } from './lost-places.ts';

/** I6: who is ahead comes in first, and a place is kept. */
export function judgeLine(given: QueueCase): Proof[] {
  return [inOrder(given), asSeen(given), placesKept(given)];
}

/** By the shop's own log of calls. */
function inOrder({ books: { calls, passes, line }, journal }: QueueCase): Proof {
  const findings: string[] = [];
  // Of nobody all is true.
  if (calls.length === 0) findings.push('nobody was called');
  let next = 0;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  for (const { fromPlace, toPlace, calledAtMs } of calls) {
    if (fromPlace !== next)
      findings.push(`places ${next} to ${fromPlace} were ${fromPlace > next ? 'left out' : 'called twice'}`);
    if (calledAtMs < lastAtMs) findings.push(`place ${fromPlace} was called before those ahead of it`);
    next = toPlace;
    lastAtMs = Math.max(lastAtMs, calledAtMs);
  }
  if (next !== line.admitted) findings.push(`${next} places were called, the counter says ${line.admitted}`);
  for (const { place, claimedAtMs } of passes) {
    const call = callOf(calls, place);
    if (call === undefined) findings.push(`place ${place} came in and was never called`);
    else if (claimedAtMs < call.calledAtMs) findings.push(`place ${place} came in before it was called`);
  }
  for (const { standing, place, gotAtMs } of journal.sightings) {
    if (standing !== 'called' || place === undefined) continue;
    const call = callOf(calls, place);
    if (call === undefined || gotAtMs < call.calledAtMs)
      findings.push(`place ${place} was let in before it was called`);
  }
  return proof({
    id: 'I6',
    promise: 'earlier places come first',
    checked: `${count(calls.length, 'call')} and ${count(passes.length, 'pass', 'passes')}: called in order, each place once, none in before its call`,
    found:
      findings.length === 0
        ? `${formatCount(next)} called in order`
        : count(findings.length, 'place out of order', 'places out of order'),
    findings,
  });
}

/** And by what those who waited were told: nobody still waiting was ahead of somebody who had been called before he asked. */
function asSeen({ journal }: QueueCase): Proof {
  const called = journal.sightings
    .flatMap(({ standing, place, gotAtMs }) =>
      standing === 'called' && place !== undefined ? [{ place, gotAtMs }] : [],
    )
    .sort((a, b) => a.gotAtMs - b.gotAtMs);
  const waited = journal.sightings
    .flatMap(({ standing, place, sentAtMs, waiter }) =>
      (standing === 'waiting' || standing === 'promised') && place !== undefined ? [{ place, sentAtMs, waiter }] : [],
    )
    .sort((a, b) => a.sentAtMs - b.sentAtMs);
  const findings: string[] = [];
  let highest = -1;
  let index = 0;
  for (const { place, sentAtMs, waiter } of waited) {
    for (let seen = called[index]; seen !== undefined && seen.gotAtMs < sentAtMs; seen = called[++index]) {
      highest = Math.max(highest, seen.place);
    }
    if (place < highest)
      findings.push(`waiter ${waiter} with place ${place} still waited after place ${highest} was called`);
  }
  return proof({
    id: 'I6',
    promise: 'nobody passed a waiting one',
    checked: `${count(waited.length, 'answer')} “still waiting” against ${formatCount(called.length)} “called” before them`,
    found: count(findings.length, 'was passed', 'were passed'),
    findings,
  });
}

/** Once known, a place stays; and the counters never go back. */
function placesKept(given: QueueCase): Proof {
  const { journal, books } = given;
  const findings: string[] = [];
  const placeOf = new Map<number, number>();
  for (const { waiter, place } of journal.sightings) {
    if (place === undefined) continue;
    const known = placeOf.get(waiter);
    if (known === undefined) placeOf.set(waiter, place);
    else if (known !== place) findings.push(`waiter ${waiter} had place ${known} and then ${place}`);
  }
  const holders = new Map<number, number>();
  for (const [waiter, place] of placeOf) {
    const other = holders.get(place);
    if (other !== undefined) findings.push(`waiters ${other} and ${waiter} both have place ${place}`);
    holders.set(place, waiter);
  }
  const inTime = journal.rooms.toSorted((a, b) => a.gotAtMs - b.gotAtMs);
  inTime.forEach((room, index) => {
    const before = inTime[index - 1];
    if (before !== undefined && room.admittedCount < before.admittedCount) {
      findings.push(`${before.admittedCount} were called, and later ${room.admittedCount}`);
    }
  });
  for (const { kind, number } of lostInTime(given))
    findings.push(`ticket ${number} (${kind}) was shown in time and lost its place`);
  const unnumbered =
    books.line.issued < placeOf.size ? [`${placeOf.size} places for ${books.line.issued} tickets`] : [];
  return proof({
    id: 'I6',
    promise: 'a place is kept',
    checked: `the places of ${count(placeOf.size, 'waiter')} over ${count(journal.sightings.length, 'look')}: one each, never another`,
    found: findings.length === 0 ? 'every one kept' : count(findings.length, 'not kept', 'not kept'),
    findings: [...findings, ...unnumbered],
  });
}
