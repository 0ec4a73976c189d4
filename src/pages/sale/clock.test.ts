import assert from 'node:assert/strict';
import test from 'node:test';
import { clockLine, shownUnits } from './clock.ts';

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

test('what is left in a line: from the first unit that is not nought on, the days in words', () => {
  const hourMs = 3_600_000;
  const lines = [0, 59_001, hourMs, 74 * hourMs + 5000].map((leftMs) => clockLine(leftMs, 'en'));
  assert.deepEqual(lines, ['00:00', '01:00', '01:00:00', '3 days 02:00:05']);
  assert.equal(clockLine(24 * hourMs, 'en'), '1 day 00:00:00');
  assert.match(clockLine(72 * hourMs, 'zh-Hans'), /^3\s?天 00:00:00$/);
});
