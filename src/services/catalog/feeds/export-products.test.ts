import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { sharedDataFile } from '../../../platform/testing/shared-data.ts';
import { anyProduct } from '../testing.ts';
import { testFolder, testImport, testShop, writeFeed } from './testing.ts';

const folder = testFolder();
const lines = (products: readonly object[]) => products.map((each) => `${JSON.stringify(each)}\n`).join('');

test('what is exported from one shop and imported into another is exported from it again', async () => {
  const [first, second] = [await testShop(), await testShop()];
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyProduct, { selector: ({ slug }) => slug, minLength: 1, maxLength: 8 }),
      async (products) => {
        await testImport({ text: lines(products) }, { sink: first.sink });
        const exported = await first.export();
        await testImport({ text: lines(exported) }, { sink: second.sink });
        assert.deepEqual(await second.export(), exported);

        // And into the shop that it came from: nothing is new to it.
        const again = await testImport({ text: lines(exported) }, { sink: first.sink });
        const { created, updated, refused, stockChanged } = again.outcome.summary;
        assert.deepEqual(
          { created, updated, refused, stockChanged },
          { created: 0, updated: 0, refused: 0, stockChanged: 0 },
        );
      },
    ),
    { numRuns: 12 },
  );
});

test('what is imported is what is exported, field by field, in slug order', async () => {
  const shop = await testShop();
  const product = {
    slug: 'b-full',
    title: 'Full “of” things\n',
    description: 'Two\nlines\tand <tags> & é 😀',
    vendor: 'Acme',
    state: 'draft' as const,
    collections: ['a/b', 'z'],
    optionNames: ['Size', 'Colour'],
    media: [{ url: 'https://i/1.jpg', alt: 'one', width: 1600, height: 1200 }, { url: 'https://i/2.jpg' }],
    attributes: { zeta: 'z', alpha: 1.5, yes: true, '7': -0.25 },
    variants: [
      {
        sku: 'F-2',
        options: { Size: 'M', Colour: 'Red' },
        barcodes: ['2', '1'],
        prices: [
          { currency: 'EUR', amountMinor: 1, compareAtMinor: 2 },
          { currency: 'USD', amountMinor: 0 },
        ],
        weightGrams: 5,
        onHand: 9,
      },
      { sku: 'F-1', options: { Size: 'S' }, prices: [], onHand: 0 },
    ],
    translations: {
      de: { title: 'Voll <b>' },
      'zh-Hans': {
        title: '满',
        description: '两\n行',
        attributes: { 丙: '丙', 甲: 1.5, '7': true },
        options: { Size: '尺码', Red: '红' },
      },
    },
  };
  const plain = { slug: 'a-plain', title: 'Plain', state: 'published' as const, variants: [{ sku: 'P', prices: [] }] };
  await testImport({ text: lines([product, plain]) }, { sink: shop.sink });
  assert.deepEqual(await shop.export(), [{ ...plain, variants: [{ sku: 'P', prices: [], onHand: 0 }] }, product]);
});

test('what came to 0 units is exported as what never had any, and goes from shop to shop unchanged', async () => {
  const [first, second] = [await testShop(), await testShop()];
  const product = (slug: string, onHand?: number) => ({
    slug,
    title: slug,
    variants: [{ sku: slug, prices: [], ...(onHand !== undefined && { onHand }) }],
  });
  await testImport({ text: lines([product('emptied', 3), product('never')]) }, { sink: first.sink });
  await testImport({ text: lines([product('emptied', 0)]) }, { sink: first.sink });
  const exported = await first.export();
  assert.deepEqual(
    exported.map(({ variants }) => variants[0]?.onHand),
    [0, 0],
  );
  const { outcome } = await testImport({ text: lines(exported) }, { sink: second.sink });
  assert.equal(outcome.summary.stockChanged, 0);
  assert.deepEqual(await second.export(), exported);
});

const icecat = sharedDataFile('catalogue/icecat/products-4.json.gz');
const skip = icecat ? false : 'the real catalogues are not here: set ONRUSH_SHARED_DATA to the folder that has them';

test('a thousand real products go from shop to shop unchanged', { skip }, async () => {
  const [first, second] = [await testShop(), await testShop()];
  const mapping = readFileSync(new URL('../../../../mappings/icecat.yaml', import.meta.url), 'utf8');
  const all = await testImport({ files: [fileURLToPath(icecat as URL)] }, { mapping });
  const sample = writeFeed(folder, 'sample.jsonl', lines(all.products.filter((_, index) => index % 4 === 0)));
  const imported = await testImport({ files: [sample] }, { sink: first.sink });
  assert.equal(imported.outcome.summary.refused, 0);
  const exported = await first.export();
  assert(exported.length > 1000);
  await testImport({ text: lines(exported) }, { sink: second.sink });
  assert.deepEqual(await second.export(), exported);
  const again = await testImport({ files: [sample] }, { sink: first.sink });
  assert.equal(again.outcome.summary.unchanged, exported.length);
});
