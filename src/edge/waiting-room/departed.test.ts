import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createDeparted } from './departed.ts';

/** Each one more than once perhaps, and the first times without his place. */
const tellings = fc.array(fc.record({ number: fc.nat(60), isPlaced: fc.boolean() }), { maxLength: 80 });

test('in whatever order it is told, it knows who has left, whose places are missing, and the others in their order', () => {
  const placeOf = (number: number) => 60 - number;
  fc.assert(
    fc.property(tellings, fc.nat(60), fc.nat(20), (told, from, countMax) => {
      const departed = createDeparted(0);
      for (const { number, isPlaced } of told) {
        departed.add([{ number, place: isPlaced ? placeOf(number) : undefined }]);
      }
      const numbers = new Set(told.map(({ number }) => number));
      const placed = new Set(told.filter(({ isPlaced }) => isPlaced).map(({ number }) => number));
      for (let number = 0; number <= 60; number++) assert.equal(departed.has(number), numbers.has(number));
      assert.deepEqual(new Set(departed.unplaced(61)), numbers.difference(placed));
      assert.equal(departed.unplaced(3).length, Math.min(3, numbers.size - placed.size));
      const places = [...placed].map(placeOf).toSorted((a, b) => a - b);
      assert.deepEqual(departed.placesFrom(0, 61), places);
      const fromThere = places.filter((place) => place >= from);
      assert.deepEqual(departed.placesFrom(from, countMax), fromThere.slice(0, countMax));
      assert.equal(departed.countWithin(from, 61), fromThere.length);
    }),
  );
});
