import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { emptySlot, type Slot, slotMs } from './meter.ts';
import { longestMsIn, type Stretch, setStallsApart, stallsOf } from './stalls.ts';

const firstAtMs = 7_000;
const slotsOf = (count: number): Slot[] => Array.from({ length: count }, () => emptySlot());
const stretch = (fromMs: number, untilMs: number): Stretch => ({ fromMs, untilMs });

/** Numbers of the slots that are left out. */
function left(slots: readonly Slot[], stalls: readonly Stretch[]): number[] {
  const judged = setStallsApart(slots, firstAtMs, stalls);
  return slots.flatMap((slot, index) => (judged.slots.includes(slot) ? [] : [index]));
}

test('only a write of more than a tenth of a second is a stall', () => {
  assert.deepEqual(stallsOf([stretch(0, 100), stretch(200, 301), stretch(400, 405)]), [stretch(200, 301)]);
});

test('the longest write of a stretch is one that touches it', () => {
  const writes = [stretch(0, 500), stretch(900, 1_100), stretch(2_000, 2_300)];
  assert.equal(longestMsIn(writes, stretch(1_000, 2_000)), 200);
  assert.equal(longestMsIn(writes, stretch(1_100, 2_000)), 0);
});

test('a stall takes a slot before it and as long again after it, at most a second', () => {
  const slots = slotsOf(200);
  assert.deepEqual(left(slots, [stretch(7_500, 7_700)]), [4, 5, 6, 7, 8]);
  assert.deepEqual(left(slots, [stretch(7_510, 7_710)]), [4, 5, 6, 7, 8, 9]);
  assert.deepEqual(left(slots, [stretch(7_000, 7_200)]), [0, 1, 2, 3]);
  assert.deepEqual(left(slots, [stretch(6_500, 6_950)]), [0, 1, 2, 3], 'it may begin before the time that is judged');
  assert.deepEqual(
    left(slots, [stretch(7_500, 9_500)]),
    Array.from({ length: 31 }, (_, index) => index + 4),
  );
  assert.deepEqual(left(slots, [stretch(3_000, 6_000)]), []);
});

test('what would be more than a fifth is judged as a whole', () => {
  const slots = slotsOf(25);
  const fifth = setStallsApart(slots, firstAtMs, [stretch(7_500, 7_700)]);
  assert.deepEqual([fifth.slots.length, fifth.spoiltMs, fifth.apartMs], [20, 500, 500]);
  const more = setStallsApart(slots, firstAtMs, [stretch(7_500, 7_701)]);
  assert.deepEqual([more.slots.length, more.spoiltMs, more.apartMs], [25, 600, 0]);
});

test('whatever the disk did, nothing is left out that it did not spoil, and no more than a fifth', () => {
  const anyStall = fc
    .tuple(fc.integer({ min: 5_000, max: 12_000 }), fc.integer({ min: 101, max: 3_000 }))
    .map(([fromMs, ms]) => stretch(fromMs, fromMs + ms));
  fc.assert(
    fc.property(fc.array(anyStall, { maxLength: 4 }), fc.integer({ min: 0, max: 40 }), (stalls, count) => {
      const slots = slotsOf(count);
      const { spoiltMs, apartMs, slots: judged } = setStallsApart(slots, firstAtMs, stalls);
      assert.equal(judged.length * slotMs + apartMs, count * slotMs);
      assert(apartMs === 0 || apartMs === spoiltMs);
      assert(apartMs <= 0.2 * count * slotMs);
      for (const index of left(slots, stalls)) {
        const [fromMs, untilMs] = [firstAtMs + index * slotMs, firstAtMs + (index + 1) * slotMs];
        assert(
          stalls.some((stall) => {
            const afterMs = Math.min(stall.untilMs - stall.fromMs, 1_000);
            return untilMs > stall.fromMs - slotMs && fromMs < stall.untilMs + afterMs;
          }),
        );
      }
    }),
  );
});
