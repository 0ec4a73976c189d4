import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { unitsPromisedElsewhere } from './shares.ts';

const variantIds = ['a', 'b', 'c', 'd', 'e'];

interface Step {
  readonly room: number;
  /** Units that it is to promise; below zero, those whose people have left, or whose passes have expired. */
  readonly units: number;
}

const anyRooms = fc.array(fc.uniqueArray(fc.constantFrom(...variantIds), { minLength: 1 }), {
  minLength: 2,
  maxLength: 5,
});
const anyStock = fc.tuple(...variantIds.map(() => fc.nat(6)));
const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ room: fc.nat(4), units: fc.integer({ min: -10, max: 20 }) }),
  {
    maxLength: 40,
  },
);

/** What is left of these variants. */
function unitsOf(stock: ReadonlyMap<string, number>, ids: Iterable<string>): number {
  return [...new Set(ids)].reduce((sum, id) => sum + (stock.get(id) ?? 0), 0);
}

/** Rooms that promise, in their turn, as much as they may of what they want to. */
function newRooms(variantsOfRooms: readonly (readonly string[])[], stock: ReadonlyMap<string, number>) {
  const promises = variantsOfRooms.map((ids) => ({ variantIds: new Set(ids), units: 0 }));

  function leftFor(room: number): number {
    const own = promises[room] ?? assert.fail('a room');
    const others = promises.filter((other) => other !== own && other.units > 0);
    return unitsOf(stock, own.variantIds) - unitsPromisedElsewhere(own.variantIds, others, stock) - own.units;
  }

  return {
    promises,
    leftFor,
    take({ room, units }: Step): void {
      const own = promises[room % promises.length] ?? assert.fail('a room');
      const more = Math.min(units, Math.max(0, leftFor(room % promises.length)));
      own.units = Math.max(0, own.units + more);
    },
  };
}

/** Hall's condition: whichever rooms one looks at, what they have promised together is there among what they stand before. */
function assertKept(promises: ReturnType<typeof newRooms>['promises'], stock: ReadonlyMap<string, number>): void {
  for (let subset = 1; subset < 2 ** promises.length; subset++) {
    const some = promises.filter((_, at) => (subset >> at) & 1);
    const promised = some.reduce((sum, { units }) => sum + units, 0);
    const left = unitsOf(
      stock,
      some.flatMap(({ variantIds: ids }) => [...ids]),
    );
    assert(promised <= left, `${promised} promised of ${left}`);
  }
}

const stockOf = (counts: readonly number[]) => new Map(variantIds.map((id, at) => [id, counts[at] ?? 0]));

test('whichever rooms stand before what, and in whatever order they promise and are given back: all promises can be kept', () => {
  fc.assert(
    fc.property(anyRooms, anyStock, anySteps, (variantsOfRooms, counts, steps) => {
      const stock = stockOf(counts);
      const rooms = newRooms(variantsOfRooms, stock);
      for (const step of steps) {
        rooms.take(step);
        assertKept(rooms.promises, stock);
      }
    }),
    { numRuns: 500 },
  );
});

test('of the same variants, each unit is promised once, whoever buys what; and all of them are', () => {
  const anySale = fc.record({ by: fc.nat(4), of: fc.constantFrom(...variantIds) });
  fc.assert(
    fc.property(anyStock, fc.array(fc.tuple(anySteps, anySale)), fc.nat(4), (counts, rounds, last) => {
      const stock = stockOf(counts);
      const rooms = newRooms(
        variantIds.map(() => variantIds),
        stock,
      );
      for (const [steps, sale] of rounds) {
        for (const step of steps) rooms.take(step);
        const buyer = rooms.promises[sale.by] ?? assert.fail('a room');
        const units = stock.get(sale.of) ?? 0;
        if (buyer.units > 0 && units > 0) {
          buyer.units -= 1;
          stock.set(sale.of, units - 1);
        }
        assertKept(rooms.promises, stock);
      }
      rooms.take({ room: last, units: 1000 });
      const promised = rooms.promises.reduce((sum, { units }) => sum + units, 0);
      assert.equal(promised, unitsOf(stock, variantIds));
    }),
  );
});

test('of two rooms neither keeps from the other what it need not: what neither may promise is promised', () => {
  fc.assert(
    fc.property(fc.tuple(...[0, 1].map(() => fc.subarray(variantIds))), anyStock, anySteps, (both, counts, steps) => {
      const stock = stockOf(counts);
      const rooms = newRooms(both, stock);
      for (const step of [...steps, { room: 0, units: 1000 }, { room: 1, units: 1000 }]) rooms.take(step);
      const promised = rooms.promises.reduce((sum, { units }) => sum + units, 0);
      assert.equal(promised, unitsOf(stock, both.flat()));
    }),
  );
});

test('what a room alone stands before is its promise first, and what is given back is the others’', () => {
  const stock = new Map([
    ['a', 3],
    ['b', 5],
  ]);
  const elsewhere = (units: number) =>
    unitsPromisedElsewhere(new Set(['a']), [{ variantIds: new Set(['a', 'b']), units }], stock);
  assert.deepEqual([0, 5, 6, 8, 9].map(elsewhere), [0, 0, 1, 3, 3]);
  assert.equal(unitsPromisedElsewhere(new Set(['a']), [{ variantIds: new Set(['b']), units: 5 }], stock), 0);
});
