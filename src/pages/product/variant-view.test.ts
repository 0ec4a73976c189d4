import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sale } from '../../services/promotion/api.ts';
import { createSaleBook, type VariantSale } from '../sale-book.ts';
import { stockLevel } from './stock-level.ts';
import { chosenVariant, shownPrice, soldFrom } from './variant-view.ts';

const sale: VariantSale = {
  saleId: 's',
  startsAtMs: 0,
  endsAtMs: 10,
  amountMinor: 900,
  limitPerBuyer: 1,
  isRunning: true,
};
const listed = { prices: [{ currency: 'USD', amountMinor: 1000 }] };

const prices = [
  ['the list price where no sale runs', listed, undefined, { amountMinor: 1000, compareAtMinor: undefined }],
  [
    'the list price while a sale is only announced',
    listed,
    { ...sale, isRunning: false },
    { amountMinor: 1000, compareAtMinor: undefined },
  ],
  ['the price of the sale, and what it was', listed, sale, { amountMinor: 900, compareAtMinor: 1000 }],
  [
    'the dearer of what it was',
    { prices: [{ currency: 'USD', amountMinor: 1000, compareAtMinor: 1200 }] },
    sale,
    { amountMinor: 900, compareAtMinor: 1200 },
  ],
  [
    'nothing struck out where the sale is no cheaper',
    listed,
    { ...sale, amountMinor: 1000 },
    { amountMinor: 1000, compareAtMinor: undefined },
  ],
  [
    'the price of the sale where there is no list price',
    { prices: [] },
    sale,
    { amountMinor: 900, compareAtMinor: undefined },
  ],
  ['no price in another currency', { prices: [{ currency: 'EUR', amountMinor: 1000 }] }, undefined, undefined],
] as const;

for (const [what, variant, offer, expected] of prices) {
  test(`a page shows ${what}`, () => {
    assert.deepEqual(shownPrice({ prices: [...variant.prices] }, 'USD', offer), expected);
  });
}

const drop = (startsAtMs: number, currency: string, isHeldUntilStart: boolean): Sale => ({
  saleId: `${currency} ${startsAtMs}`,
  name: 'Drop',
  startsAtMs,
  endsAtMs: startsAtMs + 1000,
  isHeldUntilStart,
  items: [{ saleItemId: `${currency} ${startsAtMs}`, variantId: 'v', currency, amountMinor: 900 }],
});
const unpriced = { prices: [] };
const atSalePrice = { amountMinor: 900, compareAtMinor: undefined };
const starts = [
  [
    'at the price of the sale that holds it',
    listed,
    [drop(10, 'USD', true)],
    10,
    { ...atSalePrice, compareAtMinor: 1000 },
  ],
  [
    'at its list price when a sale in another currency lets go of it',
    listed,
    [drop(10, 'EUR', true)],
    10,
    { ...atSalePrice, amountMinor: 1000 },
  ],
  ['from the sale on that gives it a price', unpriced, [drop(10, 'USD', false)], 10, atSalePrice],
  [
    'from its own sale on, though another lets go of it before',
    unpriced,
    [drop(10, 'EUR', true), drop(20, 'USD', false)],
    20,
    atSalePrice,
  ],
] as const;
for (const [what, variant, sales, atMs, price] of starts) {
  test(`what is not sold now is sold ${what}`, () => {
    const found = soldFrom({ variantId: 'v', prices: [...variant.prices] }, 'USD', createSaleBook(sales, 'USD', 0));
    assert.deepEqual(found, { atMs, price });
  });
}

test('what is sold now, or never will be as far as is planned, has no start', () => {
  const of = (variant: typeof listed | typeof unpriced, sales: Sale[]) =>
    soldFrom({ variantId: 'v', prices: [...variant.prices] }, 'USD', createSaleBook(sales, 'USD', 0));
  assert.equal(of(listed, []), undefined);
  assert.equal(of(listed, [drop(10, 'USD', false)]), undefined);
  assert.equal(of(listed, [drop(0, 'USD', true)]), undefined);
  assert.equal(of(unpriced, []), undefined);
  assert.equal(of(unpriced, [drop(10, 'EUR', true)]), undefined);
});

test('a choice of options means one variant, and none where it is not made', () => {
  const variants = [
    { id: 1, options: { Size: 'S', Colour: 'Ink' } },
    { id: 2, options: { Size: 'M', Colour: 'Ink' } },
  ];
  assert.equal(chosenVariant(variants, ['Size', 'Colour'], ['M', 'Ink'])?.id, 2);
  assert.equal(chosenVariant(variants, ['Size', 'Colour'], ['M', 'Rust']), undefined);
  assert.equal(chosenVariant(variants, ['Size', 'Colour'], ['M', null]), undefined);
  assert.equal(chosenVariant([{ id: 3, options: {} }], [], [])?.id, 3);
});

test('few units are low, none is none', () => {
  assert.deepEqual([0, 1, 5, 6].map(stockLevel), ['none', 'low', 'low', 'in-stock']);
});
