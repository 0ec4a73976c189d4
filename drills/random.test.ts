import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createRandom } from './random.ts';

test('the same seeds give the same numbers, other seeds give others', () => {
  const numbers = (...seeds: number[]) => {
    const random = createRandom(...seeds);
    return Array.from({ length: 20 }, () => random.next());
  };
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (one, other) => {
      assert.deepEqual(numbers(one, other), numbers(one, other));
      assert.notDeepEqual(numbers(one, other), numbers(one, other + 1));
    }),
  );
});

test('shuffling keeps what there is', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.nat(), (values, seed) => {
      assert.deepEqual([...createRandom(seed).shuffle([...values])].sort(), [...values].sort());
    }),
  );
});

test('numbers of neighbouring buyers are spread evenly', () => {
  const buckets = new Array<number>(10).fill(0);
  for (let buyer = 0; buyer < 20_000; buyer += 1) {
    const bucket = Math.floor(createRandom(42, buyer).next() * 10);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  // Ten standard deviations.
  for (const count of buckets) assert(Math.abs(count - 2000) < 425, `${buckets}`);
});
