import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decideGrants } from './allotment.ts';

const anyAllotment = fc
  .record({ reserved: fc.nat(20), sold: fc.nat(20), available: fc.nat(20) })
  .map(({ reserved, sold, available }) => ({ granted: reserved + sold + available, reserved, sold }));
const anyGrant = fc.record(
  {
    grantId: fc.uuid(),
    subjectId: fc.constant('red'),
    quantity: fc.integer({ min: -30, max: 30 }),
    ifOnHand: fc.nat(60),
  },
  { requiredKeys: ['grantId', 'subjectId', 'quantity'] },
);

test('whatever is granted or taken back, what is reserved and sold stays covered', () => {
  fc.assert(
    fc.property(anyAllotment, fc.array(anyGrant, { maxLength: 12 }), (allotment, grants) => {
      let { granted } = allotment;
      decideGrants(grants, new Map([['red', allotment]])).forEach((outcome, index) => {
        const { quantity = 0, ifOnHand } = grants[index] ?? {};
        const isCountRight = ifOnHand === undefined || granted - allotment.sold === ifOnHand;
        const isCovered = granted + quantity >= allotment.reserved + allotment.sold;
        assert.equal(outcome, isCountRight ? (isCovered ? 'applied' : 'insufficient') : 'changed');
        if (outcome === 'applied') granted += quantity;
      });
    }),
  );
});
