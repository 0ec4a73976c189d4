import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { newId } from '../../platform/database/id.ts';
import { absenceAfter, answeredMs } from './absence.ts';
import type { RoomInput } from './api.ts';
import { lotSeedBytes } from './lot.ts';
import type { RoomRecord } from './room.ts';
import { defaultRoomSettings as settings } from './settings.ts';
import { type Demand, decideTick, isAtRest, type TickFacts } from './tick.ts';

const startMs = 1_800_000_000_000;
const idle = { utilisation: 0, coreShedPerS: 0 };
const noDemand: Demand = { passesOut: 0, calledOut: 0, dueCount: 0, cameCount: 0, usedPasses: 0, usedUnits: 0 };

const left = (available: number, reserved = 0, promisedElsewhere = 0) => ({ available, reserved, promisedElsewhere });

function newRoom(input: Partial<RoomInput> = {}): RoomRecord {
  const { switchedBy = 'schedule', isOn = false, queueFromMs, opensAtMs, pacePerSMax } = input;
  return {
    config: {
      roomId: newId(1, startMs),
      name: 'r',
      saleId: input.saleId,
      switchedBy,
      isOn,
      queueFromMs,
      opensAtMs,
      pacePerSMax,
    },
    line: { firstNumber: 0, issued: 0, lot: undefined },
    progress: {
      state: 'off',
      admitted: 0,
      pacePerS: 0,
      credit: 0,
      tickedAtMs: undefined,
      absence: undefined,
      opensAtMs: undefined,
      endsAtMs: undefined,
      busySinceMs: undefined,
      calmSinceMs: undefined,
      offSinceMs: undefined,
    },
  };
}

/** A room as the store would have it after the decision. */
function after(room: RoomRecord, facts: Partial<TickFacts> & { nowMs: number }) {
  const decision = decideTick(
    room,
    { load: idle, sale: undefined, stock: undefined, demand: noDemand, departedAhead: [], ...facts },
    settings,
  );
  const begun = decision.beginsAnew
    ? { firstNumber: room.line.issued, issued: room.line.issued, lot: undefined }
    : room.line;
  const count = begun.issued - begun.firstNumber;
  const lot = { seed: Buffer.alloc(lotSeedBytes), count, drawnAtMs: facts.nowMs };
  const line = decision.opens ? { ...begun, lot } : begun;
  return { decision, room: { ...room, line, progress: decision.progress } };
}

const withIssued = (room: RoomRecord, issued: number): RoomRecord => ({ ...room, line: { ...room.line, issued } });
const sale = { startsAtMs: startMs, endsAtMs: startMs + 3_600_000 };
const stateAt = (room: RoomRecord, facts: Partial<TickFacts> & { nowMs: number }) =>
  after(room, facts).decision.progress.state;

test('by schedule: off, before from a quarter of an hour before the sale, open with it, over after it', () => {
  const room = newRoom({ saleId: newId(1, startMs) });
  const stock = left(10);
  assert.equal(stateAt(room, { nowMs: startMs - 900_001, sale, stock }), 'off');
  assert.equal(stateAt(room, { nowMs: startMs - 900_000, sale, stock }), 'before');
  assert.equal(stateAt(room, { nowMs: startMs, sale, stock }), 'open');
  assert.equal(stateAt(room, { nowMs: sale.endsAtMs, sale, stock }), 'over');
  assert.equal(stateAt(room, { nowMs: startMs, sale: 'gone' }), 'over');
  const own = newRoom({ opensAtMs: startMs, queueFromMs: startMs - 10 });
  assert.equal(stateAt(own, { nowMs: startMs - 11 }), 'off');
  assert.equal(stateAt(own, { nowMs: startMs - 10 }), 'before');
});

test('a clock that is set back by hours closes no room that people queue in, unless its opening has moved', () => {
  const own = newRoom({ opensAtMs: startMs });
  const before = after(own, { nowMs: startMs - 1000 }).room;
  assert.equal(stateAt(before, { nowMs: startMs - 7_200_000 }), 'before');
  const open = after(before, { nowMs: startMs }).room;
  assert.equal(stateAt(open, { nowMs: startMs - 7_200_000 }), 'open');
  const config = { ...open.config, opensAtMs: startMs + 7_200_000 };
  assert.equal(stateAt({ ...open, config }, { nowMs: startMs + 1000 }), 'off');
});

test('what is left decides: promised while it may come back, over when it is sold, open again when it comes back', () => {
  let { room } = after(newRoom({ saleId: newId(1, startMs) }), {
    nowMs: startMs,
    sale,
    stock: left(5),
  });
  room = withIssued(room, 100);
  const soldOut = after(room, { nowMs: startMs + 250, sale, stock: left(0) });
  assert.deepEqual([soldOut.decision.progress.state, soldOut.decision.calledCount], ['over', 0]);
  const held = after(room, { nowMs: startMs + 250, sale, stock: left(0, 3) });
  assert.deepEqual([held.decision.progress.state, held.decision.calledCount], ['promised', 0]);
  const out = { ...noDemand, passesOut: 5 };
  assert.equal(stateAt(room, { nowMs: startMs + 250, sale, stock: left(5), demand: out }), 'promised');
  const elsewhere = after(room, { nowMs: startMs + 250, sale, stock: left(5, 0, 3) });
  assert.deepEqual(
    [elsewhere.decision.progress.state, elsewhere.decision.calledCount],
    ['promised', 2],
    'what another room has promised is not promised again',
  );
  const allElsewhere = after(room, { nowMs: startMs + 250, sale, stock: left(5, 0, 5) });
  assert.deepEqual([allElsewhere.decision.progress.state, allElsewhere.decision.calledCount], ['promised', 0]);
  const back = after(held.room, { nowMs: startMs + 500, sale, stock: left(3) });
  assert.deepEqual(
    [back.decision.progress.state, back.decision.calledCount],
    ['promised', 3],
    'all of it is promised at once',
  );
});

test('by hand, switched off while people wait: off; on again soon they go on waiting, much later they are passed over', () => {
  let room = after(newRoom({ switchedBy: 'hand', isOn: true }), { nowMs: startMs }).room;
  assert.equal(room.progress.state, 'open');
  room = withIssued(room, 1000);
  room = after(room, { nowMs: startMs + 250 }).room;
  const { admitted } = room.progress;
  assert(admitted > 0 && admitted < 1000);
  const off = after({ ...room, config: { ...room.config, isOn: false } }, { nowMs: startMs + 500 }).room;
  assert.deepEqual([off.progress.state, off.progress.admitted], ['off', admitted]);
  const on = { ...off, config: { ...off.config, isOn: true } };
  const soon = after(on, { nowMs: startMs + 60_000 }).decision;
  assert.equal(soon.progress.admitted, admitted + soon.calledCount);
  assert.equal(after(on, { nowMs: startMs + 600_000 }).decision.progress.admitted, 1000);
});

test('a second opening begins a new line: earlier tickets are past, places go on', () => {
  let room = after(newRoom({ opensAtMs: startMs }), { nowMs: startMs }).room;
  room = withIssued(room, 50);
  const config = { ...room.config, opensAtMs: startMs + 7_200_000 };
  const off = after({ ...room, config }, { nowMs: startMs + 1000 }).room;
  assert.equal(off.progress.state, 'off');
  const { decision, room: again } = after(off, { nowMs: startMs + 7_100_000 });
  assert.deepEqual([decision.beginsAnew, decision.progress.state, decision.progress.admitted], [true, 'before', 50]);
  assert.deepEqual(again.line, { firstNumber: 50, issued: 50, lot: undefined });
  assert.equal(after(again, { nowMs: startMs + 7_200_000 }).decision.opens, true);
});

test('a room that is off, or long over, has nothing to write', () => {
  const facts = { load: idle, stock: undefined, demand: noDemand, departedAhead: [] };
  const first = after(newRoom({ opensAtMs: startMs }), { nowMs: startMs - 3_600_000 }).room;
  const next = { ...facts, nowMs: startMs - 3_599_000, sale: undefined };
  assert.equal(isAtRest(first, decideTick(first, next, settings)), true);
  const begins = { ...next, nowMs: startMs - 1000 };
  assert.equal(isAtRest(first, decideTick(first, begins, settings)), false);
});

interface Step {
  readonly jumpMs: number;
  readonly joins: number;
  readonly shows: number;
  readonly buys: number;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  jumpMs: fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: 200, max: 300 }) },
    { weight: 3, arbitrary: fc.integer({ min: 1_000, max: 20_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(-7_200_000, -60_000, 7_200_000) },
  ),
  joins: fc.nat(20),
  // Of those who are still to come: all of them sooner or later, so that none is believed to stay away.
  shows: fc.integer({ min: 60, max: 100 }),
  buys: fc.integer({ min: 0, max: 100 }),
});

const placesOf = ({ from, to }: { from: number; to: number }) =>
  Array.from({ length: to - from }, (_, at) => from + at);

/**
 * A small world: people join, some of those called come within their minute, some of those buy, the others let their pass
 * expire. The clock jumps. As the pacer does, it counts by the room's own time.
 */
function runWorld(steps: readonly Step[], units: number, comes: (place: number) => boolean) {
  let room = after(newRoom({ switchedBy: 'hand', isOn: true, saleId: newId(1, startMs) }), {
    nowMs: startMs,
    sale: { startsAtMs: startMs, endsAtMs: startMs + 1e12 },
    stock: left(units),
  }).room;
  let nowMs = startMs;
  let available = units;
  const calls: { from: number; to: number; atMs: number; waiting: number; came: number }[] = [];
  let passes: { expiresAtMs: number }[] = [];
  let used = 0;
  let disappointed = 0;
  const seen: { admitted: number; issued: number; calledCount: number; state: string }[] = [];
  for (const step of steps) {
    nowMs += step.jumpMs;
    room = withIssued(room, room.line.issued + step.joins);
    const { progress: before } = room;
    const absence = absenceAfter(before.absence, before.tickedAtMs, nowMs, settings.leaveAfterMs);
    const ageOf = (atMs: number) => answeredMs(atMs, nowMs, absence);
    for (const call of calls) {
      if (ageOf(call.atMs) > settings.claimWithinMs) continue;
      const wanted = placesOf(call).filter(comes).length - call.came;
      const came = Math.min(call.waiting, Math.max(0, Math.ceil((wanted * step.shows) / 100)));
      call.came += came;
      call.waiting -= came;
      for (let index = 0; index < came; index++) passes.push({ expiresAtMs: nowMs + settings.passTtlMs });
    }
    passes = passes.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    const buyers = Math.ceil((passes.length * step.buys) / 300);
    for (const _ of passes.splice(0, buyers)) {
      if (available === 0) disappointed += 1;
      else available -= 1;
      used += 1;
    }
    const open = calls.filter(({ atMs }) => ageOf(atMs) <= settings.claimWithinMs + 5_000);
    const due = calls.filter((call) => !open.includes(call));
    const sum = <T>(list: readonly T[], read: (each: T) => number) =>
      list.reduce((total, each) => total + read(each), 0);
    const { decision, room: next } = after(room, {
      nowMs,
      sale: { startsAtMs: startMs, endsAtMs: startMs + 1e12 },
      stock: left(available),
      demand: {
        passesOut: passes.length,
        calledOut: sum(open, ({ waiting }) => waiting),
        dueCount: sum(due, ({ from, to }) => to - from),
        cameCount: sum(due, ({ came }) => came),
        usedPasses: used,
        usedUnits: used,
      },
    });
    const { calledCount, progress } = decision;
    if (calledCount > 0) {
      calls.push({
        from: progress.admitted - calledCount,
        to: progress.admitted,
        atMs: nowMs,
        waiting: calledCount,
        came: 0,
      });
    }
    seen.push({ admitted: progress.admitted, issued: room.line.issued, calledCount, state: progress.state });
    room = next;
  }
  return { seen, calls, available, disappointed };
}

test('through jumps and pauses: nobody is called twice or before his time, and who comes finds something', () => {
  fc.assert(
    fc.property(
      fc.array(anyStep, { minLength: 50, maxLength: 200 }),
      fc.integer({ min: 0, max: 200 }),
      (steps, units) => {
        const { seen, calls, disappointed } = runWorld(steps, units, () => true);
        let admitted = 0;
        for (const now of seen) {
          assert(now.admitted >= admitted, 'it never goes down');
          assert(now.admitted <= now.issued, 'nobody is called who has no ticket');
          assert(now.calledCount <= settings.pace.maxPerS * 5, 'never more than a second of the most');
          ({ admitted } = now);
        }
        let next = 0;
        for (const { from, to } of calls) {
          assert(from >= next);
          next = to;
        }
        assert.equal(disappointed, 0);
      },
    ),
    { numRuns: 60 },
  );
});

test('where a third of those called never come, all is sold and the room says over', () => {
  const steps = Array.from({ length: 6000 }, () => ({ jumpMs: 250, joins: 2, shows: 50, buys: 100 }));
  const { available, seen, disappointed } = runWorld(steps, 400, (place) => place % 3 !== 0);
  assert.equal(available, 0);
  assert.equal(seen.at(-1)?.state, 'over');
  assert(disappointed <= 10, `${disappointed} of 400 came in for nothing`);
});
