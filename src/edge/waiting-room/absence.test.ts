import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { absenceAfter, answeredMs } from './absence.ts';

const minute = 60_000;

test('time in which the room was away does not count, and no more than that', () => {
  const away = { fromMs: 10 * minute, untilMs: 20 * minute };
  assert.equal(answeredMs(9 * minute, 21 * minute, away), 2 * minute);
  assert.equal(answeredMs(15 * minute, 21 * minute, away), minute);
  assert.equal(answeredMs(21 * minute, 25 * minute, away), 4 * minute);
  assert.equal(answeredMs(5 * minute, 9 * minute, away), 4 * minute);
  assert.equal(answeredMs(5 * minute, 4 * minute, undefined), 0, 'a clock that was set back');
});

test('it never counts more than has passed, nor less than nothing', () => {
  const anyMs = fc.integer({ min: 0, max: 10_000_000 });
  fc.assert(
    fc.property(anyMs, anyMs, anyMs, anyMs, (sinceMs, nowMs, one, two) => {
      const absence = { fromMs: Math.min(one, two), untilMs: Math.max(one, two) };
      const counted = answeredMs(sinceMs, nowMs, absence);
      assert(counted >= 0 && counted <= Math.max(0, nowMs - sinceMs));
    }),
  );
});

test('a room is away when it has not ticked for a while; a second time soon after is the same time', () => {
  assert.equal(absenceAfter(undefined, undefined, 1000, minute), undefined);
  assert.equal(absenceAfter(undefined, 1000, 1250, minute), undefined);
  const first = absenceAfter(undefined, 1000, 100_000, minute);
  assert.deepEqual(first, { fromMs: 1000, untilMs: 100_000 });
  assert.deepEqual(absenceAfter(first, 100_250, 110_000, minute), { fromMs: 1000, untilMs: 110_000 });
  assert.deepEqual(absenceAfter(first, 300_000, 400_000, minute), { fromMs: 300_000, untilMs: 400_000 });
  assert.deepEqual(absenceAfter(first, 300_000, 200_000, minute), first, 'set back');
});
