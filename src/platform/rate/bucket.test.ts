import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createBucket, createMeter, createSteadyTime, fullAtAfter, unitsLeft, waitMs } from './bucket.ts';

const anyRate = fc.record({
  unitsPerS: fc.integer({ min: 1, max: 10_000 }),
  burstUnits: fc.integer({ min: 1, max: 10_000 }),
});
// Each: how far the clock jumps, forward or back, and what is then asked for.
const anyAsks = fc.array(
  fc.tuple(
    fc.oneof({ weight: 9, arbitrary: fc.nat(500) }, { weight: 1, arbitrary: fc.integer({ min: -1e6, max: 1e6 }) }),
    fc.double({ min: 0.1, max: 50, noNaN: true }),
  ),
  { minLength: 1, maxLength: 80 },
);

test('in no stretch of time is more taken than the burst and what flowed in meanwhile', () => {
  fc.assert(
    fc.property(anyRate, anyAsks, (rate, asks) => {
      let nowMs = 1e12;
      const time = createSteadyTime({ nowMs: () => nowMs });
      const bucket = createBucket(rate, time);
      const taken: { atMs: number; units: number }[] = [];
      for (const [jumpMs, units] of asks) {
        nowMs += jumpMs;
        if (bucket.take(units)) taken.push({ atMs: time(), units: Math.min(units, rate.burstUnits) });
      }
      for (const [from, first] of taken.entries()) {
        let sum = 0;
        for (const { atMs, units } of taken.slice(from)) {
          sum += units;
          const allowed = rate.burstUnits + ((atMs - first.atMs) * rate.unitsPerS) / 1000;
          assert(sum <= allowed * (1 + 1e-9), `${sum} of ${allowed}`);
        }
      }
    }),
  );
});

test('it decides as a bucket does that counts its tokens', () => {
  fc.assert(
    fc.property(anyRate, anyAsks, (rate, asks) => {
      let nowMs = 0;
      const bucket = createBucket(rate, () => nowMs);
      let tokens = rate.burstUnits;
      for (const [jumpMs, units] of asks) {
        nowMs += Math.abs(jumpMs);
        tokens = Math.min(rate.burstUnits, tokens + (Math.abs(jumpMs) * rate.unitsPerS) / 1000);
        const wanted = Math.min(units, rate.burstUnits);
        // Where two ways of adding up real numbers could come to two answers, either is right.
        if (Math.abs(tokens - wanted) < 1e-6) return;
        const isTaken = bucket.take(units);
        assert.equal(isTaken, wanted <= tokens);
        if (isTaken) tokens -= wanted;
      }
    }),
  );
});

test('the wait that is told is long enough, and no longer than it must be', () => {
  fc.assert(
    fc.property(anyRate, fc.nat(1e6), fc.double({ min: 0.1, max: 50, noNaN: true }), (rate, debtMs, units) => {
      const meter = createMeter(rate);
      const fullAtMs = Math.min(debtMs, meter.burstMs);
      const wait = waitMs(meter, fullAtAfter(meter, fullAtMs, units, 0), 0);
      fc.pre(wait > 1e-3);
      const mayAfter = (ms: number) => waitMs(meter, fullAtAfter(meter, fullAtMs, units, ms), ms) <= 1e-9;
      assert(mayAfter(wait + 1e-6));
      assert(!mayAfter(wait - 1e-3));
    }),
  );
});

test('a clock that jumps back costs no time, one that jumps forward fills the bucket and no more', () => {
  let nowMs = 1_000_000;
  const time = createSteadyTime({ nowMs: () => nowMs });
  const bucket = createBucket({ unitsPerS: 1, burstUnits: 2 }, time);
  assert(bucket.take(2) && !bucket.take(1));
  nowMs -= 3_600_000;
  assert(!bucket.take(1));
  nowMs += 1_000;
  assert(bucket.take(1) && !bucket.take(1));
  nowMs += 1e9;
  assert(bucket.take(2) && !bucket.take(1));
});

test('what is left is told in units', () => {
  const meter = createMeter({ unitsPerS: 10, burstUnits: 50 });
  assert.equal(unitsLeft(meter, 0, 1_000), 50);
  assert.equal(unitsLeft(meter, fullAtAfter(meter, 0, 20, 1_000), 1_000), 30);
  assert.equal(unitsLeft(meter, fullAtAfter(meter, 0, 500, 1_000), 1_000), 0);
});
