import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type LoadSwitch, nextLoadSwitch, nextPace } from './pace.ts';

const limits = { floorPerS: 1, maxPerS: 600 };
const idle = { utilisation: 0.1, coreShedPerS: 0 };
const full = { utilisation: 1.2, coreShedPerS: 0 };
const anyLoad = fc.record({
  utilisation: fc.double({ min: 0, max: 3, noNaN: true }),
  coreShedPerS: fc.constantFrom(0, 0, 5),
});

test('the pace stays between its floor and its most, whatever the load', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyLoad, fc.nat(1000)), { maxLength: 200 }), (steps) => {
      let perS = 50;
      for (const [load, dtMs] of steps) {
        perS = nextPace(perS, load, limits, dtMs);
        assert(perS >= limits.floorPerS && perS <= limits.maxPerS);
      }
    }),
  );
  assert.equal(nextPace(50, idle, { floorPerS: 1, maxPerS: 0.5 }, 1000), 0.5, 'the most is the most');
});

test('it rises slowly and falls fast, in equal steps however the ticks fall', () => {
  const run = (load: typeof idle, count: number, dtMs: number, from: number) => {
    let perS = from;
    for (let index = 0; index < count; index++) perS = nextPace(perS, load, limits, dtMs);
    return perS;
  };
  assert.equal(Math.round(run(idle, 4, 250, 100)), 120);
  assert.equal(Math.round(run(idle, 10, 100, 100)), 120);
  assert.equal(Math.round(run(full, 4, 250, 100)), 50);
  assert.equal(Math.round(run({ utilisation: 0.1, coreShedPerS: 1 }, 20, 100, 100)), 25);
  assert.equal(run({ utilisation: 0.85, coreShedPerS: 0 }, 20, 100, 100), 100, 'as it is while the shop is busy');
});

test('with a shop that takes so many a second it settles near that, and two rooms come to share it', () => {
  const capacity = 200;
  let one = 1;
  let two = 300;
  const sums: number[] = [];
  for (let tick = 0; tick < 4000; tick++) {
    const load = { utilisation: (one + two) / capacity, coreShedPerS: 0 };
    one = nextPace(one, load, limits, 250);
    two = nextPace(two, load, limits, 250);
    if (tick > 2000) sums.push(one + two);
  }
  const mean = sums.reduce((sum, each) => sum + each, 0) / sums.length;
  assert(mean > 0.7 * capacity && mean <= capacity, `${mean}`);
});

test('by load: on after three seconds of too much, off after a minute of calm and an empty queue, never in between', () => {
  let now = 1_000_000;
  let state: LoadSwitch = { isOn: false, busySinceMs: undefined, calmSinceMs: undefined };
  const after = (ms: number, load: typeof idle, waitingCount = 0) => {
    now += ms;
    state = nextLoadSwitch(state, load, waitingCount, now);
    return state.isOn;
  };
  assert.equal(after(0, full), false);
  assert.equal(after(2_900, full), false);
  assert.equal(after(50, idle), false, 'a burst is over');
  assert.equal(after(50, full), false);
  assert.equal(after(3_000, full), true);
  assert.equal(after(120_000, { utilisation: 0.8, coreShedPerS: 0 }), true, 'busy is not calm');
  assert.equal(after(120_000, idle, 5), true, 'somebody waits');
  assert.equal(after(0, idle), true);
  assert.equal(after(59_000, idle), true);
  assert.equal(after(1_000, idle), false);
});

test('by load: an hour by which the clock jumps is no hour of calm or of load', () => {
  let state: LoadSwitch = { isOn: true, busySinceMs: undefined, calmSinceMs: undefined };
  state = nextLoadSwitch(state, idle, 0, 10_000_000);
  state = nextLoadSwitch(state, idle, 0, 10_000_000 - 3_600_000);
  assert.equal(state.isOn, true);
  state = nextLoadSwitch(state, idle, 0, 10_000_000 - 3_600_000 + 30_000);
  assert.equal(state.isOn, true);
});
