import assert from 'node:assert/strict';
import test from 'node:test';
import { shownUnits } from './clock.ts';

test('a clock begins with what is not nought, and always shows minutes', () => {
  const [second, hour, day] = [1_000, 3_600_000, 86_400_000];
  assert.deepEqual(shownUnits(day), ['d', 'h', 'm', 's']);
  assert.deepEqual(shownUnits(day + 5 * second), ['d', 'h', 'm', 's'], '1 day, 0 hours: what follows stays');
  assert.deepEqual(shownUnits(day - 1), ['d', 'h', 'm', 's'], 'a second that has begun counts');
  assert.deepEqual(shownUnits(day - second), ['h', 'm', 's']);
  assert.deepEqual(shownUnits(hour - second), ['m', 's']);
  assert.deepEqual(shownUnits(0), ['m', 's']);
  assert.deepEqual(shownUnits(-hour), ['m', 's']);
});
