import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  type AdmissionFacts,
  nextAdmission,
  promisableCount,
  promisedUnits,
  showRateOf,
  unitsPerPass,
} from './admission.ts';

const anyFacts: fc.Arbitrary<AdmissionFacts> = fc.record({
  issued: fc.nat(1_000_000),
  departedAhead: fc.constant([]),
  admitted: fc.nat(1_000_000),
  pacePerS: fc.double({ min: 0.1, max: 100_000, noNaN: true }),
  showRate: fc.double({ min: 0, max: 1, noNaN: true }),
  // A clock that jumps by hours, either way.
  dtMs: fc.integer({ min: -100_000_000, max: 100_000_000 }),
  credit: fc.double({ min: 0, max: 1, noNaN: true }),
  promisable: fc.option(fc.nat(10_000), { nil: undefined }),
});

test('never calls more than wait, than can be promised, or than a second of its pace, whatever the clock does', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const { placeCount, calledCount, credit } = nextAdmission(facts);
      assert(Number.isInteger(placeCount) && placeCount >= 0);
      assert.equal(calledCount, placeCount);
      assert(placeCount <= Math.max(0, facts.issued - facts.admitted));
      assert(placeCount <= (facts.promisable ?? Number.POSITIVE_INFINITY));
      // Whoever does not come is made up for, up to four of five.
      assert(placeCount <= facts.pacePerS * 5 + 1);
      assert(credit >= 0 && credit <= 1);
    }),
  );
});

test('who has left is passed over: as many others are called as if his place had never been', () => {
  const anyLine = fc.array(fc.boolean(), { maxLength: 60 });
  fc.assert(
    fc.property(anyFacts, anyLine, (facts, isGone) => {
      const { admitted } = facts;
      const departedAhead = isGone.flatMap((gone, index) => (gone ? [admitted + index] : []));
      const stayCount = isGone.length - departedAhead.length;
      const decision = nextAdmission({ ...facts, issued: admitted + isGone.length, departedAhead });
      const without = nextAdmission({ ...facts, issued: admitted + stayCount });
      assert.deepEqual([decision.calledCount, decision.credit], [without.calledCount, without.credit]);
      const passed = isGone.slice(0, decision.placeCount);
      assert.equal(passed.filter((gone) => !gone).length, decision.calledCount);
      assert.notEqual(isGone[decision.placeCount], true, 'the next place is one of who still waits');
    }),
  );
});

test('over a minute it calls at its pace, however the ticks fall, and nothing is saved up while nobody waits', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.5, max: 300, noNaN: true }),
      fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 200, maxLength: 400 }),
      (pacePerS, steps) => {
        let credit = 0;
        let admitted = 0;
        for (const dtMs of steps) {
          const decision = nextAdmission({
            issued: 1e9,
            admitted,
            departedAhead: [],
            pacePerS,
            showRate: 1,
            dtMs,
            credit,
            promisable: undefined,
          });
          admitted += decision.placeCount;
          ({ credit } = decision);
        }
        const wanted = (pacePerS * steps.reduce((sum, dtMs) => sum + dtMs, 0)) / 1000;
        // A fraction above one that a short tick leaves over is lost.
        assert(admitted <= wanted + 1, `${admitted} of ${wanted}`);
        assert(admitted >= wanted - 1, `${admitted} of ${wanted}`);
      },
    ),
    { numRuns: 50 },
  );
  const idle = nextAdmission({
    issued: 5,
    admitted: 5,
    departedAhead: [],
    pacePerS: 100,
    showRate: 1,
    dtMs: 900,
    credit: 1,
    promisable: undefined,
  });
  assert.deepEqual(idle, { placeCount: 0, calledCount: 0, credit: 1 });
});

test('while all who were called came, no more are called than there is something for', () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.nat(5000), fc.nat(5000), (availableUnits, passesOut, calledOut) => {
      const count = promisableCount({ availableUnits, unitsPerPass: 1, passesOut, calledOut, showRate: 1 });
      assert.equal(count, Math.max(0, availableUnits - passesOut - calledOut));
    }),
  );
});

test('the fewer come the more are called, in all likelihood not too many: those who come find something 39 times in 40', () => {
  // A fixed sequence of chance, so that it fails always or never.
  let state = 1;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  for (const showRate of [0.3, 0.5, 0.8, 0.95]) {
    for (const availableUnits of [1, 5, 40, 500]) {
      const count = promisableCount({ availableUnits, unitsPerPass: 1, passesOut: 0, calledOut: 0, showRate });
      assert(count >= availableUnits);
      let tooMany = 0;
      for (let run = 0; run < 300; run++) {
        let came = 0;
        for (let place = 0; place < count; place++) if (random() < showRate) came += 1;
        if (came > availableUnits) tooMany += 1;
      }
      assert(tooMany <= 300 * 0.05, `${tooMany} of 300 with ${availableUnits} units at ${showRate}`);
    }
  }
});

test('what was promisable is no more than what there was once it is promised, so that another room finds the rest', () => {
  fc.assert(
    fc.property(
      fc.nat(2000),
      fc.nat(50),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (availableUnits, passesOut, showRate) => {
        const facts = { unitsPerPass: 1, passesOut, calledOut: 0, showRate };
        const calledOut = promisableCount({ ...facts, availableUnits });
        const units = promisedUnits({ ...facts, calledOut });
        assert(units <= Math.max(availableUnits, passesOut), `${units} of ${availableUnits}`);
        assert(calledOut === 0 || units > availableUnits - 3, `${availableUnits - units} are kept back`);
      },
    ),
  );
});

test('what is learnt begins at everybody and one unit, and moves with what happened', () => {
  assert.deepEqual([showRateOf(0, 0), unitsPerPass(0, 0)], [1, 1]);
  assert(Math.abs(showRateOf(10_000, 4_000) - 0.4) < 0.01);
  assert(Math.abs(unitsPerPass(1_000, 2_500) - 2.5) < 0.05);
  assert.equal(promisableCount({ availableUnits: 10, unitsPerPass: 2, passesOut: 3, calledOut: 1, showRate: 1 }), 1);
});

test('the last units are promised too, where an order takes more of them on average than there are', () => {
  const facts = { unitsPerPass: 3.4, passesOut: 0, calledOut: 0, showRate: 1 };
  assert.equal(promisableCount({ ...facts, availableUnits: 3 }), 1);
  assert.equal(promisableCount({ ...facts, availableUnits: 3, calledOut: 1 }), 0);
  assert.equal(promisableCount({ ...facts, availableUnits: 3, passesOut: 1 }), 0);
  assert.equal(promisableCount({ ...facts, availableUnits: 0 }), 0);
});
