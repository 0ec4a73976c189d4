import assert from 'node:assert/strict';
import test from 'node:test';
import { isQuoteOf, priceChanges } from './price-change.ts';

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

test('a quote is of a cart with the same units of the same variants, on however many lines', () => {
  const quote = { currency: 'USD', lines: [quoteLine('a', 3), quoteLine('b', 1)] };
  const isOf = (lines: ReturnType<typeof cartLine>[], currency = 'USD') => isQuoteOf({ currency, lines }, quote);
  assert.equal(isOf([cartLine('a', 1), cartLine('b', 1), cartLine('a', 2)]), true);
  assert.equal(isOf([cartLine('a', 3), cartLine('b', 1)], 'EUR'), false);
  assert.equal(isOf([cartLine('a', 3)]), false);
  assert.equal(isOf([cartLine('a', 3), cartLine('b', 2)]), false);
  assert.equal(isOf([cartLine('a', 3), cartLine('b', 1), cartLine('c', 1)]), false);
  assert.equal(isOf([]), false);
});
