import assert from 'node:assert/strict';
import test from 'node:test';
import { tagsTouchedBy } from './tags.ts';

const touched = (topic: string, payload: object) =>
  tagsTouchedBy({ topic, payload: { version: 1, ...payload } }).toSorted();

test('a changed product touches its page, its variants, and every list above it or that it left, once', () => {
  const payload = {
    slug: 'river-flask',
    variantIds: ['v1'],
    retiredVariantIds: ['v0'],
    collections: ['outdoor/water', 'outdoor/gifts'],
    leftCollections: ['kitchen/flasks'],
  };
  assert.deepEqual(touched('product.changed', payload), [
    'list:kitchen',
    'list:kitchen/flasks',
    'list:outdoor',
    'list:outdoor/gifts',
    'list:outdoor/water',
    'product:river-flask',
    'products',
    'variant:v0',
    'variant:v1',
  ]);
});

test('only a top collection is in the navigation', () => {
  assert(touched('collection.changed', { path: 'outdoor' }).includes('navigation'));
  assert(!touched('collection.changed', { path: 'outdoor/water' }).includes('navigation'));
  assert(touched('collection.changed', { path: 'outdoor/water' }).includes('list:outdoor'));
});

test('a sale touches the products whose price it changes, and moved stock its variant alone', () => {
  assert.deepEqual(touched('sale.changed', { saleId: 's', variantIds: ['v'] }), ['sale:s', 'sales', 'variant:v']);
  assert.deepEqual(touched('stock.moved', { variantId: 'v' }), ['variant:v']);
});

test('a waiting room that is switched touches the pages of sales', () => {
  assert.deepEqual(touched('waiting-room.changed', {}), ['rooms']);
});

test('other events touch nothing', () => {
  assert.deepEqual(touched('order.placed', { orderId: 'o' }), []);
});

test('a switch of the search touches what was found before, any other switch nothing that is kept', () => {
  assert.deepEqual(touched('switch.changed', { name: 'search' }), ['searches']);
  assert.deepEqual(touched('switch.changed', { name: 'wall' }), []);
});
