import type { Proof } from '../sale/case.ts';
import { count, formatCount, proof } from '../sale/proof.ts';
import type { CallRow, QueueCase } from './case.ts';

const windowMs = 5_000;
/** A process that stood still makes up for one second at most (src/edge/waiting-room/admission.ts). */
const catchUpMs = 1_000;
const deviationsMax = 4;

/** I6: the pace, neither more nor nothing. */
export function judgePace(given: QueueCase): Proof[] {
  return [paceHeld(given), goesOn(given)];
}

/** A room looks at what is promised for this much longer than it lasts (src/edge/waiting-room/pacer.ts), for a place and for its pass. */
const graceMs = 2 * 5_000;
/** The shop was looked at four times a second; where it was not for so long, it was away, and its waiters were with it. */
const awayMs = 2_000;

/** Nobody is kept for nothing: while something is left and somebody waits, somebody is called before long. */
function goesOn({ setup, journal, books: { stock, line, calls } }: QueueCase): Proof {
  const { claimWithinMs, passTtlMs } = setup.times;
  // By then whoever was called last has come and ordered, or has given it up.
  const quietMsMax = claimWithinMs + passTtlMs + graceMs + 2_000 / setup.pacePerS;
  const lastAtMs = calls.at(-1)?.calledAtMs ?? setup.opensAtMs;
  const looks = journal.rooms.map(({ gotAtMs }) => gotAtMs).filter((atMs) => atMs >= lastAtMs);
  const quietMs = looks
    .toSorted((a, b) => a - b)
    .reduce((sum, atMs, index, all) => sum + Math.min(awayMs, atMs - (all[index - 1] ?? lastAtMs)), 0);
  const left = stock.granted - stock.reserved - stock.sold;
  const waiting = line.issued - line.admitted;
  const isStuck = left > 0 && waiting > 0 && quietMs > quietMsMax;
  return proof({
    id: 'I6',
    promise: 'nobody is kept for nothing',
    checked: `while units are left and somebody waits, somebody is called within ${formatCount(Math.ceil(quietMsMax / 1000))} s`,
    found: `${count(left, 'unit')} left, ${formatCount(waiting)} not called, the last call ${formatCount(Math.round(quietMs / 1000))} s before the end`,
    findings: isStuck
      ? [`nobody was called for ${Math.round(quietMs / 1000)} s, with ${left} units left and ${waiting} waiting`]
      : [],
  });
}

/**
 * I6: no more come in than was set. Who is called and does not come is made up for by calling more: so those are counted
 * who came of what was called within any five seconds. Chance has its share, as in how many of a hundred called come.
 */
function paceHeld({ setup, books }: QueueCase): Proof {
  const { pacePerS } = setup;
  const cameBy = comersOf(
    books.calls,
    books.passes.map(({ place }) => place),
  );
  const mean = (pacePerS * (windowMs + catchUpMs)) / 1000;
  const allowed = Math.ceil(mean + deviationsMax * Math.sqrt(mean) + 1);
  const findings: string[] = [];
  let most = 0;
  let from = 0;
  let within = 0;
  books.calls.forEach((call, index) => {
    within += cameBy[index] ?? 0;
    while ((books.calls[from]?.calledAtMs ?? 0) <= call.calledAtMs - windowMs) within -= cameBy[from++] ?? 0;
    if (within > most) most = within;
    if (within > allowed)
      findings.push(`${within} came of those called in the 5 s up to ${new Date(call.calledAtMs).toISOString()}`);
  });
  return proof({
    id: 'I6',
    promise: 'the pace held',
    checked: `of those called in any 5 s, how many came: ${count(pacePerS, 'pass', 'passes')} a second allow ${formatCount(allowed)}`,
    found: `${formatCount(most)} at most`,
    findings,
  });
}

/** How many came of each call. */
function comersOf(calls: readonly CallRow[], places: readonly number[]): number[] {
  const sorted = places.toSorted((a, b) => a - b);
  let index = 0;
  return calls.map(({ fromPlace, toPlace }) => {
    let came = 0;
    while ((sorted[index] ?? Number.POSITIVE_INFINITY) < fromPlace) index += 1;
    while ((sorted[index] ?? Number.POSITIVE_INFINITY) < toPlace) {
      came += 1;
      index += 1;
    }
    return came;
  });
}
