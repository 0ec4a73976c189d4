import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { sql } from '../../platform/database/sql.ts';
import type { ProductInput, PutResult } from './api.ts';
import { ok, product, testCatalog } from './testing.ts';

const { ctx, catalog, put, search } = await testCatalog();

test('fifty at once put the same new product: one creates it, and all are given the same ids', async () => {
  const results = await Promise.all(Array.from({ length: 50 }, () => put(product('wanted'))));
  const outcomes = results.map(([result]) => result?.outcome).sort();
  assert.deepEqual(outcomes, ['created', ...Array.from({ length: 49 }, () => 'unchanged')]);
  const ids = new Set(results.map(([result]) => JSON.stringify([result?.productId, result?.variants])));
  assert.equal(ids.size, 1);
});

test('fifty at once put different titles: each is counted, and what stands is one of them, with its variant', async () => {
  const titles = Array.from({ length: 50 }, (_, n) => `Title ${n}`);
  await Promise.all(titles.map((title) => put(product('contended', { title }))));
  const { body } = ok(await catalog.getProduct({ params: { slug: 'contended' } }));
  assert.equal(body.version, 50);
  assert(titles.includes(body.title));
  assert.deepEqual(
    body.variants.map(({ sku }) => sku),
    ['CONTENDED'],
  );
  // The cache was told after each of them, so no process keeps showing a title that lost.
  assert.deepEqual(
    (await search('contended')).map(({ title }) => title),
    [body.title],
  );
});

test('fifty products at once want one SKU: exactly one gets it', async () => {
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, n) => put(product(`rival-${n}`, { variants: [{ sku: 'THE-ONE', prices: [] }] }))),
  );
  const outcomes = Object.groupBy(results.flat(), ({ outcome }) => outcome);
  assert.equal(outcomes.created?.length, 1);
  assert.equal(outcomes.refused?.length, 49);
  const { rows } = await sql<{ slug: string }>`
    select product.slug
      from catalog.variant
      join catalog.product using (product_id)
     where variant.sku = 'THE-ONE'`.execute(ctx.database);
  assert.deepEqual(
    rows.map(({ slug }) => slug),
    [outcomes.created?.[0]?.slug],
  );
});

// Few slugs, SKUs and collections, so that requests meet everywhere.
const anyContended = fc.record({
  slug: fc.constantFrom('p-1', 'p-2', 'p-3', 'p-4', 'p-5', 'p-6'),
  skus: fc.uniqueArray(fc.constantFrom('S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7'), { minLength: 1, maxLength: 3 }),
  path: fc.constantFrom('x', 'x/y', 'x/y/z', 'w', 'w/y'),
  title: fc.constantFrom('Red lamp', 'Blue lamp', 'Green chair'),
});
type Contended = typeof anyContended extends fc.Arbitrary<infer T> ? T : never;

function asProduct({ slug, skus, path, title }: Contended): ProductInput {
  return { slug, title, collections: [path], variants: skus.map((sku) => ({ sku, prices: [] })) };
}

test('imports that overlap in any order all come through, and leave what some order of them would', async () => {
  const anyRequests = fc.array(fc.array(anyContended, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(anyRequests, async (requests) => {
      const products = requests.map((some) => some.map(asProduct));
      // A deadlock would be a fault here: PostgreSQL ends one of those that wait in a circle.
      const results = await Promise.all(products.map((some) => put(...some)));
      await assertSound(products.flat().map((input, index) => [input, results.flat()[index] as PutResult]));
    }),
    { numRuns: 60 },
  );
});

/** Every product is as one of those who were told so has put it, with its SKUs its own. */
async function assertSound(puts: [ProductInput, PutResult][]): Promise<void> {
  const { rows } = await sql<{ slug: string; title: string; skus: string[]; path: string[] }>`
    select product.slug, product.title,
           array(select sku from catalog.variant where variant.product_id = product.product_id order by position) as skus,
           array(select path
                   from catalog.product_collection
                   join catalog.collection using (collection_id)
                  where product_collection.product_id = product.product_id
                    and is_direct) as path
      from catalog.product
     where product.slug like 'p-%'`.execute(ctx.database);
  for (const row of rows) {
    const accepted = puts.filter(([input, { outcome }]) => input.slug === row.slug && outcome !== 'refused');
    if (accepted.length === 0) continue;
    const fitting = accepted.filter(
      ([{ title, collections, variants }]) =>
        title === row.title &&
        JSON.stringify(collections) === JSON.stringify(row.path) &&
        JSON.stringify(variants.map(({ sku }) => sku)) === JSON.stringify(row.skus),
    );
    assert(fitting.length > 0, `${JSON.stringify(row)} is none of ${JSON.stringify(accepted)}`);
  }
}

test('collections that many make and retitle at once are made once, with their parents', async () => {
  const replies = await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      catalog.putCollections({
        body: {
          collections: [
            { path: 'tree/branch/leaf', title: `Leaf ${n}` },
            { path: 'tree', title: `Tree ${n}` },
          ].sort(() => (n % 2 === 0 ? 1 : -1)),
        },
      }),
    ),
  );
  const ids = new Set(replies.flatMap((reply) => ok(reply).body.items.map(({ collectionId }) => collectionId)));
  assert.equal(ids.size, 2);
  const { body } = ok(await catalog.listCollections({}));
  const tree = body.items.filter(({ path }) => path.startsWith('tree'));
  assert.deepEqual(
    tree.map(({ path, parentPath }) => [path, parentPath]),
    [
      ['tree', undefined],
      ['tree/branch', 'tree'],
      ['tree/branch/leaf', 'tree/branch'],
    ],
  );
  assert.equal(tree[1]?.title, 'Branch');
});
