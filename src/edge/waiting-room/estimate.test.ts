import assert from 'node:assert/strict';
import test from 'node:test';
import { createDeparted } from './departed.ts';
import { type CallEntry, callRateOf, estimateOf } from './estimate.ts';

const noneLeft = createDeparted(0);

/** Chance that is the same every time. */
function createRandom(seed: number) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

test('nothing is said before anything is known', () => {
  assert.equal(callRateOf([], noneLeft, 0, 60_000), undefined);
  assert.equal(callRateOf([{ from: 0, to: 50, atMs: 900 }], noneLeft, 0, 1000), undefined, 'for a second only');
  assert.equal(estimateOf(10, undefined), undefined);
  const stopped = callRateOf([{ from: 0, to: 500, atMs: 5_000 }], noneLeft, 0, 50_000);
  assert.equal(estimateOf(10, stopped), undefined, 'a room that calls nobody now');
});

test('an even pace is told almost to the second, and the nearer the place the sooner', () => {
  const calls = Array.from({ length: 240 }, (_, index) => ({ from: index * 5, to: index * 5 + 5, atMs: index * 250 }));
  const rate = callRateOf(calls, noneLeft, 0, 60_000);
  assert.equal(Math.round(rate?.perS ?? 0), 20);
  const estimate = estimateOf(1999, rate);
  assert(estimate !== undefined && estimate.fromS >= 85 && estimate.fromS <= 100, JSON.stringify(estimate));
  assert(estimate.toS >= 100 && estimate.toS <= 115, JSON.stringify(estimate));
  assert.equal(estimateOf(0, rate)?.fromS, 0);
});

test('places that were passed over count neither as called nor as ahead', () => {
  const calls = Array.from({ length: 240 }, (_, index) => ({
    from: index * 10,
    to: index * 10 + 10,
    atMs: index * 250,
  }));
  const everyOther = createDeparted(0);
  everyOther.add(Array.from({ length: 1_200 }, (_, index) => ({ number: index * 2, place: index * 2 })));
  const rate = callRateOf(calls, everyOther, 0, 60_000);
  assert.equal(Math.round(rate?.perS ?? 0), 20);
  assert.equal(Math.round(rate?.latelyPerS ?? 0), 20);
});

test('the wait is within the range nine times out of ten, with an even pace and with a wild one', () => {
  for (const [name, wildness] of [
    ['even', 0.2],
    ['uneven', 0.8],
    ['wild', 1.5],
  ] as const) {
    let within = 0;
    let runs = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const random = createRandom(seed * 7919);
      // Seconds that scatter by themselves around 40 places.
      const inSecond = () => Math.max(0, Math.round(40 * (1 + wildness * (random() + random() + random() - 1.5))));
      const calls: CallEntry[] = [];
      let admitted = 0;
      const second = (at: number) => {
        const count = inSecond();
        if (count > 0) calls.push({ from: admitted, to: admitted + count, atMs: at * 1000 + 500 });
        admitted += count;
      };
      for (let at = 0; at < 60; at++) second(at);
      const aheadCount = 20 + Math.floor(random() * 4000);
      const estimate = estimateOf(aheadCount, callRateOf(calls, noneLeft, 0, 60_000));
      if (estimate === undefined) continue;
      const place = admitted + aheadCount;
      let waitedS = 0;
      while (admitted <= place) second(60 + waitedS++);
      runs += 1;
      if (estimate.fromS <= waitedS && waitedS <= estimate.toS) within += 1;
    }
    assert(within / runs >= 0.9, `${name}: ${within} of ${runs}`);
  }
});
