import assert from 'node:assert/strict';
import test from 'node:test';
import { priceChanges } from './price-change.ts';

const cartLine = (variantId: string, quantity: number, seenUnitPriceMinor?: number) => ({
  lineId: `${variantId}-${quantity}`,
  variantId,
  quantity,
  ...(seenUnitPriceMinor !== undefined && { seenUnitPriceMinor }),
});
const quoteLine = (variantId: string, quantity: number, unitPriceMinor = 100) => ({
  variantId,
  sku: variantId,
  title: variantId,
  quantity,
  unitPriceMinor,
  discountMinor: 0,
  totalMinor: unitPriceMinor * quantity,
});

test('a change is a price other than the one seen, up or down; what was not seen has none', () => {
  const cart = { lines: [cartLine('a', 1, 100), cartLine('b', 1, 90), cartLine('c', 1, 110), cartLine('d', 1)] };
  const quote = { lines: ['a', 'b', 'c', 'd'].map((variantId) => quoteLine(variantId, 1)) };
  assert.deepEqual(priceChanges(cart, quote), [
    { variantId: 'b', seenMinor: 90, nowMinor: 100 },
    { variantId: 'c', seenMinor: 110, nowMinor: 100 },
  ]);
});
