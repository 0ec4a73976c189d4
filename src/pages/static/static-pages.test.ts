import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShopSettings } from '../../platform/context/context.ts';
import { buildIdOf } from './static-pages.ts';

const shop: ShopSettings = {
  name: 'Shop',
  currency: 'USD',
  taxIncludedBasisPoints: 0,
  quoteTtlMs: 1,
  payWithinMs: 1,
  wall: 'staff',
};
const made = { assetsVersion: 'a', shop, publicUrl: 'https://shop.example' };

test('pages are made anew for any other setting of the shop, and for no other order of the same', () => {
  const others: Partial<ShopSettings>[] = [
    { name: 'Other' },
    { currency: 'EUR' },
    { taxIncludedBasisPoints: 2000 },
    { payWithinMs: 2 },
    { wall: 'public' },
    { securityContact: 'mailto:security@shop.example' },
  ];
  const ids = others.map((other) => buildIdOf({ ...made, shop: { ...shop, ...other } }));
  assert.equal(new Set([buildIdOf(made), ...ids]).size, others.length + 1);
  assert.notEqual(buildIdOf(made), buildIdOf({ ...made, assetsVersion: 'b' }));
  assert.notEqual(buildIdOf(made), buildIdOf({ ...made, publicUrl: 'https://other.example' }));

  const turned = Object.fromEntries(Object.entries(shop).toReversed()) as unknown as ShopSettings;
  assert.equal(buildIdOf(made), buildIdOf({ ...made, shop: turned }));
});
