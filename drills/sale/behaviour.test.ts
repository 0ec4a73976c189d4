import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createRandom } from '../random.ts';
import { behaviourNames, behaviours, dealBehaviours } from './behaviour.ts';

test('the shares add up to a hundred', () => {
  assert.equal(
    behaviourNames.reduce((sum, name) => sum + behaviours[name].share, 0),
    100,
  );
});

test('buyers are as many as asked for, their shares are kept, and the same seed brings the same buyers', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(), (buyerCount, seed) => {
      const dealt = dealBehaviours(buyerCount, createRandom(seed));
      assert.equal(dealt.length, buyerCount);
      assert.deepEqual(dealBehaviours(buyerCount, createRandom(seed)), dealt);
      // The first in line are one of each.
      assert.equal(new Set(dealt.slice(0, behaviourNames.length)).size, Math.min(buyerCount, behaviourNames.length));
      for (const name of behaviourNames) {
        const others = dealt.slice(behaviourNames.length).filter((each) => each === name).length;
        const wanted = (Math.max(0, buyerCount - behaviourNames.length) * behaviours[name].share) / 100;
        assert(Math.abs(others - wanted) <= 1, `${name}: ${others} of ${wanted}`);
      }
    }),
    { numRuns: 50 },
  );
});
