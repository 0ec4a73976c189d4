import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createStanding } from './standing.ts';

test('what lasts is told once it has lasted, what passes never is', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true })),
      (count, values) => {
        const standing = createStanding(count);
        values.forEach((value, index) => {
          const before = values.slice(Math.max(0, index - count + 1), index);
          // Before the first all was calm.
          const wanted = index + 1 < count ? 0 : Math.min(value, ...before);
          assert.equal(standing(value), wanted);
        });
      },
    ),
  );
});
