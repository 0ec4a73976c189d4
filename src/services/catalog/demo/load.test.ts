import assert from 'node:assert/strict';
import test from 'node:test';
import { connectInProcess } from '../../../platform/api/in-process.ts';
import { createValidation } from '../../../platform/api/validation.ts';
import { testContext } from '../../../platform/testing/context.ts';
import { checkoutMigrations } from '../../checkout/migrations.ts';
import { createCheckout } from '../../checkout/service.ts';
import { stockMigrations } from '../../stock/migrations.ts';
import { createStock } from '../../stock/service.ts';
import { catalogMigrations } from '../migrations.ts';
import { connect, ok, product } from '../testing.ts';
import { loadDemoCatalogue, readDemoProducts } from './load.ts';

async function emptyShop() {
  const ctx = await testContext([catalogMigrations, checkoutMigrations, stockMigrations]);
  const validation = createValidation();
  const checkout = connectInProcess(createCheckout(ctx), { validation });
  const stock = connectInProcess(createStock(ctx, { checkout }), { validation });
  return { catalog: connect(ctx), stock };
}

const demo = await readDemoProducts();

test('an empty shop is filled: every product as it is written, with its stock, in a tree with titles', async () => {
  const { catalog, stock } = await emptyShop();
  const variantCount = demo.flatMap(({ variants }) => variants).length;
  assert.deepEqual(await loadDemoCatalogue({ catalog, stock }), { productCount: demo.length, variantCount });

  const { items } = ok(await catalog.exportProducts({ query: {} })).body;
  const stateBySlug = new Map(items.map(({ product: { slug, state } }) => [slug, state]));
  assert.deepEqual(stateBySlug, new Map(demo.map(({ slug, state }) => [slug, state] as const).sort()));
  const ids = items.flatMap(({ variants }) => variants);
  const { items: levels } = ok(
    await stock.getLevels({ body: { variantIds: ids.map(({ variantId }) => variantId) } }),
  ).body;
  const onHand = new Map(levels.map((level) => [level.variantId, level.onHand]));
  const wanted = new Map(demo.flatMap(({ variants }) => variants).map(({ sku, onHand }) => [sku, onHand]));
  for (const { sku, variantId } of ids) assert.equal(onHand.get(variantId), wanted.get(sku), sku);

  const { items: tree } = ok(await catalog.listCollections({})).body;
  assert(tree.every(({ productCount }) => productCount > 0));
  assert.equal(tree.find(({ path }) => path === 'outdoors/camp-kitchen')?.title, 'Camp kitchen');
  const [drop] = ok(await catalog.listProducts({ query: { collection: 'drops' } })).body.items;
  assert.equal(drop?.slug, 'night-tern-lantern');
});

test('a shop that has products of its own, or had the demo before, is left alone', async () => {
  const { catalog, stock } = await emptyShop();
  ok(await catalog.putProducts({ body: { products: [product('mine', { state: 'draft' })] } }));
  assert.equal(await loadDemoCatalogue({ catalog, stock }), undefined);

  const second = await emptyShop();
  await loadDemoCatalogue(second);
  const archived = demo.map((each) => ({ ...each, state: 'archived' as const }));
  ok(await second.catalog.putProducts({ body: { products: archived } }));
  assert.equal(await loadDemoCatalogue(second), undefined);
});

test('a start that died half-way is begun again', async () => {
  const { catalog, stock } = await emptyShop();
  const dying = {
    ...stock,
    countStock: async () => {
      throw new Error('killed');
    },
  };
  await assert.rejects(loadDemoCatalogue({ catalog, stock: dying }), /killed/);
  assert.equal(ok(await catalog.listProducts({ query: {} })).body.items.length, 0);
  assert.equal((await loadDemoCatalogue({ catalog, stock }))?.productCount, demo.length);
});

test('every demo product has prices in dollars and euros, a description, and a collection', () => {
  for (const { slug, description, collections, variants } of demo) {
    assert((description ?? '').length > 60, slug);
    assert((collections ?? []).length > 0, slug);
    for (const { prices, onHand } of variants) {
      assert.deepEqual(
        prices.map(({ currency }) => currency),
        ['EUR', 'USD'],
        slug,
      );
      assert(onHand !== undefined);
    }
  }
});
