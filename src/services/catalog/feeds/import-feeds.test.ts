import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { sql } from '../../../platform/database/sql.ts';
import { startDoomedProcess } from '../../../platform/testing/doomed-process.ts';
import type { ProductInput } from '../api.ts';
import type { Sink } from './shop-sink.ts';
import { testFolder, testImport, testShop, writeFeed } from './testing.ts';

const folder = testFolder();
const shop = await testShop();
const { sink } = shop;

const product = (slug: string, fields: Partial<ProductInput> = {}, onHand?: number): ProductInput => ({
  slug,
  title: slug,
  variants: [{ sku: slug, prices: [{ currency: 'USD', amountMinor: 100 }], ...(onHand !== undefined && { onHand }) }],
  ...fields,
});
const lines = (products: readonly object[]) => products.map((each) => `${JSON.stringify(each)}\n`).join('');
const many = (prefix: string, count: number, onHand?: number) =>
  Array.from({ length: count }, (_, index) => product(`${prefix}-${String(index).padStart(4, '0')}`, {}, onHand));
const slugsOf = async (prefix: string) =>
  (await shop.export()).map(({ slug }) => slug).filter((slug) => slug.startsWith(`${prefix}-`));
/** Of products, without what stock itself announces. */
const counts = ({ outcome: { summary } }: Awaited<ReturnType<typeof testImport>>) => [
  summary.created,
  summary.updated,
  summary.unchanged,
];

test('the same file twice changes nothing and announces nothing; a changed row changes its product alone', async () => {
  const products = many('same', 30, 5);
  assert.deepEqual(counts(await testImport({ text: lines(products) }, { sink })), [30, 0, 0]);
  const [before, events] = [await shop.export(), await shop.eventCount()];
  const again = await testImport({ text: lines(products) }, { sink });
  assert.deepEqual(counts(again), [0, 0, 30]);
  assert.equal(again.outcome.summary.stockChanged, 0);
  assert.deepEqual(await shop.export(), before);
  assert.equal(await shop.eventCount(), events);

  const changed = products.map((each, index) => (index === 7 ? { ...each, title: 'Other' } : each));
  assert.deepEqual(counts(await testImport({ text: lines(changed) }, { sink })), [0, 1, 29]);
});

test('units are counted with the products; sold and unchanged products keep what is theirs', async () => {
  const first = await testImport({ text: lines([product('units-a', {}, 10), product('units-b')]) }, { sink });
  assert.equal(first.outcome.summary.stockChanged, 1);
  const exported = (await shop.export()).filter(({ slug }) => slug.startsWith('units-'));
  assert.deepEqual(
    exported.map(({ variants }) => variants[0]?.onHand),
    [10, 0],
  );
  const recount = await testImport({ text: lines([product('units-a', {}, 4), product('units-b')]) }, { sink });
  assert.deepEqual(counts(recount), [0, 0, 2]);
  assert.equal(recount.outcome.summary.stockChanged, 1);
});

test('collections get the titles of the feed once; what the merchant calls them later stays', async () => {
  const mapping = 'slug: "titles-{name}"\nsku: name\ntitle: name\ncollections: [{ path: [{ const: Küche }, cat] }]\n';
  const titles = async () => {
    const { rows } = await sql<{ path: string; title: string }>`
      select path, title
        from catalog.collection
       where path = any(${['kuche', 'kuche/cafe-tee']}::text[])
       order by path`.execute(shop.ctx.database);
    return rows.map(({ title }) => title);
  };
  await testImport({ text: 'name,cat\nx,Café & Tee\n' }, { sink, mapping });
  assert.deepEqual(await titles(), ['Küche', 'Café & Tee']);
  await shop.catalog.putCollections({ body: { collections: [{ path: 'kuche/cafe-tee', title: 'Mine' }] } });
  await testImport({ text: 'name,cat\nx,Café & Tee\ny,Café & Tee\n' }, { sink, mapping });
  assert.deepEqual(await titles(), ['Küche', 'Mine']);
});

test('bad rows are told by line and reason, and all good ones are written', async () => {
  const rows = [
    JSON.stringify(product('mixed-1')),
    '{"slug":',
    JSON.stringify({ ...product('mixed-2'), colour: 'red' }),
    JSON.stringify({ ...product('mixed-3'), slug: 'Not A Slug' }),
    JSON.stringify(product('mixed-4', { title: ' ' })),
    JSON.stringify(product('mixed-1', { title: 'again' })),
    JSON.stringify(product('mixed-5', { variants: [{ sku: 'mixed-1', prices: [] }] })),
    JSON.stringify(product('mixed-6', { variants: [{ sku: 'same-0001', prices: [] }] })),
    JSON.stringify(product('mixed-7', { variants: [{ sku: 'm7', prices: [{ currency: 'XXQ', amountMinor: 1 }] }] })),
    JSON.stringify(product('mixed-1')),
    JSON.stringify(product('mixed-8')),
  ];
  const { told, entries, outcome } = await testImport({ text: rows.join('\n') }, { sink });
  assert.deepEqual(
    told.toSorted((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10)),
    ['2 syntax', '3 value', '4 value', '5 shop', '6 key-taken', '7 key-taken', '8 shop', '9 shop', '10 duplicate'],
  );
  const detailOf = (line: number) => entries.find((entry) => entry.line === line)?.detail ?? '';
  assert.match(detailOf(3), /^\/colour is not a known field/);
  assert.match(detailOf(4), /^\/slug must be lower-case letters/);
  assert.match(detailOf(8), /SKU “same-0001” belongs to the product “same-0001”/);
  assert.deepEqual(await slugsOf('mixed'), ['mixed-1', 'mixed-8']);
  assert.equal(outcome.summary.refused, 8);
  assert.equal(outcome.summary.rows, 11);
});

test('strictly, nothing after the first refused row is written, whoever refuses it', async () => {
  const good = many('strict', 12);
  const byFormat = good.map((each, index) => (index === 7 ? { ...each, title: 5 } : each));
  const first = await testImport({ text: lines(byFormat) }, { sink, isStrict: true, batchMax: 5 });
  assert.deepEqual(first.outcome.stopped, { kind: 'strict' });
  assert.deepEqual(first.told, ['8 value']);
  assert.equal((await slugsOf('strict')).length, 7);

  const others = many('shopstrict', 12);
  const byShop = others.map((each, index) =>
    index === 7 ? { ...each, variants: [{ sku: 'same-0001', prices: [] }] } : each,
  );
  const second = await testImport({ text: lines(byShop) }, { sink, isStrict: true, batchMax: 5 });
  assert.deepEqual(second.outcome.stopped, { kind: 'strict' });
  assert.deepEqual(second.told, ['8 shop']);
  assert.equal((await slugsOf('shopstrict')).length, 7);
});

test('of a file that was cut off all that is whole is written, and the whole file completes it', async () => {
  const products = many('cut', 400);
  // Text that does not shrink to nothing, so that the cut falls within the data.
  const text = lines(
    products.map((each, index) => ({ ...each, description: `${Math.sin(index)} ${Math.cos(index)}` })),
  );
  const whole = writeFeed(folder, 'cut.jsonl.gz', gzipSync(text));
  const half = writeFeed(folder, 'half.jsonl.gz', gzipSync(text).subarray(0, 9000));
  const cut = await testImport({ files: [half] }, { sink, batchMax: 50 });
  assert(cut.outcome.stopped?.kind === 'unreadable');
  assert.match(cut.outcome.stopped.detail, /half\.jsonl\.gz ends too early: it was cut off/);
  const written = await slugsOf('cut');
  assert(written.length > 50 && written.length < 400);
  assert.equal(cut.outcome.summary.created, written.length);
  assert.deepEqual(
    written,
    products.slice(0, written.length).map(({ slug }) => slug),
  );
  const again = await testImport({ files: [whole] }, { sink });
  assert.deepEqual(counts(again), [400 - written.length, 0, written.length]);
});

test('products whose rows may not all have come are left alone when a file is cut off', async () => {
  const mapping = 'group: { by: s, rows: anywhere }\nslug: "held-{s}"\nsku: k\ntitle: s\n';
  const text = 's,k\na,held1\nb,held2\na,held3\n';
  const cut = writeFeed(folder, 'held.csv.gz', gzipSync(text).subarray(0, -6));
  const { outcome, products } = await testImport({ files: [cut] }, { mapping, sink });
  assert(outcome.stopped?.kind === 'unreadable');
  // The last of the three may itself be cut.
  assert.equal(outcome.stopped.heldRows, 2);
  assert.equal(products.length, 0);
});

test('killed in the middle, what was committed is good, and the same import again completes it', async () => {
  const products = many('killed', 600, 3);
  const file = writeFeed(folder, 'killed.jsonl', lines(products));
  const doomed = startDoomedProcess(new URL('testdata/import-process.ts', import.meta.url), [
    shop.ctx.database.url,
    file,
  ]);
  await doomed.said('batch 4');
  await doomed.kill();
  const committed = (await shop.export()).filter(({ slug }) => slug.startsWith('killed-'));
  assert(committed.length >= 80 && committed.length < 600, String(committed.length));

  const again = await testImport({ files: [file] }, { sink });
  assert.deepEqual(counts(again), [600 - committed.length, 0, committed.length]);
  const complete = (await shop.export()).filter(({ slug }) => slug.startsWith('killed-'));
  assert.equal(complete.length, 600);
  assert(complete.every(({ variants }) => variants[0]?.onHand === 3));
});

test('asked to end, it finishes what is being written and says so', async () => {
  const interruption = new AbortController();
  const slow: Sink = {
    async deliver(parcels, options) {
      interruption.abort();
      await sleep(20);
      return sink.deliver(parcels, options);
    },
  };
  const text = lines(many('ended', 3000));
  const { outcome } = await testImport({ text }, { sink: slow, signal: interruption.signal, batchMax: 10 });
  assert.deepEqual(outcome.stopped, { kind: 'interrupted' });
  assert.equal((await slugsOf('ended')).length, outcome.summary.created);
  assert(outcome.summary.created >= 10);
});

test('rows are read no faster than they are written: two batches are on their way, not more', async () => {
  let inFlight = 0;
  let inFlightMost = 0;
  let rowsAhead = 0;
  let delivered = 0;
  const watching: Sink = {
    async deliver(parcels) {
      inFlight++;
      inFlightMost = Math.max(inFlightMost, inFlight);
      await sleep(5);
      inFlight--;
      delivered += parcels.length;
      return { results: parcels.map(() => ({ outcome: 'created' as const, stockRefused: [] })), stockChanged: 0 };
    },
  };
  const file = writeFeed(folder, 'ahead.jsonl', lines(many('ahead', 20_000)));
  await testImport(
    { files: [file] },
    { sink: watching, progress: ({ rows }) => (rowsAhead = Math.max(rowsAhead, rows - delivered)) },
  );
  assert.equal(delivered, 20_000);
  assert.equal(inFlightMost, 2);
  // Two batches of 500, one that is being filled, and what a piece of the file holds.
  assert(rowsAhead < 3000, String(rowsAhead));
});

test('a report that cannot be written ends the import', async () => {
  const report = () => {
    throw new Error('the disk is full');
  };
  await assert.rejects(testImport({ text: '{"slug"\n' }, { report }), /the disk is full/);
});

test('a shop that fails ends the import with its reason, not with a hang', async () => {
  let batchCount = 0;
  const failing: Sink = {
    async deliver(parcels, options) {
      batchCount++;
      if (batchCount > 2) throw new Error('the database is gone');
      return sink.deliver(parcels, options);
    },
  };
  await assert.rejects(
    testImport({ text: lines(many('gone', 100)) }, { sink: failing, batchMax: 10 }),
    /the database is gone/,
  );
  assert((await slugsOf('gone')).length >= 20);
});
