import assert from 'node:assert/strict';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { sql } from '../../platform/database/sql.ts';
import { until } from '../../platform/testing/until.ts';
import { blobKey } from './blob.ts';
import { touchPages } from './store.ts';
import { everyThing, openStore, pageRows, storedPage, thingKind, thingShop } from './testdata/things.ts';

const { ctx, put, remove } = await thingShop();
const { database, files } = ctx;

async function textOf(path: string): Promise<string | undefined> {
  const page = await storedPage(files, path);
  return page && gunzipSync(page.gzip).toString();
}

async function forgetAll(): Promise<void> {
  await sql`truncate page.page, page.touch, thing`.execute(database);
  for await (const key of files.list('pages')) await files.delete(key);
}

test('an event rebuilds the pages that show it, in every language, and no other', async (t) => {
  await forgetAll();
  const store = openStore(ctx, [thingKind(database)]);
  t.after(store.stop);
  await put('lamp', 'Lamp');
  await put('desk', 'Desk');
  await store.start();
  for (const path of ['/things/lamp', '/zh/things/lamp', '/things/desk']) await store.builder.buildNow(store.ref(path));
  const before = new Map((await pageRows(database)).map((row) => [row.path, row]));

  await put('lamp', 'Brass lamp');
  await until(async () => (await textOf('/zh/things/lamp')) === 'zh:lamp:Brass lamp');
  await until(async () => (await textOf('/things/lamp')) === 'en:lamp:Brass lamp');
  const after = new Map((await pageRows(database)).map((row) => [row.path, row]));
  assert.deepEqual(after.get('/things/desk'), before.get('/things/desk'));
});

test('a hundred events of one thing are a few builds', async (t) => {
  await forgetAll();
  let readCount = 0;
  const kind = thingKind(database, { beforeRead: async () => void readCount++ });
  const store = openStore(ctx, [kind]);
  t.after(store.stop);
  await put('lamp', 'Lamp');
  await store.start();
  await store.builder.buildNow(store.ref('/things/lamp'));
  readCount = 0;
  await Promise.all(Array.from({ length: 100 }, (_, n) => put('lamp', `Lamp ${n}`)));
  await put('lamp', 'the last');
  await until(async () => (await textOf('/things/lamp')) === 'en:lamp:the last');
  assert(readCount <= 20, `${readCount} builds for a hundred events`);
});

test('those who wait for one page wait for one build', async () => {
  await forgetAll();
  let readCount = 0;
  const store = openStore(ctx, [thingKind(database, { beforeRead: async () => void readCount++ })]);
  await put('lamp', 'Lamp');
  const ready = await Promise.all(Array.from({ length: 50 }, () => store.shelf.find(store.ref('/things/lamp'))));
  assert.equal(readCount, 1);
  assert.equal(new Set(ready).size, 1);
});

test('two processes share the work, and no page is built twice', async () => {
  await forgetAll();
  const slugs = Array.from({ length: 300 }, (_, n) => `thing-${n}`);
  const loads: string[][] = [[], []];
  const stores = loads.map((mine) =>
    openStore(ctx, [thingKind(database, { afterRead: async (some) => void mine.push(...some) })]),
  );
  const [first, second] = stores as [(typeof stores)[0], (typeof stores)[0]];
  for (const slug of slugs) await put(slug, slug);
  await first.builds.build(slugs.map((slug) => first.ref(`/things/${slug}`)));
  await database.transaction((tx) => touchPages(tx, [everyThing]));
  for (const mine of loads) mine.length = 0;
  await Promise.all([first.settle(), second.settle()]);
  assert.deepEqual(loads.flat().toSorted(), slugs.toSorted());
  assert(loads.every((mine) => mine.length >= 100));
});

test('a page is built anew at its moment, though nothing happens', async () => {
  await forgetAll();
  const store = openStore(ctx, [thingKind(database)]);
  await put('sale', 'Sale', ctx.clock.nowMs() + 60_000);
  await store.builder.buildNow(store.ref('/things/sale'));
  await sql`update thing set title = 'begun', rebuild_at = null`.execute(database);
  await store.settle();
  assert.equal(await textOf('/things/sale'), 'en:sale:Sale');
  ctx.clock.advance(60_000);
  await store.settle();
  assert.equal(await textOf('/things/sale'), 'en:sale:begun');
  assert.equal(await store.builder.look(), false);
});

test('a kind that names a moment that has passed is not built without end', async () => {
  await forgetAll();
  const store = openStore(ctx, [thingKind(database)]);
  await put('sale', 'Sale', ctx.clock.nowMs() - 60_000);
  await store.builder.buildNow(store.ref('/things/sale'));
  assert.equal(await store.builder.look(), false);
});

test('a page that is gone is deleted, and comes back with its thing', async (t) => {
  await forgetAll();
  const store = openStore(ctx, [thingKind(database)]);
  t.after(store.stop);
  await put('lamp', 'Lamp');
  await store.start();
  assert(await store.shelf.find(store.ref('/things/lamp')));
  await remove('lamp');
  await until(async () => (await pageRows(database))[0]?.isGone === true);
  assert.equal(await files.read(blobKey('/things/lamp')), undefined);
  assert.equal(await store.shelf.find(store.ref('/things/lamp')), undefined);

  await put('lamp', 'Lamp again');
  await until(async () => (await textOf('/things/lamp')) === 'en:lamp:Lamp again');
  assert(await store.shelf.find(store.ref('/things/lamp')));
});

test('a page that never was leaves nothing behind, and is asked for once a second', async () => {
  await forgetAll();
  let readCount = 0;
  const store = openStore(ctx, [thingKind(database, { beforeRead: async () => void readCount++ })]);
  for (let view = 0; view < 20; view++) assert.equal(await store.shelf.find(store.ref('/things/none')), undefined);
  assert.equal(readCount, 1);
  assert.deepEqual(await pageRows(database), []);
});

test('pages of another version of the shop are not shown but built, and an older version leaves them alone', async () => {
  await forgetAll();
  const kindOf = (mark: string) => thingKind(database, { render: ({ title }) => `${title} by ${mark}` });
  const old = openStore(ctx, [kindOf('old')], { buildId: 'old' });
  const fresh = openStore(ctx, [kindOf('new')], { buildId: 'new' });
  await put('lamp', 'Lamp');
  await put('desk', 'Desk');
  await old.settle();
  for (const path of ['/things/lamp', '/things/desk']) await old.builder.buildNow(old.ref(path));

  const ready = await fresh.shelf.find(fresh.ref('/things/lamp'));
  assert.equal(ready && gunzipSync(ready.page.gzip).toString(), 'Lamp by new');
  await fresh.settle();
  assert.equal(await textOf('/things/desk'), 'Desk by new');

  await old.settle();
  const outcome = await old.builder.buildNow(old.ref('/things/desk'));
  assert.equal(outcome.kind === 'built' && outcome.isStored, false);
  assert.equal(await textOf('/things/desk'), 'Desk by new');
  assert((await pageRows(database)).every(({ buildId }) => buildId === 'new'));
});

test('pages of a version that is gone are taken back by the one that is left, also when it was killed', async () => {
  for (const ending of ['stopped', 'killed'] as const) {
    await forgetAll();
    await sql`truncate page.keeper`.execute(database);
    await put('lamp', 'Lamp');
    const old = openStore(ctx, [thingKind(database)], { buildId: 'old' });
    await old.settle();
    await old.builder.buildNow(old.ref('/things/lamp'));
    const fresh = openStore(ctx, [thingKind(database)], { buildId: 'new' });
    await fresh.settle();
    assert.deepEqual(
      (await pageRows(database)).map(({ buildId }) => buildId),
      ['new'],
    );

    if (ending === 'stopped') await fresh.stop();
    ctx.clock.advance(ending === 'stopped' ? 11_000 : 29_000);
    await old.settle();
    const expected = ending === 'stopped' ? 'old' : 'new';
    assert.deepEqual(
      (await pageRows(database)).map(({ buildId }) => buildId),
      [expected],
      ending,
    );
    ctx.clock.advance(11_000);
    await old.settle();
    const [row] = await pageRows(database);
    assert(row?.buildId === 'old' && row.version >= row.wanted, 'taken back and built');
  }
});

test('pages of a kind that there is no more are forgotten', async () => {
  await forgetAll();
  const store = openStore(ctx, [thingKind(database)]);
  await put('lamp', 'Lamp');
  await store.builder.buildNow(store.ref('/things/lamp'));
  const without = openStore(ctx, [], { buildId: 'build-2' });
  await without.settle();
  assert.deepEqual(await pageRows(database), []);
  assert.equal(await textOf('/things/lamp'), undefined);
});

test('a page that cannot be built keeps its old bytes and does not hold up the others', async () => {
  await forgetAll();
  await put('bad', 'Bad');
  await put('good', 'Good');
  const before = openStore(ctx, [thingKind(database)]);
  await before.builds.build([before.ref('/things/bad'), before.ref('/things/good')]);
  await put('good', 'Better');
  await database.transaction((tx) => touchPages(tx, [everyThing]));
  const kind = thingKind(database, {
    async beforeRead(slugs) {
      if (slugs.includes('bad')) throw new Error('nobody can read this');
    },
  });
  const store = openStore(ctx, [kind]);
  await store.settle();
  assert.equal(await textOf('/things/good'), 'en:good:Better');
  assert.equal(await textOf('/things/bad'), 'en:bad:Bad');
  assert(
    store.log.lines.some(({ message, fields }) => /could not be built/.test(message) && fields.path === '/things/bad'),
  );
  const stale = (await pageRows(database)).filter(({ version, wanted }) => version < wanted);
  assert.deepEqual(
    stale.map(({ path }) => path),
    ['/things/bad'],
  );
});

test('a page that cannot be built is tried less and less often, and at once when what it shows has changed', async () => {
  await forgetAll();
  await put('bad', 'Bad');
  const before = openStore(ctx, [thingKind(database)]);
  await before.builds.build([before.ref('/things/bad')]);
  await database.transaction((tx) => touchPages(tx, [everyThing]));
  let tryCount = 0;
  let isBad = true;
  const kind = thingKind(database, {
    async beforeRead() {
      tryCount++;
      if (isBad) throw new Error('nobody can read this');
    },
  });
  const store = openStore(ctx, [kind]);
  for (let quarterMinutes = 0; quarterMinutes < 4 * 60; quarterMinutes++) {
    await store.settle();
    ctx.clock.advance(15_000);
  }
  assert(tryCount >= 5 && tryCount <= 10, `${tryCount} tries in an hour`);
  const errors = store.log.lines.filter(({ message }) => /could not be built/.test(message));
  assert.equal(errors.length, tryCount);

  isBad = false;
  await put('bad', 'Good');
  await database.transaction((tx) => touchPages(tx, ['product:bad']));
  await store.settle();
  assert.equal(await textOf('/things/bad'), 'en:bad:Good');
});

test('what was touched last is not kept waiting by a change of everything', async () => {
  await forgetAll();
  const slugs = Array.from({ length: 400 }, (_, n) => `thing-${String(n).padStart(3, '0')}`);
  for (const slug of slugs) await put(slug, slug);
  const store = openStore(ctx, [thingKind(database)]);
  await store.builds.build(slugs.map((slug) => store.ref(`/things/${slug}`)));
  await database.transaction((tx) => touchPages(tx, [everyThing]));
  await put('thing-200', 'urgent');
  await database.transaction((tx) => touchPages(tx, ['product:thing-200']));
  await store.builder.look();
  assert.equal(await textOf('/things/thing-200'), 'en:thing-200:urgent');
});
