import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../../platform/database/sql.ts';
import { until } from '../../platform/testing/until.ts';
import { announcePages } from './static-pages.ts';
import { pageTags, tagsTouchedBy } from './tags.ts';
import { openStore, storedPage, thingKind, thingShop } from './testdata/things.ts';

const { ctx, put, remove } = await thingShop();
const { database, files } = ctx;
const kind = thingKind(database);
const announced = openStore(ctx, [kind], { onReplaced: announcePages(ctx.events) });
const own = (path: string) => pageTags(path)[0] as string;

/** The tags that have been announced since the last time, each once. */
let seenUpTo = 0;
async function touched(): Promise<string[]> {
  const { rows } = await sql<{ id: number; topic: string; payload: string }>`
    select id, topic, payload from events.outbox where topic = 'page.rebuilt' and id > ${seenUpTo}::bigint order by id`.execute(
    database,
  );
  seenUpTo = rows.at(-1)?.id ?? seenUpTo;
  return [...new Set(rows.flatMap(({ topic, payload }) => tagsTouchedBy({ topic, payload: JSON.parse(payload) })))];
}

test('a stored page that says something else is announced with it, by the tag that its answers carry', async (t) => {
  t.after(announced.stop);
  await put('lamp', 'Lamp');
  await put('desk', 'Desk');
  await announced.start();
  for (const path of ['/things/lamp', '/zh/things/lamp', '/things/desk'])
    await announced.builder.buildNow(announced.ref(path));
  assert.deepEqual(await touched(), [], 'nobody can have kept a page that was not there');

  const before = await storedPage(files, '/things/lamp');
  await put('lamp', 'Brass lamp');
  await until(async () => (await storedPage(files, '/zh/things/lamp'))?.etag !== before?.etag && (await settled()));
  assert.deepEqual((await touched()).toSorted(), [own('/things/lamp'), own('/zh/things/lamp')].toSorted());

  await put('lamp', 'Brass lamp');
  await until(settled);
  assert.deepEqual(await touched(), [], 'it was built anew and says the same');

  await remove('desk');
  await until(settled);
  assert.deepEqual(await touched(), [own('/things/desk')], 'what is gone must not be shown on');
});

test('who does not ask for it is not told', async () => {
  const silent = openStore(ctx, [kind]);
  await put('chair', 'Chair');
  await silent.builder.buildNow(silent.ref('/things/chair'));
  await put('chair', 'Oak chair');
  await silent.builder.buildNow(silent.ref('/things/chair'));
  assert.deepEqual(await touched(), []);
});

/** Every event was handled and no page is stale. */
async function settled(): Promise<boolean> {
  const { rows } = await sql<{ isSettled: boolean }>`
    select not exists (select from page.page where version < wanted)
       and not exists (
             select from events.outbox, events.progress
              where topic <> 'page.rebuilt'
                and not pg_visible_in_snapshot(outbox.txid, progress.passed)
           ) as "isSettled"`.execute(database);
  return rows[0]?.isSettled === true;
}
