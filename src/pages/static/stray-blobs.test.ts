import assert from 'node:assert/strict';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { sql } from '../../platform/database/sql.ts';
import { createStrayBlobs } from './stray-blobs.ts';
import { openStore, pageRows, storedPage, thingKind, thingShop } from './testdata/things.ts';

const { ctx, put, remove } = await thingShop();
const { database, files } = ctx;

/** A process that has just started, and what it does with the first page that it finds. */
async function viewed(path: string): Promise<void> {
  const checks: Promise<void>[] = [];
  const store = openStore(ctx, [thingKind(database)]);
  const { builder, log, ref } = store;
  const stray = createStrayBlobs({ database, files, log, buildNow: builder.buildNow, onTouched: () => {} });
  const found = await storedPage(files, path);
  assert(found !== undefined, 'it is on disk');
  checks.push(stray.found(ref(path), found));
  await Promise.all(checks);
  await store.settle();
  assert.deepEqual(
    log.lines.filter(({ message }) => /could not be checked/.test(message)),
    [],
  );
}

async function textOf(path: string): Promise<string | undefined> {
  const page = await storedPage(files, path);
  return page && gunzipSync(page.gzip).toString();
}

async function build(path: string): Promise<void> {
  const store = openStore(ctx, [thingKind(database)]);
  await store.builder.buildNow(store.ref(path));
}

test('a stored page that the database does not know is built from what the database has', async () => {
  await put('lamp', 'of the old shop');
  await build('/things/lamp');
  await sql`truncate page.page`.execute(database);
  await put('lamp', 'of the new shop');
  await viewed('/things/lamp');
  assert.equal(await textOf('/things/lamp'), 'en:lamp:of the new shop');
  assert.equal((await pageRows(database)).length, 1);
});

test('a stored page of a thing that there is not is gone', async () => {
  await put('desk', 'of the old shop');
  await build('/things/desk');
  await sql`truncate page.page`.execute(database);
  await remove('desk');
  await viewed('/things/desk');
  assert.equal(await textOf('/things/desk'), undefined);
});

test('a stored page that is newer than the restored database is built again; one that is as it says is left', async () => {
  await put('chair', 'restored');
  await build('/things/chair');
  const before = await pageRows(database);
  await viewed('/things/chair');
  assert.deepEqual(await pageRows(database), before);

  await sql`create table kept as select * from page.page`.execute(database);
  await put('chair', 'after the backup');
  await sql`update page.page set wanted = nextval('page.mark')`.execute(database);
  const store = openStore(ctx, [thingKind(database)]);
  await store.settle();
  assert.equal(await textOf('/things/chair'), 'en:chair:after the backup');
  await sql`truncate page.page`.execute(database);
  await sql`insert into page.page select * from kept`.execute(database);
  await put('chair', 'restored');
  await viewed('/things/chair');
  assert.equal(await textOf('/things/chair'), 'en:chair:restored');
});
