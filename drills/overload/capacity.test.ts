import assert from 'node:assert/strict';
import test from 'node:test';
import { findCapacity, isExhausted } from './capacity.ts';
import { emptySlot, type Slot, slotMs } from './meter.ts';
import type { Attempt } from './report.ts';
import type { Arrivals, Stage } from './setup.ts';

interface Shop {
  /** Sessions that it can serve in a second; half of them buy. */
  readonly sessionsPerS: number;
  /** By the number of the try: how much of that it can do then. */
  readonly strengthAt?: (index: number) => number;
  /** Of those who are served and came to buy, who bought. */
  readonly soldAt?: (index: number) => number;
  /** Tries whose answers come too late, all of them. */
  readonly slow?: readonly number[];
}

/** A shop that turns away evenly what is more than it can serve. In a closed load a session lasts a second. */
function search({ sessionsPerS, strengthAt = () => 1, soldAt = () => 1, slow = [] }: Shop, sessionsAtOnceMax = 2_048) {
  const tried: Arrivals[] = [];
  const measure = async ({ durationMs, settleMs, arrivals }: Stage): Promise<readonly Slot[]> => {
    const index = tried.length - 1;
    const offeredPerS = arrivals.kind === 'closed' ? arrivals.sessions : arrivals.sessionsPerS;
    const servedPerS = Math.min(offeredPerS, sessionsPerS * strengthAt(index));
    return Array.from({ length: (durationMs - settleMs) / slotMs }, () => {
      const slot = emptySlot();
      slot.endedWell = servedPerS / 10;
      slot.paid = (servedPerS * soldAt(index)) / 20;
      slot.buyers = offeredPerS / 20;
      const [offered, well] = [offeredPerS, servedPerS];
      Object.assign(slot.of.core, { offered, well, shed: offered - well, quick: slow.includes(index) ? 0 : well });
      return slot;
    });
  };
  const found = findCapacity({
    durationMs: 4_000,
    settleMs: 1_000,
    sessionsAtOnceMax,
    measure,
    onTry: (arrivals) => tried.push(arrivals),
  });
  return { found, tried };
}

const closed = (sessions: number): Arrivals => ({ kind: 'closed', sessions });

test('twice as many come until twice that bring no more, and overload does not either', async () => {
  const { found, tried } = search({ sessionsPerS: 500 });
  const { sessionsPerS, paidPerS, peakAt } = await found;
  assert.deepEqual([sessionsPerS, paidPerS, peakAt], [500, 250, closed(512)]);
  assert.deepEqual(tried, [
    ...[64, 128, 256, 512, 1_024, 2_048].map(closed),
    closed(512),
    { kind: 'open', sessionsPerS: 1_000 },
  ]);
});

test('one bad try ends no search, whichever it is', async () => {
  for (const index of [0, 1, 2, 3, 4]) {
    const { sessionsPerS, paidPerS } = await search({ sessionsPerS: 250, slow: [index] }).found;
    assert.deepEqual([sessionsPerS, paidPerS], [250, 125], `try ${index}`);
  }
});

test('a machine that was slow during the search is found out by those who come then', async () => {
  const { found } = search({ sessionsPerS: 1_000, strengthAt: (index) => (index < 6 ? 0.2 : 1) });
  const { sessionsPerS, paidPerS, peakAt } = await found;
  assert.deepEqual([sessionsPerS, paidPerS], [1_000, 500]);
  assert.deepEqual(peakAt, { kind: 'open', sessionsPerS: 1_024 });
});

test('as long as all who came to buy have bought, twice as many come: with twice as many there were too few to sell more to', async () => {
  // Of a closed load only half buy in time; of who comes later, all do.
  const { found, tried } = search({
    sessionsPerS: 1_000,
    strengthAt: (index) => (index < 7 ? 0.256 : 1),
    soldAt: (index) => (index < 7 ? 2 : 1),
  });
  const { sessionsPerS, paidPerS, peakAt } = await found;
  assert.deepEqual([sessionsPerS, paidPerS], [1_000, 500]);
  assert.deepEqual(peakAt, { kind: 'open', sessionsPerS: 1_024 });
  assert.deepEqual(
    tried.flatMap((each) => (each.kind === 'open' ? each.sessionsPerS : [])),
    [512, 1_024, 2_048],
  );
});

test('a search that may not go further is not checked beyond', async () => {
  const { found, tried } = search({ sessionsPerS: 500 }, 64);
  assert.equal((await found).paidPerS, 32);
  assert.deepEqual(tried, [closed(64), closed(64)]);
});

test('a shop that answers nobody in time has the capacity of its first try', async () => {
  const { found, tried } = search({ sessionsPerS: 50, slow: Array.from({ length: 20 }, (_, index) => index) });
  assert.equal((await found).paidPerS, 25);
  assert.equal(tried.length, 4);
});

test('where nothing was answered in time, what overload sells is more all the same', async () => {
  const slow = Array.from({ length: 20 }, (_, index) => index);
  const { found } = search({ sessionsPerS: 1_000, strengthAt: (index) => (index < 3 ? 0.05 : 1), slow });
  const { sessionsPerS, paidPerS } = await found;
  assert.deepEqual([sessionsPerS, paidPerS], [800, 400]);
});

test('a search ends when two tries in a row brought no more', () => {
  const tries = (...paid: number[]) =>
    paid.map((each): Attempt => {
      const isBearable = each >= 0;
      return {
        arrivals: closed(64),
        sessionsPerS: 2 * each,
        paidPerS: Math.abs(each),
        isSatisfied: true,
        isWhole: true,
        isBearable,
      };
    });
  const cases: [number[], boolean][] = [
    [[], false],
    [[100], false],
    [[-100], false],
    [[100, 103], false],
    [[100, 103, 103], true],
    [[100, 103, 108], false],
    [[-100, -200], true],
    [[-100, 90], false],
    [[100, -300, 120, 110], false],
    [[100, 120, -300, 110], true],
  ];
  for (const [paid, expected] of cases) assert.equal(isExhausted(tries(...paid)), expected, paid.join());
});
