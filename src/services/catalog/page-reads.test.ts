import assert from 'node:assert/strict';
import test from 'node:test';
import { ok, product, testCatalog } from './testing.ts';

const { ctx, catalog, put } = await testCatalog();

const usd = (amountMinor: number) => [{ currency: 'USD', amountMinor }];
/** One after the other and a moment apart, so that their ids have an order. */
async function putInOrder(...products: Parameters<typeof put>): Promise<void> {
  for (const each of products) {
    ctx.clock.advance(1);
    await put(each);
  }
}

await putInOrder(
  ...[1, 2, 3, 4, 5].map((n) =>
    product(`tent-${n}`, { vendor: n < 4 ? 'Tern' : 'Heron', collections: ['camp/tents'] }, n * 100),
  ),
  product('stove', { vendor: 'Heron', collections: ['camp/kitchen', 'gifts'] }, 50),
  product('mug', { vendor: 'Auk', collections: ['gifts'], variants: [{ sku: 'MUG', prices: [] }] }),
  product('candle', { collections: ['gifts'] }, 9000),
  product('hidden', { collections: ['camp/tents'], state: 'draft' }, 1),
  product('alone', { translations: { 'zh-hans': { title: '独自' } } }),
);

async function related(slugs: string[], limit: number): Promise<Record<string, string[]>> {
  const { items } = ok(await catalog.getRelated({ body: { slugs, limit } })).body;
  return Object.fromEntries(items.map((item) => [item.slug, item.related.map(({ slug }) => slug)]));
}

test('published products are read in the order asked for, as each is read by itself', async () => {
  const slugs = ['mug', 'hidden', 'alone', 'no-such', 'tent-1', 'mug'];
  const { items } = ok(await catalog.readProducts({ body: { slugs } })).body;
  assert.deepEqual(
    items.map(({ slug }) => slug),
    ['mug', 'alone', 'tent-1'],
  );
  for (const item of items) {
    assert.deepEqual(item, ok(await catalog.getProduct({ params: { slug: item.slug } })).body);
  }
  assert.deepEqual(ok(await catalog.readProducts({ body: { slugs: [] } })).body.items, []);
});

test('what was put is read at once', async () => {
  const title = async () => ok(await catalog.readProducts({ body: { slugs: ['fresh'] } })).body.items[0]?.title;
  for (const expected of ['One', 'Two', 'Three']) {
    await put(product('fresh', { title: expected }));
    assert.equal(await title(), expected);
  }
  await put(product('fresh', { state: 'archived' }));
  assert.equal(await title(), undefined);
});

test('slugs are listed in their order, a page behind the other, with the instant of the last change', async () => {
  const seen: string[] = [];
  for (let afterSlug: string | undefined; ; ) {
    const { items } = ok(await catalog.listSlugs({ body: { limit: 3, ...(afterSlug && { afterSlug }) } })).body;
    if (items.length === 0) break;
    seen.push(...items.map(({ slug }) => slug));
    afterSlug = items.at(-1)?.slug;
  }
  assert.deepEqual(seen, ['alone', 'candle', 'mug', 'stove', 'tent-1', 'tent-2', 'tent-3', 'tent-4', 'tent-5']);
  ctx.clock.advance(5000);
  await put(
    product('mug', { title: 'Mug', vendor: 'Auk', collections: ['gifts'], variants: [{ sku: 'MUG', prices: [] }] }),
  );
  const { items } = ok(await catalog.listSlugs({ body: { afterSlug: 'candle', limit: 1 } })).body;
  assert.deepEqual(items, [{ slug: 'mug', updatedAtMs: ctx.clock.nowMs() }]);
});

test('beside a product stand the next older of its deepest collection, then the newest, then those of collections above', async () => {
  assert.deepEqual(await related(['tent-3', 'stove', 'alone', 'hidden', 'no-such'], 4), {
    'tent-3': ['tent-2', 'tent-1', 'tent-5', 'tent-4'],
    // Nothing else is in camp/kitchen. It is in gifts by name, in camp by being in camp/kitchen.
    stove: ['candle', 'mug', 'tent-5', 'tent-4'],
    alone: [],
  });
  assert.deepEqual(await related(['tent-1', 'tent-5'], 2), {
    'tent-1': ['tent-5', 'tent-4'],
    'tent-5': ['tent-4', 'tent-3'],
  });
  assert.deepEqual(await related(['tent-2'], 12), { 'tent-2': ['tent-1', 'tent-5', 'tent-4', 'tent-3', 'stove'] });
});

test('what stands beside many products takes as many statements as beside one, and has prices in the currency asked for', async (t) => {
  await put(
    product('tent-3', {
      vendor: 'Tern',
      collections: ['camp/tents'],
      variants: [{ sku: 'TENT-3', prices: [...usd(300), { currency: 'EUR', amountMinor: 250 }] }],
    }),
  );
  const run = t.mock.method(ctx.database, 'run');
  const ask = async (slugs: string[]) => {
    const before = run.mock.callCount();
    const { items } = ok(await catalog.getRelated({ body: { slugs, limit: 4, currency: 'EUR' } })).body;
    return { items, statementCount: run.mock.callCount() - before };
  };
  const { items, statementCount } = await ask(['tent-4']);
  assert.equal(statementCount, 2);
  assert.equal((await ask(['tent-1', 'tent-2', 'stove', 'mug', 'candle'])).statementCount, 2);
  assert.deepEqual(items[0]?.related[0]?.fromPrice, { currency: 'EUR', amountMinor: 250 });
  assert.equal(items[0]?.related[1]?.fromPrice, undefined);
});

test('facets count the published products of a collection, its vendors and its prices', async () => {
  const facets = async (collection?: string, currency = 'USD') =>
    ok(await catalog.getFacets({ body: { currency, ...(collection !== undefined && { collection }) } })).body;
  assert.deepEqual(await facets('camp'), {
    productCount: 6,
    vendors: [
      { vendor: 'Heron', productCount: 3 },
      { vendor: 'Tern', productCount: 3 },
    ],
    priceMinMinor: 50,
    priceMaxMinor: 500,
  });
  assert.deepEqual(await facets('gifts'), {
    productCount: 3,
    vendors: [
      { vendor: 'Auk', productCount: 1 },
      { vendor: 'Heron', productCount: 1 },
    ],
    priceMinMinor: 50,
    priceMaxMinor: 9000,
  });
  const { vendors: _, ...whole } = await facets();
  assert.deepEqual(whole, { productCount: 9, priceMinMinor: 50, priceMaxMinor: 9000 });
  assert.deepEqual(await facets('gifts', 'JPY'), { productCount: 3, vendors: (await facets('gifts')).vendors });
  assert.deepEqual(await facets('no/such'), { productCount: 0, vendors: [] });
});

test('no more than fifty vendors are told, those with the most products', async () => {
  await put(...Array.from({ length: 60 }, (_, n) => product(`v-${n}`, { vendor: `V${n}`, collections: ['crowd'] })));
  await put(product('v-more', { vendor: 'V59', collections: ['crowd'] }));
  const { vendors } = ok(await catalog.getFacets({ body: { collection: 'crowd', currency: 'USD' } })).body;
  assert.equal(vendors.length, 50);
  assert.deepEqual(vendors[0], { vendor: 'V59', productCount: 2 });
});
