import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import fc from 'fast-check';
import { createLot, lotSeedBytes } from './lot.ts';

/** Fixed seeds: a test of chance that fails one day in twenty proves nothing. */
const seedOf = (name: string | number) => createHash('sha256').update(`lot ${name}`).digest();
const order = (seed: Buffer, count: number) =>
  Array.from({ length: count }, (_, ticket) => ticket).map(createLot(seed, count));

test('every ticket has a place and every place a ticket, whatever their number', () => {
  for (let count = 0; count <= 130; count++) {
    const place = createLot(seedOf(count), count);
    const places = new Set(Array.from({ length: count }, (_, ticket) => place(ticket)));
    assert.equal(places.size, count);
    for (const each of places) assert(each >= 0 && each < count && Number.isInteger(each));
  }
  fc.assert(
    fc.property(fc.integer({ min: 130, max: 3000 }), fc.nat(), (count, seed) => {
      const place = createLot(seedOf(seed), count);
      assert.equal(new Set(Array.from({ length: count }, (_, ticket) => place(ticket))).size, count);
    }),
    { numRuns: 5 },
  );
});

test('places of a million tickets are within the million, and of a sample no two are the same', () => {
  const count = 1_000_003;
  const place = createLot(seedOf('million'), count);
  const places = Array.from({ length: 5_000 }, (_, index) => place(index * 200));
  assert.equal(new Set(places).size, places.length);
  assert(places.every((each) => each >= 0 && each < count));
});

test('the same seed is the same order; another seed, or one ticket more, is another', () => {
  assert.deepEqual(order(seedOf(1), 50), order(seedOf(1), 50));
  assert.notDeepEqual(order(seedOf(1), 50), order(seedOf(2), 50));
  assert.notDeepEqual(order(seedOf(1), 51).slice(0, 50), order(seedOf(1), 50));
});

test('what is published is enough to check it: these places follow from this seed for ever', () => {
  assert.deepEqual(order(Buffer.alloc(lotSeedBytes, 7), 8), [0, 3, 2, 1, 7, 5, 6, 4]);
});

/** The statistic that grows with how unevenly counts lie, and the bound that a fair draw passes 999 times in 1,000. */
function chiSquare(counts: readonly number[]): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}
/** Wilson & Hilferty 1931; z = 3.09. */
const bound = (freedom: number) => freedom * (1 - 2 / (9 * freedom) + 3.09 * Math.sqrt(2 / (9 * freedom))) ** 3;

test('each ticket is as likely on each place: early clicking buys nothing', () => {
  for (const count of [2, 3, 5, 9, 16]) {
    const counts = Array.from({ length: count }, () => new Array<number>(count).fill(0));
    for (let draw = 0; draw < 60 * count; draw++) {
      order(seedOf(`${count}/${draw}`), count).forEach((place, ticket) => {
        const row = counts[ticket] ?? [];
        row[place] = (row[place] ?? 0) + 1;
      });
    }
    for (const row of counts) assert(chiSquare(row) < bound(count - 1) * 1.3, `${count}: ${row}`);
  }
});

test('of four tickets each of the 24 orders is as likely', () => {
  const counts = new Map<string, number>();
  for (let draw = 0; draw < 24 * 60; draw++) {
    const key = order(seedOf(`four ${draw}`), 4).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assert.equal(counts.size, 24);
  assert(chiSquare([...counts.values()]) < bound(23), JSON.stringify([...counts]));
});
