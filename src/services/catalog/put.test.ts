import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { problemSlug } from '../../platform/api/problem.ts';
import { bucketOf } from '../../platform/database/bucket.ts';
import type { Tx } from '../../platform/database/database.ts';
import { bucketOfId, madeAtMs } from '../../platform/database/id.ts';
import { sql } from '../../platform/database/sql.ts';
import type { ProductInput } from './api.ts';
import { anyProduct, ok, product, testCatalog } from './testing.ts';

const shop = await testCatalog();
const { ctx, catalog, put } = shop;

async function eventsOf(productId: string): Promise<Record<string, unknown>[]> {
  const { rows } = await sql<{ payload: string }>`
    select payload
      from events.outbox
     where topic = 'product.changed'
       and key = ${productId}::text
     order by id`.execute(ctx.database);
  return rows.map((row) => JSON.parse(row.payload));
}

async function read(slug: string) {
  return ok(await catalog.getProduct({ params: { slug } })).body;
}

test('a product is created with an id that carries its bucket and its instant, and is read as it was put', async () => {
  const input: ProductInput = {
    slug: 'windward-shell',
    title: 'Windward <script>Shell</script>',
    description: 'Quiet & dry.',
    vendor: 'Tern',
    collections: ['outdoors/layers', 'new'],
    optionNames: ['Size', 'Colour'],
    media: [{ url: 'https://example.com/a.jpg', alt: 'From the left' }],
    attributes: { Zips: 3, Waterproof: true, Material: 'Nylon', Weight: 0.5 },
    variants: [
      {
        sku: 'WS-S',
        options: { Colour: 'Kelp', Size: 'S' },
        barcodes: ['2000000000015'],
        prices: [
          { currency: 'USD', amountMinor: 28_900, compareAtMinor: 32_000 },
          { currency: 'EUR', amountMinor: 26_900 },
        ],
        weightGrams: 405,
        onHand: 7,
      },
      { sku: 'WS-M', options: { Size: 'M', Colour: 'Kelp' }, prices: [] },
    ],
  };
  const [result] = await put(input);
  assert(result?.productId);
  assert.equal(result.outcome, 'created');
  assert.deepEqual(
    result.variants.map(({ sku }) => sku),
    ['WS-S', 'WS-M'],
  );
  assert.equal(bucketOfId(result.productId), bucketOf('windward-shell'));
  assert.equal(madeAtMs(result.productId), ctx.clock.nowMs());
  assert.deepEqual(await read('windward-shell'), {
    productId: result.productId,
    slug: 'windward-shell',
    title: 'Windward <script>Shell</script>',
    description: 'Quiet & dry.',
    vendor: 'Tern',
    state: 'published',
    collections: ['new', 'outdoors/layers'],
    optionNames: ['Size', 'Colour'],
    media: [{ url: 'https://example.com/a.jpg', alt: 'From the left' }],
    attributes: { Zips: 3, Waterproof: true, Material: 'Nylon', Weight: 0.5 },
    variants: [
      {
        variantId: result.variants[0]?.variantId,
        sku: 'WS-S',
        title: 'S / Kelp',
        options: { Size: 'S', Colour: 'Kelp' },
        barcodes: ['2000000000015'],
        prices: [
          { currency: 'EUR', amountMinor: 26_900 },
          { currency: 'USD', amountMinor: 28_900, compareAtMinor: 32_000 },
        ],
        weightGrams: 405,
      },
      {
        variantId: result.variants[1]?.variantId,
        sku: 'WS-M',
        title: 'M / Kelp',
        options: { Size: 'M', Colour: 'Kelp' },
        barcodes: [],
        prices: [],
      },
    ],
    updatedAtMs: ctx.clock.nowMs(),
    version: 1,
  });
});

test('attributes keep the order in which they were written', async () => {
  await put(product('ordered', { attributes: { Zebra: 1, Apple: 2, 'A longer name': 3, B: 4 } }));
  assert.deepEqual(Object.keys((await read('ordered')).attributes), ['Zebra', 'Apple', 'A longer name', 'B']);
});

test('what is equal is left alone: no new version, no event, whatever is put', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray<ProductInput, string>(anyProduct, { selector: (each) => each.slug, maxLength: 5 }),
      async (products) => {
        const first = await put(...products, product('never-empty'));
        for (const result of first) assert.notEqual(result.outcome, 'refused', `${result.reason}`);
        const again = await put(...products, product('never-empty'));
        assert.deepEqual(
          again,
          first.map((result) => ({ ...result, outcome: 'unchanged' })),
        );
      },
    ),
    { numRuns: 40 },
  );
});

test('putting an export back changes nothing, and exports the same', async () => {
  // On top of what the property above has left.
  const exported = await shop.export();
  assert(exported.length > 20, `${exported.length} products`);
  const before = await eventCount();
  for (let from = 0; from < exported.length; from += 200) {
    const results = await put(...exported.slice(from, from + 200));
    assert(results.every(({ outcome }) => outcome === 'unchanged'));
  }
  assert.equal(await eventCount(), before);
  assert.deepEqual(await shop.export(), exported);
  assert.deepEqual(
    exported.map(({ slug }) => slug),
    exported.map(({ slug }) => slug).sort(),
  );
});

async function eventCount(): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) from events.outbox`.execute(ctx.database);
  return rows[0]?.count ?? 0;
}

test('a change raises the version, keeps the ids and is announced once, with all that caches need', async () => {
  const [created] = await put(product('kettle', { collections: ['coffee'] }));
  const [updated] = await put(product('kettle', { title: 'Boil-Once Kettle', collections: ['coffee'] }));
  assert.equal(updated?.outcome, 'updated');
  assert.deepEqual(updated?.variants, created?.variants);
  assert.equal(updated?.productId, created?.productId);
  const { version, title } = await read('kettle');
  assert.deepEqual({ version, title }, { version: 2, title: 'Boil-Once Kettle' });
  const variantIds = created?.variants.map(({ variantId }) => variantId);
  assert.deepEqual(
    await eventsOf(created?.productId ?? ''),
    [1, 2].map((productVersion) => ({
      version: 1,
      productId: created?.productId,
      slug: 'kettle',
      productVersion,
      state: 'published',
      variantIds,
      retiredVariantIds: [],
      collections: ['coffee'],
      leftCollections: [],
    })),
  );
});

test('a product that leaves a collection says so: its list changes as well', async () => {
  const [created] = await put(product('tin', { collections: ['coffee/tins', 'gifts'] }));
  await put(product('tin', { collections: ['gifts', 'kitchen'] }));
  await put(product('tin', { title: 'A tin', collections: ['gifts', 'kitchen'] }));
  assert.deepEqual(
    (await eventsOf(created?.productId ?? '')).map(({ collections, leftCollections }) => [
      collections,
      leftCollections,
    ]),
    [
      [['coffee/tins', 'gifts'], []],
      [['gifts', 'kitchen'], ['coffee/tins']],
      [['gifts', 'kitchen'], []],
    ],
  );
});

test('a variant that is no longer listed is not sold, and comes back under its id, even with another product', async () => {
  const two = (skus: string[]) => skus.map((sku) => ({ sku, prices: [{ currency: 'USD', amountMinor: 5 }] }));
  const [created] = await put(product('mug', { variants: two(['MUG-1', 'MUG-2']) }));
  const variantId = created?.variants[1]?.variantId ?? '';
  const sold = async () => ok(await catalog.getVariants({ body: { variantIds: [variantId] } })).body.items;
  assert.equal((await sold())[0]?.productSlug, 'mug');

  await put(product('mug', { variants: two(['MUG-1']) }));
  assert.deepEqual(await sold(), []);
  assert.deepEqual((await eventsOf(created?.productId ?? '')).at(-1)?.retiredVariantIds, [variantId]);

  const [other] = await put(product('other-mug', { variants: two(['MUG-2']) }));
  assert.deepEqual(other?.variants, [{ sku: 'MUG-2', variantId }]);
  assert.equal((await sold())[0]?.productSlug, 'other-mug');
});

test('a SKU that another product has refuses that product alone', async () => {
  await put(product('owner', { variants: [{ sku: 'TAKEN', prices: [] }] }));
  const results = await put(
    product('before'),
    product('thief', { variants: [{ sku: 'TAKEN', prices: [] }] }),
    product('after'),
  );
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ['created', 'refused', 'created'],
  );
  assert.equal(results[1]?.reason, 'The SKU “TAKEN” belongs to the product “owner”.');
  assert.equal((await catalog.getProduct({ params: { slug: 'thief' } })).status, 404);
});

test('in one request, the first of two products with one slug or one SKU wins', async () => {
  const results = await put(
    product('twice', { title: 'First' }),
    product('twice', { title: 'Second' }),
    product('a-rival', { variants: [{ sku: 'TWICE', prices: [] }] }),
  );
  assert.deepEqual(
    results.map(({ outcome, reason }) => [outcome, reason]),
    [
      ['created', undefined],
      ['refused', 'The slug “twice” stands in this request twice; the first one was taken.'],
      ['refused', 'The SKU “TWICE” belongs to the product “twice”.'],
    ],
  );
  assert.equal((await read('twice')).title, 'First');
});

test('one request can move a SKU from one product to another', async () => {
  const [created] = await put(product('giver', { variants: ['GIFT', 'KEPT'].map((sku) => ({ sku, prices: [] })) }));
  const results = await put(
    product('giver', { variants: [{ sku: 'KEPT', prices: [] }] }),
    product('taker', { variants: [{ sku: 'GIFT', prices: [] }] }),
  );
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ['updated', 'created'],
  );
  assert.equal(results[1]?.variants[0]?.variantId, created?.variants[0]?.variantId);
});

test('what is not published is not found, and its variants say so', async () => {
  const [created] = await put(product('secret', { state: 'draft' }));
  const reply = await catalog.getProduct({ params: { slug: 'secret' } });
  assert('problem' in reply && problemSlug(reply) === 'not-found');
  const variantIds = (created?.variants ?? []).map(({ variantId }) => variantId);
  const sellable = async () => ok(await catalog.getVariants({ body: { variantIds } })).body.items[0];
  assert.equal((await sellable())?.isPublished, false);
  assert.deepEqual(await shop.search('secret'), []);

  await put(product('secret', { state: 'published' }));
  assert.equal((await read('secret')).state, 'published');
  assert.equal((await sellable())?.isPublished, true);
});

test('many products take as many statements as one', async (t) => {
  let statementCount = 0;
  const { transaction } = ctx.database;
  t.mock.method(ctx.database, 'transaction', ((work, options) => {
    const counted = (tx: Tx): Tx => ({
      isTransaction: true,
      run: (statement) => {
        statementCount += 1;
        return tx.run(statement);
      },
    });
    return transaction.call(ctx.database, (tx) => work(counted(tx)), options);
  }) as typeof transaction);
  const counted = async (products: ProductInput[]) => {
    statementCount = 0;
    await put(...products);
    return statementCount;
  };
  const many = Array.from({ length: 300 }, (_, n) => product(`bulk-${n}`, { collections: [`bulk/c-${n % 7}`] }));
  const one = await counted([product('single', { collections: ['single/c-1'] })]);
  assert.equal(await counted(many), one);
  assert(one <= 13, `${one} statements`);
});
