import assert from 'node:assert/strict';
import test from 'node:test';
import { leftOver } from './render-report.ts';

test('stock that is left while people went away with nothing is explained, and only then', () => {
  const ends = { ordered: 30, 'nothing left': 12 };
  assert.deepEqual(leftOver({ unitsLeft: 3, unusedPasses: 9, ends }), [
    '3 units left, though 12 went away with nothing: 3 of them had been promised to passes that were not used',
  ]);
  assert.match(leftOver({ unitsLeft: 3, unusedPasses: 1, ends })[0] ?? '', /: 1 of them had been promised/);
  assert.match(
    leftOver({ unitsLeft: 3, unusedPasses: 1, ends: { ...ends, 'still in line': 7 } })[0] ?? '',
    /^3 units left, though 7 were still in line when the time was up: 1 of them/,
  );
  assert.deepEqual(leftOver({ unitsLeft: 0, unusedPasses: 9, ends }), []);
  assert.deepEqual(leftOver({ unitsLeft: 3, unusedPasses: 9, ends: { ordered: 30 } }), []);
});
