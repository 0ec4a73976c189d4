import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Product } from '../services/catalog/api.ts';
import { absoluteUrl } from './absolute-url.ts';
import { productData } from './product/structured-data.ts';

const shop = 'https://shop.example';

test('an address is told in full, or not at all', () => {
  const cases: [string, string | undefined][] = [
    ['/media/a.svg', 'https://shop.example/media/a.svg'],
    ['https://cdn.example/a b.jpg', 'https://cdn.example/a%20b.jpg'],
    ['//cdn.example/a.jpg', 'https://cdn.example/a.jpg'],
    ['https://', undefined],
    ['http://my host/x.jpg', undefined],
    ['http://[::1/x.jpg', undefined],
    ['javascript:alert(1)', undefined],
    ['data:image/png;base64,AA', undefined],
  ];
  for (const [address, expected] of cases) assert.equal(absoluteUrl(address, shop), expected, address);
});

test('whatever is in the catalogue, nothing is thrown', () => {
  fc.assert(fc.property(fc.string(), (address) => void absoluteUrl(address, shop)));
  fc.assert(fc.property(fc.string(), (rest) => void absoluteUrl(`http://${rest}`, shop)));
});

test('a picture without an address that holds is left out of what search engines read', () => {
  const mediaId = 'a'.repeat(22);
  const media = ['https://', 'http://my host/x.jpg', `/media/${mediaId}.svg`].map((url) => ({ url }));
  const product = { media, variants: [], collections: [] } as unknown as Product;
  const page = { product, variants: [], title: 'T', description: '', url: shop, currency: 'USD', publicUrl: shop };
  const { image } = productData(page) as { image: string[] };
  assert.deepEqual(image, [`https://shop.example/media/${mediaId}-1280.jpg`]);
});
