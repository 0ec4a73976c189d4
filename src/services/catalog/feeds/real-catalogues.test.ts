import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { sharedDataFile } from '../../../platform/testing/shared-data.ts';
import type { ProductInput } from '../api.ts';
import { testFolder, testImport, testShop, writeFeed } from './testing.ts';

/** Catalogues that nobody on this project made up, with the defects that their README counts. */
const readme = sharedDataFile('README.md');
const skip = readme ? false : 'the real catalogues are not here: set ONRUSH_SHARED_DATA to the folder that has them';
const folder = testFolder();

const catalogue = (path: string) => fileURLToPath(sharedDataFile(`catalogue/${path}`) as URL);
const mappingText = (name: string) =>
  readFileSync(new URL(`../../../../mappings/${name}.yaml`, import.meta.url), 'utf8');

/** The beginning of a large file, so that tests stay short; the whole is read by `npm run bench -- import`. */
function beginning(path: string, lineCount: number): string {
  const text = gunzipSync(readFileSync(catalogue(path))).toString();
  return writeFeed(
    folder,
    path.replaceAll('/', '-').replace('.gz', ''),
    text
      .split('\n')
      .slice(0, lineCount + 1)
      .join('\n'),
  );
}

const hasPrice = ({ variants }: ProductInput) => variants.some(({ prices }) => prices.length > 0);

test('pc-parts: rows, repetitions and missing prices are those that its README counts', { skip }, async () => {
  const files: Record<string, [rows: number, withoutPrice: number, repeats: number]> = {
    'case-accessory': [8, 8, 0],
    'case-fan': [2744, 1744, 179],
    cpu: [1413, 866, 233],
    'external-hard-drive': [690, 386, 46],
    'fan-controller': [54, 45, 0],
    os: [62, 50, 11],
    'power-supply': [3438, 2871, 67],
    ups: [702, 400, 1],
    webcam: [78, 19, 4],
  };
  for (const [name, [rows, withoutPrice, repeats]] of Object.entries(files)) {
    const feed = { files: [catalogue(`pc-parts/${name}.jsonl.gz`)] };
    const { outcome, products, told } = await testImport(feed, { mapping: mappingText('pc-parts') });
    const { summary } = outcome;
    assert.deepEqual([summary.rows, summary.duplicates, summary.refused], [rows, repeats, 0], name);
    assert.equal(products.length, rows - repeats);
    // The README counts rows; of those without price some are repetitions.
    const unpriced = products.filter((product) => !hasPrice(product)).length;
    assert(unpriced <= withoutPrice && unpriced >= withoutPrice - repeats, name);
    assert.equal(told.length, repeats);
    assert(products.every(({ state }) => state === 'published'));
  }
});

test('icecat: every barcode, every attribute, cents as cents', { skip }, async () => {
  const file = catalogue('icecat/products-4.json.gz');
  const raw = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Record<string, unknown>[];
  const { products, outcome } = await testImport({ files: [file] }, { mapping: mappingText('icecat') });
  assert.deepEqual([outcome.summary.rows, outcome.summary.refused, products.length], [4406, 0, 4406]);
  for (const [index, product] of products.entries()) {
    const row = raw[index] ?? {};
    assert.equal(product.variants[0]?.prices[0]?.amountMinor, row.price);
    assert.deepEqual(product.variants[0]?.barcodes, row.ean);
    const attributes = Object.keys(row).filter((name) => name.startsWith('attr_'));
    assert.equal(Object.keys(product.attributes ?? {}).length, attributes.length + 2);
    assert.doesNotMatch(product.description ?? '', /<(br|ul|li|p|b)\b/i);
  }
});

test('bestbuy: SKUs out of image names, entities decoded, repeated names kept apart', { skip }, async () => {
  const feed = { files: [catalogue('bestbuy/cell-phones-3291.json.gz')] };
  const { products, outcome } = await testImport(feed, { mapping: mappingText('bestbuy-cell-phones') });
  assert.deepEqual([outcome.summary.rows, outcome.summary.refused, products.length], [3291, 0, 3291]);
  assert.equal(new Set(products.map(({ title }) => title)).size, 3229);
  assert(products.every(({ variants }) => /^bb-\d+$/.test(variants[0]?.sku ?? '')));
  assert(products.every(({ description = '' }) => !/&#?\w+;/.test(description)));
  assert(products.every(({ collections }) => collections?.[0]?.startsWith('cell-phones')));
});

test('ikea: 3,694 rows are 2,962 items, with all their categories and 654 old prices of rows', { skip }, async () => {
  const feed = { files: [catalogue('ikea-sa/ikea.csv.gz')] };
  const { products, outcome, entries } = await testImport(feed, { mapping: mappingText('ikea-sa') });
  const { rows, refused, joined } = outcome.summary;
  assert.deepEqual([rows, refused, joined, products.length], [3694, 0, 732, 2962]);
  assert.deepEqual(entries, []);
  const places = products.reduce((sum, { collections = [] }) => sum + collections.length, 0);
  assert.equal(places, 3694);
  assert(products.every(({ variants }) => /^s?\d{8}$/.test(variants[0]?.sku ?? '')));
  const reduced = products.filter(({ variants }) => variants[0]?.prices[0]?.compareAtMinor !== undefined);
  const rowsReduced = reduced.reduce((sum, { collections = [] }) => sum + collections.length, 0);
  assert(rowsReduced > 600 && rowsReduced <= 654, String(rowsReduced));
  // No product text passes for a designer.
  assert(products.every(({ attributes }) => !/\d{3}\.\d{3}\.\d{2}/.test(String(attributes?.designer ?? ''))));
});

test('olist: categories in English from the file beside it, weights in grams', { skip }, async () => {
  const table = 'product_category_name_translation.csv';
  const file = beginning('olist/olist_products_dataset.csv.gz', 3000);
  writeFeed(dirname(file), table, readFileSync(catalogue(`olist/${table}`)));
  const { products, outcome } = await testImport({ files: [file] }, { mapping: mappingText('olist') });
  assert.deepEqual([outcome.summary.rows, outcome.summary.refused, products.length], [3000, 0, 3000]);
  assert.equal(products[0]?.title, 'perfumery 1e9e8ef04dbcff4541ed26657ea517e5');
  assert.equal(products[0]?.variants[0]?.weightGrams, 225);
  assert(products.every(({ state }) => state === 'draft'));
});

test('complete-journey: titles made of what there is, no goods left out', { skip }, async () => {
  const file = beginning('complete-journey/products.csv.gz', 6000);
  const { products, outcome } = await testImport({ files: [file] }, { mapping: mappingText('complete-journey') });
  const { rows, refused, skipped } = outcome.summary;
  assert.deepEqual([rows, refused], [6000, 0]);
  assert.equal(products.length, rows - skipped);
  assert.equal(products[0]?.title, 'ICE - CRUSHED/CUBED, 22 LB');
  assert.deepEqual(products[0]?.collections, ['grocery/frzn-ice']);
  assert(products.every(({ title }) => title !== ''));
});

test('a mapping that does not fit a file is told before anything is written', { skip }, async () => {
  const { outcome } = await testImport(
    { files: [catalogue('complete-journey/products.csv.gz')] },
    { mapping: mappingText('ikea-sa') },
  );
  assert.match(JSON.stringify(outcome.stopped), /names the column “link”, which the file lacks/);
  const own = await testImport({ files: [catalogue('complete-journey/products.csv.gz')] });
  assert.match(JSON.stringify(own.outcome.stopped), /has columns of its own .* Say with --mapping/);
});

test('the shop takes them all, and the same files again change nothing', { skip }, async () => {
  const shop = await testShop();
  const parts = ['pc-parts/external-hard-drive.jsonl.gz', 'pc-parts/webcam.jsonl.gz'].map(catalogue);
  const feeds: [mapping: string, files: string[]][] = [
    ['pc-parts', parts],
    ['ikea-sa', [beginning('ikea-sa/ikea.csv.gz', 400)]],
    ['olist', [join(folder, 'olist-olist_products_dataset.csv')]],
    ['complete-journey', [beginning('complete-journey/products.csv.gz', 500)]],
  ];
  for (const [mapping, files] of feeds) {
    const options = { mapping: mappingText(mapping), sink: shop.sink };
    const first = await testImport({ files }, options);
    assert.equal(first.outcome.summary.refused, 0, mapping);
    assert.equal(first.outcome.summary.created, first.products.length, mapping);
    const events = await shop.eventCount();
    const again = await testImport({ files }, options);
    assert.equal(again.outcome.summary.unchanged, first.products.length, mapping);
    assert.equal(await shop.eventCount(), events);
  }
});
