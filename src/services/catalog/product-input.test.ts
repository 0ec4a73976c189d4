import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { ProductInput } from './api.ts';
import { asInput, normaliseProduct } from './product-input.ts';
import { anyProduct, product } from './testing.ts';

const currencies = new Set(['USD', 'EUR', 'JPY', 'KWD']);
const normalise = (input: ProductInput) => normaliseProduct(input, (code) => currencies.has(code));

function normal(input: ProductInput) {
  const normalised = normalise(input);
  assert(normalised.kind === 'normal', JSON.stringify(normalised));
  return normalised;
}

test('the normal form, written as an input, normalises to itself', () => {
  fc.assert(
    fc.property(anyProduct, (input) => {
      const first = normal(input);
      const second = normal(asInput(first.product));
      assert.deepEqual(second.product, first.product);
      assert(second.contentHash.equals(first.contentHash));
    }),
  );
});

test('stock is no part of the product, and what is left out is what it stands for', () => {
  const bare = normal(product('a'));
  const same: Partial<ProductInput>[] = [
    { description: '' },
    { vendor: '' },
    { state: 'published' },
    { collections: [] },
    { media: [] },
    { attributes: {} },
    { optionNames: [] },
    { translations: {} },
    { translations: { de: {}, fr: { title: ' ', description: '', attributes: {}, options: { Size: '' } } } },
    {
      variants: [
        { sku: 'A', prices: [{ currency: 'USD', amountMinor: 1000 }], onHand: 5, barcodes: [''], options: {} },
      ],
    },
  ];
  for (const fields of same) {
    assert(normal(product('a', fields)).contentHash.equals(bare.contentHash), JSON.stringify(fields));
  }
});

test('anything else that differs makes another product', () => {
  const variant = { sku: 'A', prices: [{ currency: 'USD', amountMinor: 1000 }] };
  const different: Partial<ProductInput>[] = [
    { title: 'A' },
    { description: ' ' },
    { vendor: 'V' },
    { state: 'draft' },
    { collections: ['x'] },
    { media: [{ url: 'https://example.com' }] },
    { media: [{ url: 'https://example.com', width: 10 }] },
    { media: [{ url: 'https://example.com', width: 10, height: 20 }] },
    { translations: { de: { title: 'A' } } },
    { translations: { fr: { title: 'A' } } },
    { translations: { de: { title: 'B' } } },
    { translations: { de: { description: 'A' } } },
    { translations: { de: { attributes: { a: 1 } } } },
    { translations: { de: { options: { a: 'A' } } } },
    { attributes: { a: 1 } },
    { attributes: { a: '1' } },
    { attributes: { a: true } },
    { optionNames: ['Size'] },
    { variants: [{ ...variant, weightGrams: 0 }] },
    { variants: [{ ...variant, barcodes: ['1'] }] },
    { variants: [{ ...variant, prices: [] }] },
    { variants: [{ ...variant, prices: [{ currency: 'USD', amountMinor: 1000, compareAtMinor: 0 }] }] },
    { variants: [variant, { sku: 'B', prices: [] }] },
    { variants: [{ sku: 'B', prices: [] }, variant] },
  ];
  const hashes = [{}, ...different].map((fields) => normal(product('a', fields)).contentHash.toString('hex'));
  assert.equal(new Set(hashes).size, hashes.length);
});

test('languages stand under their canonical tags, in the order of these', () => {
  const { product: made, contentHash } = normal(
    product('a', { translations: { 'zh-hans-cn': { title: '甲' }, DE: { title: 'A' } } }),
  );
  assert.deepEqual(Object.entries(made.translations ?? {}), [
    ['de', { title: 'A' }],
    ['zh-Hans-CN', { title: '甲' }],
  ]);
  const again = normal(product('a', { translations: { de: { title: 'A' }, 'zh-Hans-CN': { title: '甲' } } }));
  assert(again.contentHash.equals(contentHash));
});

test('option names are those given, then those that variants bring', () => {
  const { product: made } = normal(
    product('a', {
      optionNames: ['Size'],
      variants: [
        { sku: 'A', options: { Colour: 'Red', Size: 'M' }, prices: [] },
        { sku: 'B', options: { Fit: 'Slim' }, prices: [] },
      ],
    }),
  );
  assert.deepEqual(made.optionNames, ['Size', 'Colour', 'Fit']);
  assert.deepEqual(Object.keys(made.variants[0]?.options ?? {}), ['Size', 'Colour']);
});

const usd = { currency: 'USD', amountMinor: 1 };
const refusals: [Partial<ProductInput>, RegExp][] = [
  [{ title: ' \t ' }, /^Its title is blank\.$/],
  [{ collections: ['Shoes'] }, /^“Shoes” is not a collection path/],
  [{ collections: ['a/b/c/d/e/f/g/h/i/j/k'] }, /at most 10 levels/],
  [{ variants: [{ sku: 'X', prices: [usd, usd] }] }, /^SKU “X” has two prices in USD\.$/],
  [
    { variants: [{ sku: 'X', prices: [{ currency: 'XYZ', amountMinor: 1 }] }] },
    /^“XYZ”, a currency of SKU “X”, is not in ISO/,
  ],
  [{ variants: ['X', 'X'].map((sku) => ({ sku, prices: [] })) }, /^Two of its variants have the SKU “X”\.$/],
  [{ variants: [{ sku: 'X', prices: [], options: { '': 'M' } }] }, /^One of its options has no name\.$/],
  [
    { optionNames: ['a', 'b', 'c', 'd', 'e'], variants: [{ sku: 'X', prices: [], options: { f: '1' } }] },
    /6 options; 5 are/,
  ],
  [{ attributes: { a: Number.POSITIVE_INFINITY } }, /^Its attribute “a” is not a finite number\.$/],
  [{ attributes: { 'a\u0000': 1 } }, /^Its attributes holds a control character/],
  [{ attributes: { a: '\ud83d' } }, /half of a character/],
  [{ optionNames: ['\u001f'] }, /^Its option names holds/],
  [{ media: [{ url: 'https://example.com/\u0001' }] }, /^Its media holds/],
  [{ variants: [{ sku: 'X', prices: [], barcodes: ['1\u00002'] }] }, /^Its barcodes holds/],
  [{ variants: [{ sku: 'X\u007f', prices: [] }] }, /^Its SKU holds/],
  [{ translations: { 'a-x': { title: 'A' } } }, /^“a-x” is not a language tag/],
  [{ translations: { de: {}, DE: {} } }, /^It has two translations for “de”\.$/],
  [{ translations: { de: { attributes: { a: Number.NaN } } } }, /^Its attribute “a” is not a finite number\.$/],
  [{ translations: { de: { options: { 'a\u0000': 'b' } } } }, /^Its translations holds a control character/],
];

for (const [fields, reason] of refusals) {
  test(`refused: ${reason.source}`, () => {
    const normalised = normalise(product('a', fields));
    assert(normalised.kind === 'refused');
    assert.match(normalised.reason, reason);
  });
}

test('what only looks like an escape is text', () => {
  const { product: made } = normal(product('a', { description: 'C:\\users\\bin\\foo \\u0000 line\r\nbreak\ttab 😀' }));
  assert.equal(made.description, 'C:\\users\\bin\\foo \\u0000 line\r\nbreak\ttab 😀');
});
