import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chosenOf, inOrder, nearestWith, valueState } from './choice.ts';

const orders = [
  ['sizes', ['XL', 'S', '3XL', 'M', 'XXS', 'XXL', 'L', 'XS'], ['XXS', 'XS', 'S', 'M', 'L', 'XL', 'XXL', '3XL']],
  ['numbers', ['10', '9', '38.5', '38'], ['9', '10', '38', '38.5']],
  ['numbers of one unit', ['1,5 l', '10 l', '1 l'], ['1 l', '1,5 l', '10 l']],
  ['numbers of several units as given', ['2 kg', '500 g'], ['2 kg', '500 g']],
  ['words as given', ['Rust', 'Ink'], ['Rust', 'Ink']],
  ['sizes among words as given', ['L', 'S', 'One size'], ['L', 'S', 'One size']],
] as const;
for (const [what, given, expected] of orders) {
  test(`values in a sensible order: ${what}`, () => assert.deepEqual(inOrder(given), expected));
}

const variants = [
  { id: 1, options: ['S', 'Ink'], canBuy: true },
  { id: 2, options: ['M', 'Ink'], canBuy: false },
  { id: 3, options: ['L', 'Rust'], canBuy: false },
  { id: 4, options: ['L', 'Moss'], canBuy: true },
];

test('a value says whether it can be had with what else is chosen', () => {
  const states = ['S', 'M', 'L'].map((value) => valueState(variants, ['S', 'Ink'], 0, value));
  assert.deepEqual(states, ['available', 'sold-out', 'not-made']);
  assert.equal(valueState(variants, ['S', 'Ink'], 1, 'Rust'), 'not-made');
});

test('a combination that is not made leads to one with the value just chosen, rather one that can be bought', () => {
  assert.equal(nearestWith(variants, ['L', 'Ink'], 0)?.id, 4);
  assert.equal(nearestWith(variants, ['S', 'Rust'], 1)?.id, 3);
  assert.equal(nearestWith(variants, ['XS', 'Ink'], 0), undefined);
});

test('of those that can be bought, the one that keeps most of the choice', () => {
  const lamps = [
    { id: 1, options: ['S', 'Ink', 'Oak'], canBuy: true },
    { id: 2, options: ['S', 'Rust', 'Oak'], canBuy: true },
  ];
  assert.equal(nearestWith(lamps, ['S', 'Rust', 'Ash'], 0)?.id, 2);
});

test('a variant without an option is chosen where nothing is chosen of it', () => {
  assert.deepEqual(chosenOf([{ options: ['S', undefined] }], ['S', undefined]), { options: ['S', undefined] });
  assert.equal(chosenOf([{ options: ['S', undefined] }], ['S', 'Ink']), undefined);
});

test('a number and its unit are told apart as by a pattern that tries every length of the blanks between them', () => {
  const number = fc.constantFrom('1', '2', '30', '1.5', '1,25', '1.', '.5');
  const value = fc.tuple(number, fc.constantFrom('', ' ', '\t \u00a0'), fc.constantFrom('', 'g', 'g', '. g', 'kg 1'));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), (parts) => {
      const values = parts.map((part) => part.join(''));
      assert.deepEqual(inOrder(values), inOrderOfNumbers(values));
    }),
    { numRuns: 3_000 },
  );
});

function inOrderOfNumbers(values: readonly string[]): readonly string[] {
  const numbers = values.map((value) => /^(\d+(?:[.,]\d+)?)\s*(\D*)$/.exec(value.trim()));
  const isOfOneUnit = numbers.every((number) => number !== null && number[2] === numbers[0]?.[2]);
  const keyOf = (value: string) => Number(numbers[values.indexOf(value)]?.[1]?.replace(',', '.'));
  return isOfOneUnit ? values.toSorted((a, b) => keyOf(a) - keyOf(b)) : values;
}
