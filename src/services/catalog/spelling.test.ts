import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { candidatesFor, choose, errorCount, errorsAllowed, isDoubtful, neighbours } from './spelling.ts';

const anyWord = fc.string({ unit: fc.constantFrom(...'abcde'), minLength: 3, maxLength: 7 });

const counts: [one: string, other: string, errors: number][] = [
  ['lamp', 'lamp', 0],
  ['lamp', 'clamp', 1],
  ['lamp', 'amp', 1],
  ['lamp', 'lump', 1],
  ['lamp', 'lapm', 1],
  ['corsiar', 'corsair', 1],
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
  ['keybord', 'keyboard', 1],
];

test('errors are counted as people make them', () => {
  for (const [one, other, errors] of counts) {
    assert.equal(errorCount(one, other, 9), errors, `${one} ${other}`);
    assert.equal(errorCount(other, one, 9), errors, `${other} ${one}`);
    if (errors > 0) assert.equal(errorCount(one, other, errors - 1), errors, 'no more than one above the bound');
  }
});

test('the neighbours of a short word are exactly the words one error away', () => {
  fc.assert(
    fc.property(anyWord, anyWord, (word, other) => {
      assert.equal(neighbours(word).includes(other), errorCount(word, other, 1) === 1);
    }),
    { numRuns: 2000 },
  );
});

test('every neighbour is one error away', () => {
  for (const word of ['usb', 'lamp', 'geforce']) {
    for (const neighbour of neighbours(word)) assert.equal(errorCount(word, neighbour, 2), 1, neighbour);
  }
});

test('no word is corrected to itself, nor to one that is too far away', () => {
  fc.assert(
    fc.property(anyWord, fc.array(anyWord), (typed, known) => {
      for (const { word, errorCount: errors } of candidatesFor(typed, known)) {
        assert.notEqual(word, typed);
        assert.equal(errorCount(typed, word, 5), errors);
        assert(errors <= errorsAllowed(typed));
      }
    }),
  );
});

test('the likeliest correction has the fewest errors, the same first letter, and the most products', () => {
  const candidates = candidatesFor('tonr', ['tour', 'toner', 'donr', 'tones', 'torn', 'lamp', 'tonr']);
  assert.deepEqual(new Set(candidates.map(({ word }) => word)), new Set(['tour', 'toner', 'donr', 'torn']));
  const productCounts = new Map([
    ['toner', 90],
    ['tour', 2],
    ['donr', 500],
  ]);
  assert.deepEqual(choose('tonr', candidates, productCounts), ['toner', 'tour', 'donr']);
});

test('a word is doubted where many more products have one that is like it', () => {
  const candidates = [{ word: 'toner', errorCount: 1 }];
  const isDoubted = (typedCount: number, tonerCount: number) =>
    isDoubtful('tonr', candidates, new Map(Object.entries({ tonr: typedCount, toner: tonerCount })));
  assert.equal(isDoubted(0, 1), true);
  assert.equal(isDoubted(0, 0), false);
  assert.equal(isDoubted(1, 10), false);
  assert.equal(isDoubted(1, 11), true);
  assert.equal(isDoubted(200, 200), false);
});
