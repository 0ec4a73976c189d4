import assert from 'node:assert/strict';
import test, { after, type TestContext as Running } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { problemSlug } from '../../platform/api/problem.ts';
import { sql } from '../../platform/database/sql.ts';
import { contextOn } from '../../platform/testing/context.ts';
import { until } from '../../platform/testing/until.ts';
import type { Collection, ProductInput } from './api.ts';
import { createCatalog } from './service.ts';
import { asTestCatalog, connect, ok, product, testCatalog } from './testing.ts';

const shop = await testCatalog();
const { ctx, catalog, put, list, search } = shop;

// Another process on the same database: what it has cached, only events can take away.
const otherCtx = contextOn(ctx.database, { signer: ctx.signer });
const other = asTestCatalog(otherCtx, connect(otherCtx));
await otherCtx.events.start();
after(() => otherCtx.events.stop());

/** Counts the statements outside transactions on the catalogue's tables: what reads cost. Events are looked for besides. */
function countReads(t: Running, on = ctx): () => number {
  const run = t.mock.method(on.database, 'run');
  return () => run.mock.calls.filter((call) => call.arguments[0].text.includes('catalog.')).length;
}

const priceOf = (amountMinor: number) => [{ currency: 'USD', amountMinor }];

test('a product is read from the database once, and then sent as the same bytes under the same tag', async (t) => {
  // Handlers as the server calls them: with the bytes.
  const ownCtx = contextOn(ctx.database, { signer: ctx.signer });
  const { handlers, stop } = createCatalog(ownCtx);
  t.after(() => stop?.());
  await put(product('bytes', { title: 'Bytes “and” more' }));
  const readCount = countReads(t, ownCtx);
  const read = async () =>
    ok(await handlers.getProduct({ params: { slug: 'bytes' }, query: undefined, body: undefined }, {} as never));
  const first = await read();
  const cost = readCount();
  assert(cost <= 3, `${cost} statements`);
  const second = await read();
  assert.equal(readCount(), cost);
  assert(Buffer.isBuffer(second.json) && second.json === first.json);
  assert.deepEqual(JSON.parse(second.json.toString()), second.body);
  assert.match(second.headers?.etag ?? '', /^[\w-]{22}$/);
  assert.equal(second.headers?.etag, first.headers?.etag);
});

test('what is not there costs one read, until it is there', async (t) => {
  const readCount = countReads(t);
  const read = () => catalog.getProduct({ params: { slug: 'later' } });
  for (let n = 0; n < 5; n++) {
    const reply = await read();
    assert('problem' in reply && problemSlug(reply) === 'not-found');
  }
  assert.equal(readCount(), 1);
  await put(product('later'));
  assert.equal((await read()).status, 200);
});

test('another process shows a change as soon as it hears of it', async () => {
  await put(product('announced', { title: 'Before', collections: ['news'] }, 100));
  const [{ variantId = '' } = {}] = ok(await catalog.getProduct({ params: { slug: 'announced' } })).body.variants;
  const seen = async () => {
    const { title } = ok(await other.catalog.getProduct({ params: { slug: 'announced' } })).body;
    const [variant] = ok(await other.catalog.getVariants({ body: { variantIds: [variantId] } })).body.items;
    return { title, amountMinor: variant?.prices[0]?.amountMinor };
  };
  assert.deepEqual(await seen(), { title: 'Before', amountMinor: 100 });
  assert.deepEqual(await other.list({ collection: 'news' }), ['announced']);

  await put(product('announced', { title: 'After', collections: ['news'] }, 200));
  // Both are heard of in the end; of the first put it may still be hearing when the second is there already.
  await until(async () => isDeepStrictEqual(await seen(), { title: 'After', amountMinor: 200 }));

  await put(product('announced', { state: 'archived' }));
  await until(async () => (await other.list({ collection: 'news' })).length === 0);
  await until(async () => (await other.catalog.getProduct({ params: { slug: 'announced' } })).status === 404);
});

test('lists and searches that are kept show what was put', async () => {
  const seen = async () => [await list({ vendor: 'Prompt' }), (await search('promptly')).map(({ slug }) => slug)];
  assert.deepEqual(await seen(), [[], []]);
  for (const slug of ['prompt-1', 'prompt-2']) {
    await put(product(slug, { vendor: 'Prompt', title: 'Promptly' }));
    await until(async () => (await seen()).every((slugs) => slugs.includes(slug)));
  }
});

test('lists and searches that are asked for again cost nothing', async (t) => {
  await put(product('popular', { vendor: 'Popular' }));
  await list({ vendor: 'Popular' });
  await search('popular');
  const readCount = countReads(t);
  for (let n = 0; n < 10; n++) {
    await list({ vendor: 'Popular' });
    await search('popular');
  }
  assert.equal(readCount(), 0);
});

test('variants are loaded with one statement however many, and then with none', async (t) => {
  const results = await put(...Array.from({ length: 200 }, (_, n) => product(`many-${n}`, {}, n)));
  const variantIds = results.flatMap(({ variants }) => variants.map(({ variantId }) => variantId));
  const unknown = '00000000-0000-8000-8000-000000000000';
  const readCount = countReads(t);
  const ask = async (ids: string[]) => ok(await catalog.getVariants({ body: { variantIds: ids } })).body.items;
  const half = variantIds.slice(0, 100);
  assert.deepEqual(
    (await ask(half)).map(({ variantId }) => variantId),
    half,
  );
  assert.equal(readCount(), 1);
  const all = await ask([unknown, ...variantIds.slice(1)]);
  assert.equal(readCount(), 2);
  assert.deepEqual(
    all.map(({ prices }) => prices[0]?.amountMinor),
    variantIds.slice(1).map((_, n) => n + 1),
  );
  await ask([...half, unknown]);
  assert.equal(readCount(), 2);
  // At once by several callers, as when a sale opens.
  await put(product('many-0', {}, 7777));
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask([variantIds[0] ?? ''])));
  assert.equal(readCount(), 3);
  for (const [variant] of answers) assert.equal(variant?.prices[0]?.amountMinor, 7777);
});

test('what is sold is told with its title, options, picture, languages, collections and prices', async () => {
  const input: ProductInput = product('jacket', {
    title: 'Jacket',
    collections: ['wear/jackets', 'new'],
    optionNames: ['Size', 'Colour'],
    variants: [
      {
        sku: 'JK-M-G',
        options: { Colour: 'Green', Size: 'M' },
        prices: [{ currency: 'EUR', amountMinor: 5 }, ...priceOf(9)],
      },
    ],
    media: [{ url: 'https://example.com/j.jpg', width: 800, height: 600 }, { url: 'https://example.com/k.jpg' }],
    translations: {
      'zh-Hans': { title: '夹克', description: '防风。', options: { Colour: '颜色', Green: '绿色' } },
      de: { title: 'Jacke', options: { Red: 'Rot' } },
      fr: { description: 'Une veste.' },
    },
  });
  const [result] = await put(input);
  const variantId = result?.variants[0]?.variantId ?? '';
  assert.deepEqual(ok(await catalog.getVariants({ body: { variantIds: [variantId] } })).body.items, [
    {
      variantId,
      productId: result?.productId,
      productSlug: 'jacket',
      sku: 'JK-M-G',
      title: 'Jacket – M / Green',
      productTitle: 'Jacket',
      options: { Size: 'M', Colour: 'Green' },
      media: { url: 'https://example.com/j.jpg', width: 800, height: 600 },
      translations: { de: { title: 'Jacke' }, 'zh-Hans': { title: '夹克', options: { Size: 'M', 颜色: '绿色' } } },
      collections: ['new', 'wear/jackets'],
      prices: [{ currency: 'EUR', amountMinor: 5 }, ...priceOf(9)],
      isPublished: true,
    },
  ]);
});

test('collections are made with those above them, retitled, and announced only when something changed', async () => {
  const announced = async () => {
    const { rows } = await sql<{ title: string }>`
      select payload::json->>'title' as title
        from events.outbox
       where topic = 'collection.changed'
         and payload::json->>'path' like 'home%'
       order by id`.execute(ctx.database);
    return rows.map(({ title }) => title);
  };
  const putTitle = async (title: string) =>
    ok(await catalog.putCollections({ body: { collections: [{ path: 'home/bed-linen', title }] } })).body.items;
  const [made] = await putTitle('Linen');
  assert.deepEqual(
    { ...made, collectionId: undefined },
    { collectionId: undefined, path: 'home/bed-linen', title: 'Linen', parentPath: 'home', productCount: 0 },
  );
  await putTitle('Linen');
  assert.deepEqual((await announced()).sort(), ['Home', 'Linen']);
  const [retitled] = await putTitle('Bed linen');
  assert.equal(retitled?.collectionId, made?.collectionId);
  assert.deepEqual((await announced()).at(-1), 'Bed linen');

  // What an import names comes to be, and keeps the title that somebody gave it.
  await put(product('pillow', { collections: ['home/bed-linen', 'home/pillows'] }));
  const { items } = ok(await catalog.listCollections({})).body;
  assert.deepEqual(
    items
      .filter(({ path }) => path.startsWith('home'))
      .map(({ path, title, productCount }) => [path, title, productCount]),
    [
      ['home', 'Home', 1],
      ['home/bed-linen', 'Bed linen', 1],
      ['home/pillows', 'Pillows', 1],
    ],
  );
});

test('what is said of a collection stays until something else is said, and each change is announced once', async () => {
  const eventCount = async () => {
    const { rows } = await sql<{ count: number }>`
      select count(*)
        from events.outbox
       where topic = 'collection.changed'
         and payload::json->>'path' = 'lamps'`.execute(ctx.database);
    return rows[0]?.count;
  };
  const putLamps = async (fields: object) => {
    const collections = [{ path: 'lamps', title: 'Lamps', ...fields }];
    const [{ collectionId: _, ...lamps } = {}] = ok(await catalog.putCollections({ body: { collections } })).body
      .items as Partial<Collection>[];
    return { lamps, events: await eventCount() };
  };
  const bare = { path: 'lamps', title: 'Lamps', productCount: 0 };
  const media = { url: 'https://example.com/l.jpg', alt: 'Lit', width: 1200, height: 800 };
  assert.deepEqual(await putLamps({ description: 'For the dark.' }), {
    lamps: { ...bare, description: 'For the dark.' },
    events: 1,
  });
  const pictured = { ...bare, description: 'For the dark.', media };
  assert.deepEqual(await putLamps({ media }), { lamps: pictured, events: 2 });
  const translations = { de: { title: 'Lampen' }, 'zh-Hans': { title: '灯', description: '照亮黑暗。' } };
  const whole = { ...pictured, translations };
  const given = { 'zh-hans': translations['zh-Hans'], DE: { ...translations.de, description: '' }, fr: { title: ' ' } };
  assert.deepEqual(await putLamps({ translations: given }), { lamps: whole, events: 3 });
  for (const same of [{}, { media }, { translations }, { description: 'For the dark.' }]) {
    assert.deepEqual(await putLamps(same), { lamps: whole, events: 3 });
  }
  assert.deepEqual(await putLamps({ media: { ...media, width: 600 } }), {
    lamps: { ...whole, media: { ...media, width: 600 } },
    events: 4,
  });
  assert.deepEqual(await putLamps({ title: 'Lights', description: '', translations: {} }), {
    lamps: { ...bare, title: 'Lights', media: { ...media, width: 600 } },
    events: 5,
  });
  await until(async () => {
    const lamps = ok(await catalog.listCollections({})).body.items.find(({ path }) => path === 'lamps');
    return lamps?.title === 'Lights' && lamps.media?.width === 600;
  });
});

test('what a collection cannot be is refused by its place', async () => {
  const wrong: [fields: object, pointer: string, detail: RegExp][] = [
    [{ translations: { 'a-x': {} } }, '/collections/0/translations', /“a-x” is not a language tag/],
    [{ translations: { ZH: {}, zh: {} } }, '/collections/0/translations', /two translations for “zh”/],
    [{ media: { url: 'https://example.com/\u0000' } }, '/collections/0/media/url', /control characters/],
  ];
  for (const [fields, pointer, detail] of wrong) {
    const reply = await catalog.putCollections({
      body: { collections: [{ path: 'wrong', title: 'Wrong', ...fields }] },
    });
    assert('problem' in reply && problemSlug(reply) === 'bad-request', pointer);
    assert.equal(reply.problem.errors?.[0]?.pointer, pointer);
    assert.match(reply.problem.errors?.[0]?.detail ?? '', detail);
  }
});

test('a path that is none is refused by its place', async () => {
  for (const path of ['Home', '/home', 'home/', 'a//b', 'a b', '', `${'a/'.repeat(10)}a`]) {
    const collections = [
      { path: 'fine', title: 'Fine' },
      { path, title: 'Wrong' },
    ];
    const reply = await catalog.putCollections({ body: { collections } });
    assert('problem' in reply && problemSlug(reply) === 'bad-request', path);
    assert.equal(reply.problem.errors?.[0]?.pointer, '/collections/1/path');
  }
  const { items } = ok(await catalog.listCollections({})).body;
  assert(!items.some(({ path }) => path === 'fine'));
});

test('the export goes through all products in the order of their slugs, whatever their state', async () => {
  await put(product('zz-draft', { state: 'draft' }), product('zz-archived', { state: 'archived' }));
  const slugs = (await shop.export()).map(({ slug }) => slug);
  assert.deepEqual(slugs, [...slugs].sort());
  assert.deepEqual(slugs.slice(-2), ['zz-archived', 'zz-draft']);
  assert.equal((await catalog.exportProducts({ query: { cursor: 'x' } })).status, 400);
});

test('a database that fails in the middle of a request leaves nothing behind', async (t) => {
  const { publish } = ctx.events;
  t.mock.method(ctx.events, 'publish', async (...given: Parameters<typeof publish>) => {
    await publish(...given);
    throw new Error('the wire was cut');
  });
  await assert.rejects(put(product('half-done', { collections: ['half'] })), /the wire was cut/);
  t.mock.restoreAll();
  assert.equal((await catalog.getProduct({ params: { slug: 'half-done' } })).status, 404);
  assert.deepEqual(await list({ collection: 'half' }), []);
  const [result] = await put(product('half-done', { collections: ['half'] }));
  assert.equal(result?.outcome, 'created');
});
