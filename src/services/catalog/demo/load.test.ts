import assert from 'node:assert/strict';
import test from 'node:test';
import type { Bytes } from '../../../platform/api/bytes.ts';
import { connectInProcess } from '../../../platform/api/in-process.ts';
import { createValidation } from '../../../platform/api/validation.ts';
import { testContext } from '../../../platform/testing/context.ts';
import { checkoutMigrations } from '../../checkout/migrations.ts';
import { createCheckout } from '../../checkout/service.ts';
import { mediaMigrations } from '../../media/migrations.ts';
import { createMedia } from '../../media/service.ts';
import { promotionMigrations } from '../../promotion/migrations.ts';
import { createPromotion } from '../../promotion/service.ts';
import { stockMigrations } from '../../stock/migrations.ts';
import { createStock } from '../../stock/service.ts';
import type { Price } from '../api.ts';
import { catalogMigrations } from '../migrations.ts';
import { connect, ok, product } from '../testing.ts';
import { demoCollections } from './collections.ts';
import { illustrate } from './illustrations/illustrate.ts';
import { loadDemoCatalogue, readDemoProducts } from './load.ts';
import { publishThrough } from './publish-picture.ts';
import { nightTernSaleId, nightTernSku } from './sale.ts';

async function emptyShop() {
  const ctx = await testContext([
    catalogMigrations,
    checkoutMigrations,
    mediaMigrations,
    promotionMigrations,
    stockMigrations,
  ]);
  const validation = createValidation();
  const checkout = connectInProcess(createCheckout(ctx), { validation });
  return {
    catalog: connect(ctx),
    stock: connectInProcess(createStock(ctx, { checkout }), { validation }),
    promotion: connectInProcess(createPromotion(ctx, { checkout }), { validation }),
    media: connectInProcess(createMedia(ctx), { validation }),
    clock: ctx.clock,
  };
}

const demo = await readDemoProducts();

test('an empty shop is filled: every product as it is written, with its stock, in a tree with titles', async () => {
  const shop = await emptyShop();
  const { catalog, stock } = shop;
  const variantCount = demo.flatMap(({ variants }) => variants).length;
  assert.deepEqual(await loadDemoCatalogue(shop), { productCount: demo.length, variantCount });

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

test('what people type for the things that the demo shop has is found', async () => {
  const shop = await emptyShop();
  await loadDemoCatalogue(shop);
  const finds = {
    雨衣: ['squall-smock', 'windward-shell'],
    灯笼: ['beacon-lantern', 'night-tern-lantern', 'wick-candle-lantern'],
    'rain jacket': ['windward-shell'],
    'tea pot': ['rainy-day-teapot'],
  };
  for (const [typed, slugs] of Object.entries(finds)) {
    const { items } = ok(await shop.catalog.search({ query: { q: typed } })).body;
    const first = items.slice(0, slugs.length).map(({ slug }) => slug);
    assert.deepEqual(first.toSorted(), slugs, `${typed}: ${items.map(({ slug }) => slug)}`);
  }
});

test('a shop that has products of its own, or had the demo before, is left alone', async () => {
  const shop = await emptyShop();
  const { catalog } = shop;
  ok(await catalog.putProducts({ body: { products: [product('mine', { state: 'draft' })] } }));
  assert.equal(await loadDemoCatalogue(shop), undefined);

  const second = await emptyShop();
  await loadDemoCatalogue(second);
  const archived = demo.map((each) => ({ ...each, state: 'archived' as const }));
  ok(await second.catalog.putProducts({ body: { products: archived } }));
  assert.equal(await loadDemoCatalogue(second), undefined);
});

test('a start that died half-way is begun again', async () => {
  const shop = await emptyShop();
  const { catalog, stock } = shop;
  const dying = {
    ...stock,
    countStock: async () => {
      throw new Error('killed');
    },
  };
  await assert.rejects(loadDemoCatalogue({ ...shop, stock: dying }), /killed/);
  assert.equal(ok(await catalog.listProducts({ query: {} })).body.items.length, 0);
  assert.equal((await loadDemoCatalogue(shop))?.productCount, demo.length);
});

test('the sale of the lantern is announced, once, however often the load begins', async () => {
  const shop = await emptyShop();
  const { catalog, promotion, clock } = shop;
  const dying = {
    ...catalog,
    putProducts: async (request: Parameters<typeof catalog.putProducts>[0]) => {
      if (request.body.products.some(({ state }) => state === 'published')) throw new Error('killed');
      return catalog.putProducts(request);
    },
  };
  await assert.rejects(loadDemoCatalogue({ ...shop, catalog: dying }), /killed/);
  await loadDemoCatalogue(shop);
  const { items } = ok(await promotion.listSales({})).body;
  assert.deepEqual(
    items.map(({ saleId, name }) => [saleId, name]),
    [[nightTernSaleId, 'The Night Tern']],
  );
  const [sale] = items;
  assert(sale && sale.startsAtMs > clock.nowMs());
  const lantern = demo.flatMap(({ variants }) => variants).find(({ sku }) => sku === nightTernSku);
  assert(lantern);
  assert.equal(lantern.onHand, 1000);
  for (const { currency, amountMinor, limitPerBuyer } of sale.items) {
    const list: Price | undefined = lantern.prices.find((price) => price.currency === currency);
    assert(list && amountMinor < list.amountMinor, currency);
    assert.equal(limitPerBuyer, 1);
  }
});

test('each product and each collection gets its picture, which the shop takes as it is drawn', async () => {
  const { media, ...shop } = await emptyShop();
  await loadDemoCatalogue({ ...shop, publishPicture: publishThrough(media) });
  const { items } = ok(await shop.catalog.exportProducts({ query: {} })).body;
  for (const { product } of items) {
    const [picture, ...more] = product.media ?? [];
    assert.equal(more.length, 0, product.slug);
    assert(picture, product.slug);
    assert.deepEqual([picture.width, picture.height, picture.alt], [800, 1000, `Illustration: ${product.title}`]);
    const { body }: { readonly body: Bytes } = ok(
      await media.getMediaFile({ params: { file: picture.url.replace('/media/', '') } }),
    );
    // Whether an empty element is closed in its own tag is the only thing that cleaning may change.
    const taken = Buffer.from(body.bytes)
      .toString()
      .replaceAll(/><\/(?:path|ellipse|circle)>/g, '/>');
    assert.equal(taken === illustrate(product.slug), true, product.slug);
  }
  assert.equal(new Set(items.map(({ product }) => product.media?.[0]?.url)).size, demo.length);
  const { items: tree } = ok(await shop.catalog.listCollections({})).body;
  assert(tree.every(({ media: cover, description }) => cover?.width === 1600 && description));
});

test('there are about 120 products in twelve collections and a few drops, of several makers', () => {
  assert(demo.length >= 115 && demo.length <= 130, `${demo.length}`);
  const parents = new Set(['outdoors', 'desk']);
  const leaves = demoCollections.map(({ path }) => path).filter((path) => !parents.has(path));
  for (const leaf of leaves.filter((path) => path !== 'drops' && path !== 'front')) {
    const count = demo.filter(({ collections }) => collections?.includes(leaf)).length;
    assert(count >= 8, `${leaf} has ${count}`);
  }
  // Twelve, the drops, and what the front page shows.
  assert.equal(leaves.length, 14);
  assert.deepEqual(new Set(demo.flatMap(({ collections = [] }) => collections)), new Set(leaves));
  assert(new Set(demo.map(({ vendor }) => vendor)).size >= 7);
  assert(demo.filter(({ state }) => state === 'draft').length <= 2);
  assert(demo.some(({ variants }) => variants.every(({ onHand }) => onHand === 0)));
});

test('every demo product has a price in each currency, facts, and a weight; its codes are its own and are sound', () => {
  const skus = new Set<string>();
  const barcodes = new Set<string>();
  assert.equal(new Set(demo.map(({ slug }) => slug)).size, demo.length);
  for (const { slug, description = '', attributes = {}, variants } of demo) {
    const wordCount = description.split(/\s+/).length;
    assert(wordCount >= 36 && wordCount <= 120, `${slug}: ${wordCount} words`);
    const factCount = Object.keys(attributes).length;
    assert(factCount >= 4 && factCount <= 9, `${slug}: ${factCount} facts`);
    for (const variant of variants) {
      assert.deepEqual(
        variant.prices.map(({ currency }) => currency),
        ['CNY', 'EUR', 'USD'],
        slug,
      );
      for (const { amountMinor, compareAtMinor } of variant.prices) {
        assert(amountMinor > 0 && (compareAtMinor ?? Number.POSITIVE_INFINITY) > amountMinor, slug);
      }
      assert(variant.onHand !== undefined && variant.weightGrams, slug);
      const [barcode = '', ...more] = variant.barcodes ?? [];
      assert.equal(more.length, 0, slug);
      assert(isEan13(barcode) && barcode.startsWith('200'), `${slug}: ${barcode}`);
      assert(!skus.has(variant.sku), variant.sku);
      assert(!barcodes.has(barcode), barcode);
      skus.add(variant.sku);
      barcodes.add(barcode);
    }
  }
});

test('everything is said in Chinese too: title, description, every fact, every option', () => {
  const chinese = /\p{Script=Han}/u;
  for (const { slug, attributes = {}, optionNames = [], variants, translations } of demo) {
    const zh = translations?.['zh-Hans'];
    assert(zh?.title && chinese.test(zh.title), slug);
    assert(zh.description && zh.description.length >= 30 && chinese.test(zh.description), slug);
    assert.deepEqual(
      Object.values(zh.attributes ?? {}).map((value) => typeof value),
      Object.values(attributes).map((value) => typeof value),
      slug,
    );
    for (const name of Object.keys(zh.attributes ?? {})) assert(chinese.test(name), `${slug}: ${name}`);
    const values = variants.flatMap(({ options = {} }) => Object.values(options));
    for (const word of [...optionNames, ...values.filter((value) => /[a-z]{3}/.test(value))]) {
      assert(chinese.test(zh.options?.[word] ?? ''), `${slug}: ${word}`);
    }
  }
  for (const { path, translations } of demoCollections) {
    const zh = translations?.['zh-Hans'];
    assert(chinese.test(zh?.title ?? '') && chinese.test(zh?.description ?? ''), path);
  }
});

/** GS1 General Specifications, 7.9: weights 1 and 3 from the left, up to the next ten. */
function isEan13(barcode: string): boolean {
  if (!/^\d{13}$/.test(barcode)) return false;
  const sum = [...barcode].reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 3), 0);
  return sum % 10 === 0;
}
