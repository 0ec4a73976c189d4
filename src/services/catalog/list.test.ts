import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { problemSlug } from '../../platform/api/problem.ts';
import type { ProductInput } from './api.ts';
import { pathsDownTo } from './collection-path.ts';
import { fromPrices } from './from-price.ts';
import { titleKeyOf } from './search-text.ts';
import { ok, product, testCatalog } from './testing.ts';

const { ctx, catalog, put, list } = await testCatalog();

const titles = ['Anchor', 'anchor', 'Ångström', 'Buoy', 'Çapa', 'Zephyr', '42 knots', 'Ärmel', 'ＷＩＤＥ'];
const paths = ['deck', 'deck/ropes', 'deck/ropes/thin', 'galley'];
const stock: ProductInput[] = Array.from({ length: 60 }, (_, n) => {
  const prices = [
    ...(n % 5 === 0 ? [] : [{ currency: 'USD', amountMinor: 100 * (n % 7) }]),
    ...(n % 3 === 0 ? [{ currency: 'EUR', amountMinor: 50 * (n % 4) }] : []),
  ];
  return {
    slug: `item-${n}`,
    title: `${titles[n % titles.length]}`,
    vendor: n % 2 === 0 ? 'Even' : 'Odd',
    state: n % 11 === 10 ? 'draft' : 'published',
    collections: n % 4 === 3 ? [] : [paths[(n >> 2) % paths.length] ?? ''],
    variants: [
      { sku: `ITEM-${n}`, prices },
      { sku: `ITEM-${n}-XL`, prices: prices.map((price) => ({ ...price, amountMinor: price.amountMinor + 1000 })) },
    ],
  };
});
// One after the other and a moment apart, so that their ids have an order.
const productIds = new Map<string, string>();
for (const item of stock) {
  ctx.clock.advance(1);
  const [result] = await put(item);
  productIds.set(item.slug, result?.productId ?? '');
}

type Query = NonNullable<Parameters<typeof list>[0]>;
const anyQuery = fc.record(
  {
    collection: fc.constantFrom(...paths, 'no-such'),
    vendor: fc.constantFrom('Even', 'Odd', 'Nobody'),
    currency: fc.constantFrom('USD', 'EUR', 'JPY'),
    priceMinMinor: fc.integer({ min: 0, max: 400 }),
    priceMaxMinor: fc.integer({ min: 100, max: 700 }),
    sort: fc.constantFrom('newest', 'title', 'price', '-price'),
    limit: fc.integer({ min: 1, max: 25 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Query>;

/** What a list is, said once more in the plainest way. */
function expected({ collection, vendor, currency = 'USD', priceMinMinor, priceMaxMinor, sort }: Query): string[] {
  const priceOf = (item: ProductInput) =>
    fromPrices(item.variants).find((price) => price.currency === currency)?.amountMinor;
  const idOf = (item: ProductInput) => productIds.get(item.slug) ?? '';
  const compare = (one: string | number, other: string | number) => (one < other ? -1 : one > other ? 1 : 0);
  const newest = (one: ProductInput, other: ProductInput) => compare(idOf(other), idOf(one));
  const shown = stock.filter(
    (item) =>
      item.state === 'published' &&
      (collection === undefined || (item.collections ?? []).flatMap(pathsDownTo).includes(collection)) &&
      (vendor === undefined || item.vendor === vendor) &&
      (priceMinMinor === undefined || (priceOf(item) ?? -1) >= priceMinMinor) &&
      (priceMaxMinor === undefined || (priceOf(item) ?? Number.POSITIVE_INFINITY) <= priceMaxMinor),
  );
  const [priced, unpriced] = [
    shown.filter((item) => priceOf(item) !== undefined),
    shown.filter((item) => priceOf(item) === undefined).sort(newest),
  ];
  const byPrice = (one: ProductInput, other: ProductInput) =>
    compare(priceOf(one) ?? 0, priceOf(other) ?? 0) || compare(idOf(one), idOf(other));
  const byTitle = (one: ProductInput, other: ProductInput) =>
    compare(titleKeyOf(one.title), titleKeyOf(other.title)) || compare(idOf(one), idOf(other));
  const sorted = {
    newest: () => shown.sort(newest),
    title: () => shown.sort(byTitle),
    price: () => [...priced.sort(byPrice), ...unpriced],
    '-price': () => [...priced.sort(byPrice).reverse(), ...unpriced],
  };
  return sorted[sort ?? 'newest']().map((item) => item.slug);
}

test('whatever is asked for, the pages together are the whole list in its order, each product once', async () => {
  await fc.assert(
    fc.asyncProperty(anyQuery, async (query) => {
      assert.deepEqual(await list(query), expected(query));
    }),
    { numRuns: 150 },
  );
});

test('numbered pages are cut from the same list, which they say the length of', async () => {
  await fc.assert(
    fc.asyncProperty(anyQuery, fc.integer({ min: 0, max: 70 }), async (query, offset) => {
      const { items, totalCount } = ok(await catalog.listCards({ body: { ...query, offset } })).body;
      const whole = expected(query);
      assert.deepEqual(
        items.map(({ slug }) => slug),
        whole.slice(offset, offset + (query.limit ?? 24)),
      );
      assert.equal(totalCount, whole.length);
    }),
    { numRuns: 150 },
  );
});

test('titles are sorted without regard to case and accents', async () => {
  const { body } = ok(await catalog.listProducts({ query: { sort: 'title', limit: 100 } }));
  assert.deepEqual(
    [...new Set(body.items.map(({ title }) => title))],
    ['42 knots', 'Anchor', 'anchor', 'Ångström', 'Ärmel', 'Buoy', 'Çapa', 'ＷＩＤＥ', 'Zephyr'],
  );
});

test('what is shown of a product: its first picture, its lowest price, how many variants', async () => {
  await put(
    product('shown', {
      title: 'Shown',
      vendor: 'Exhibitor',
      media: [{ url: 'https://example.com/1.jpg' }, { url: 'https://example.com/2.jpg' }],
      variants: [
        { sku: 'SH-1', prices: [{ currency: 'USD', amountMinor: 900 }] },
        { sku: 'SH-2', prices: [{ currency: 'USD', amountMinor: 700, compareAtMinor: 800 }] },
        { sku: 'SH-3', prices: [] },
      ],
    }),
  );
  const { body } = ok(await catalog.listProducts({ query: { vendor: 'Exhibitor' } }));
  const [{ productId, ...summary } = {}] = body.items as Partial<(typeof body.items)[number]>[];
  assert.deepEqual(summary, {
    slug: 'shown',
    title: 'Shown',
    vendor: 'Exhibitor',
    media: { url: 'https://example.com/1.jpg' },
    fromPrice: { currency: 'USD', amountMinor: 700, compareAtMinor: 800 },
    variantCount: 3,
    createdAtMs: ctx.clock.nowMs(),
  });
});

test('a list that is being read neither skips nor repeats while others come, go and change', async () => {
  const base = Array.from({ length: 40 }, (_, n) => `moving-${String(n).padStart(2, '0')}`);
  await put(...base.map((slug) => product(slug, { vendor: 'Mover' })));
  for (const sort of ['newest', 'title', 'price', '-price'] as const) {
    const seen: string[] = [];
    let cursor: string | undefined;
    let round = 0;
    do {
      const query = { vendor: 'Mover', sort, limit: 7, ...(cursor && { cursor }) };
      const { body } = ok(await catalog.listProducts({ query }));
      seen.push(...body.items.map(({ slug }) => slug));
      cursor = body.nextCursor;
      round += 1;
      ctx.clock.advance(10);
      // New ones at every place of the order, in the middle of the reading; a description does not move a product.
      await put(
        product(`moving-${String(round * 5).padStart(2, '0')}-${sort === '-price' ? 'down' : sort}`, {
          vendor: 'Mover',
        }),
        product(base[round] ?? 'moving-39', { vendor: 'Mover', description: `${sort} ${round}` }),
      );
    } while (cursor !== undefined && round < 50);
    assert.equal(new Set(seen).size, seen.length, `${sort} repeats`);
    const missed = base.filter((slug) => !seen.includes(slug));
    assert.deepEqual(missed, [], `${sort} skips`);
  }
});

test('a cursor is good for its own list alone, and made-up ones are refused', async () => {
  const { body } = ok(await catalog.listProducts({ query: { sort: 'title', limit: 2 } }));
  const cursor = body.nextCursor;
  assert(cursor);
  const bad = [
    { sort: 'price' as const, cursor },
    { sort: 'title' as const, vendor: 'Odd', cursor },
    { sort: 'title' as const, cursor: `${cursor}x` },
    { cursor: 'eyJhZnRlciI6WyJ4IixudWxsLCJ4Il19' },
    { cursor: '' },
  ];
  for (const query of bad) {
    const reply = await catalog.listProducts({ query });
    assert('problem' in reply && problemSlug(reply) === 'bad-request', JSON.stringify(query));
    assert.equal(reply.problem.errors?.[0]?.pointer, '#query/cursor');
  }
  // How many are asked for is no part of which list it is.
  ok(await catalog.listProducts({ query: { sort: 'title', limit: 50, cursor } }));
});

test('the tree says how many published products are in each collection and below it', async () => {
  const { body } = ok(await catalog.listCollections({}));
  const published = stock.filter(({ state }) => state === 'published');
  for (const path of paths) {
    const found = body.items.find((collection) => collection.path === path);
    const count = published.filter(({ collections }) => (collections ?? []).flatMap(pathsDownTo).includes(path)).length;
    assert.equal(found?.productCount, count, path);
  }
});
