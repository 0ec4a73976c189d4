import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { sharedDataFile } from '../../platform/testing/shared-data.ts';
import type { ProductInput } from './api.ts';
import { ok, testCatalog } from './testing.ts';

/** Real products with their defects: repeated names, missing prices, HTML in descriptions, a hundred barcodes. */
const cpuFile = sharedDataFile('catalogue/pc-parts/cpu.jsonl.gz');
const icecatFile = sharedDataFile('catalogue/icecat/products-1.json.gz');
const skip =
  cpuFile && icecatFile
    ? false
    : 'the real catalogues are not here: set ONRUSH_SHARED_DATA to the folder that has them';

async function readText(file: URL): Promise<string> {
  return gunzipSync(await readFile(file)).toString();
}

type Row = Record<string, string | number | boolean | null>;

async function readCpus(): Promise<ProductInput[]> {
  const lines = (await readText(cpuFile as URL)).split('\n').filter((line) => line !== '');
  return lines.map((line, index) => {
    const { name, price, ...facts } = JSON.parse(line) as Row;
    const prices = typeof price === 'number' ? [{ currency: 'USD', amountMinor: Math.round(price * 100) }] : [];
    return {
      slug: `cpu-${index}`,
      title: String(name),
      vendor: String(name).split(' ')[0] ?? '',
      collections: ['pc-parts/cpu'],
      attributes: Object.fromEntries(
        Object.entries(facts).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
      ),
      variants: [{ sku: `CPU-${index}`, prices }],
    };
  });
}

async function readIcecat(count: number): Promise<ProductInput[]> {
  const rows = JSON.parse(await readText(icecatFile as URL)) as (Row & { ean: string[] })[];
  return rows.slice(0, count).map((row) => ({
    slug: `icecat-${row.id}`,
    title: String(row.title),
    description: String(row.short_description ?? ''),
    vendor: String(row.supplier),
    media: [{ url: String(row.img_500x500) }],
    attributes: Object.fromEntries(
      Object.entries(row).flatMap(([key, value]) =>
        key.startsWith('attr_') && value !== null && !Array.isArray(value) ? [[key.slice(7), value]] : [],
      ),
    ),
    variants: [
      {
        sku: `IC-${row.id}`,
        barcodes: row.ean,
        prices: [{ currency: 'USD', amountMinor: Number(row.price) }],
      },
    ],
  }));
}

test('real catalogues go in whole, change nothing the second time, and are found in spite of typing errors', {
  skip,
}, async (t) => {
  const { put, search, list, catalog } = await testCatalog();
  const cpus = await readCpus();
  const icecat = await readIcecat(1500);
  const products = [...cpus, ...icecat];

  await t.test('in whole', async () => {
    for (let from = 0; from < products.length; from += 500) {
      const results = await put(...products.slice(from, from + 500));
      const others = results.filter(({ outcome }) => outcome !== 'created');
      assert.deepEqual(others, []);
    }
  });

  await t.test('unchanged the second time, and when their export is put back', async () => {
    for (let from = 0; from < products.length; from += 1000) {
      const results = await put(...products.slice(from, from + 1000));
      assert(results.every(({ outcome }) => outcome === 'unchanged'));
    }
    let exportedCount = 0;
    for (let cursor: string | undefined; ; ) {
      const { body } = ok(await catalog.exportProducts({ query: { limit: 1000, ...(cursor && { cursor }) } }));
      const results = await put(...body.items.map(({ product }) => product));
      assert(results.every(({ outcome }) => outcome === 'unchanged'));
      exportedCount += body.items.length;
      cursor = body.nextCursor;
      if (cursor === undefined) break;
    }
    assert.equal(exportedCount, products.length);
  });

  await t.test('listed whole by price, the unpriced last', async () => {
    const slugs = await list({ collection: 'pc-parts', sort: 'price', limit: 100 });
    assert.equal(new Set(slugs).size, cpus.length);
    const pricedCount = cpus.filter(({ variants }) => (variants[0]?.prices.length ?? 0) > 0).length;
    const bySlug = new Map(cpus.map((cpu) => [cpu.slug, cpu]));
    const amounts = slugs.map(
      (slug) => bySlug.get(slug)?.variants[0]?.prices[0]?.amountMinor ?? Number.POSITIVE_INFINITY,
    );
    assert.deepEqual(
      amounts,
      [...amounts].sort((one, other) => one - other || 0),
    );
    assert.equal(amounts.filter(Number.isFinite).length, pricedCount);
  });

  const finds: [typed: string, title: RegExp][] = [
    ['ryzen 7 9800x3d', /Ryzen 7 9800X3D/],
    ['rysen 9800x3d', /Ryzen 7 9800X3D/],
    ['AMD Ryzn 5', /Ryzen 5/],
    ['intl core i9', /Intel Core i9/i],
    ['threadriper', /Threadripper/],
    ['xerx toner', /Xerox.*toner/i],
    ['tonr cartrige', /toner.*cartridge|cartridge.*toner/i],
    ['0095205603217', /^Xerox 006R90321/],
    ['006R90321', /^Xerox 006R90321/],
    ['IC-3920564', /^Xerox 006R90321/],
  ];
  for (const [typed, title] of finds) {
    await t.test(`“${typed}” finds ${title}`, async () => {
      const [first] = await search(typed);
      assert.match(first?.title ?? '', title);
    });
  }
});
