import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createLatencies } from './latency.ts';

const anyMs = fc.double({ min: 0, max: 100_000, noNaN: true });

test('a percentile is within 1.6 % of the exact one, also when it was measured in parts', () => {
  fc.assert(
    fc.property(
      fc.array(anyMs, { minLength: 1, maxLength: 300 }),
      fc.nat(300),
      fc.constantFrom(0, 0.5, 0.9, 0.99, 1),
      (all, at, share) => {
        const [first, second] = [createLatencies(), createLatencies()];
        for (const ms of all.slice(0, at)) first.add(ms);
        for (const ms of all.slice(at)) second.add(ms);
        second.merge(JSON.parse(JSON.stringify(first.toJson())));
        assert.equal(second.count, all.length);
        const exact = all.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * all.length) - 1)] as number;
        const told = second.percentile(share) as number;
        assert(Math.abs(told - exact) <= exact * 0.016 + 0.001, `${told} for ${exact}`);
      },
    ),
  );
});

test('of nothing there is no percentile', () => {
  assert.equal(createLatencies().percentile(0.5), undefined);
});
