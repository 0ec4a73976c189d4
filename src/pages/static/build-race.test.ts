import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { sql } from '../../platform/database/sql.ts';
import type { BlobStore } from '../../platform/storage/blob-store.ts';
import { startDoomedProcess } from '../../platform/testing/doomed-process.ts';
import { until } from '../../platform/testing/until.ts';
import { blobKey, decodeBlob } from './blob.ts';
import { pageConsumer } from './builder.ts';
import { pruneTouches } from './store.ts';
import { changed, openStore, pageRows, storedPage, thingKind, thingShop } from './testdata/things.ts';

const { ctx, put } = await thingShop();
const { database, files } = ctx;
const path = '/things/lamp';
const consumer = pageConsumer(() => {});

async function forgetAll(): Promise<void> {
  await sql`truncate page.page, page.touch, thing`.execute(database);
  for await (const key of files.list('pages')) await files.delete(key);
}

async function textOf(pagePath: string): Promise<string | undefined> {
  const page = await storedPage(files, pagePath);
  return page && gunzipSync(page.gzip).toString();
}

/** Handles the event of a change, some time after it was committed. */
const handle = (slug: string) =>
  database.transaction((tx) =>
    consumer.handle(tx, [{ ...changed(slug), eventId: 1, occurredAtMs: 0, traceparent: undefined }]),
  );

/** From now on, a row whose version falls fails the statement that would do it. */
async function versionsOnlyRise(): Promise<void> {
  await sql`
    create function page.refuse() returns trigger language plpgsql as $$ begin raise 'the version falls'; end $$`.execute(
    database,
  );
  await sql`
    create trigger version_rises before update on page.page
       for each row when (new.version < old.version) execute function page.refuse()`.execute(database);
}

/** A gate that a load waits at until the test opens it. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  return {
    async pass() {
      arrived.resolve();
      await promise;
    },
    arrived: arrived.promise,
    open: resolve,
  };
}

test('a change that is handled while the first build of its page is under way is in the page in the end', async () => {
  await forgetAll();
  await put('lamp', 'old');
  const slow = gate();
  let isFirst = true;
  const kind = thingKind(database, {
    async afterRead() {
      if (isFirst) await slow.pass();
      isFirst = false;
    },
  });
  const store = openStore(ctx, [kind]);
  const building = store.builder.buildNow(store.ref(path));
  await slow.arrived;
  await put('lamp', 'new');
  // Neither a row nor a tag of the page is in the database yet.
  await handle('lamp');
  slow.open();
  await building;
  assert.equal(await textOf(path), 'en:lamp:old');
  await store.settle();
  assert.equal(await textOf(path), 'en:lamp:new');
});

test('a build that has waited longer than changes are kept is taken to have missed one', async () => {
  await forgetAll();
  await put('lamp', 'old');
  const slow = gate();
  let isFirst = true;
  const kind = thingKind(database, {
    async afterRead() {
      if (isFirst) await slow.pass();
      isFirst = false;
    },
  });
  const store = openStore(ctx, [kind]);
  const building = store.builder.buildNow(store.ref(path));
  await slow.arrived;
  await put('lamp', 'new');
  await handle('lamp');
  await handle('another');
  await pruneTouches(database, 2 ** 40);
  slow.open();
  await building;
  await store.settle();
  assert.equal(await textOf(path), 'en:lamp:new');
});

test('a build that began earlier and comes later leaves the newer page alone', async () => {
  await forgetAll();
  await put('lamp', 'old');
  const slow = gate();
  const slowStore = openStore(ctx, [thingKind(database, { afterRead: () => slow.pass() })]);
  const quickStore = openStore(ctx, [thingKind(database)]);
  const building = slowStore.builds.build([slowStore.ref(path)]);
  await slow.arrived;
  await put('lamp', 'new');
  await quickStore.builds.build([quickStore.ref(path)]);
  slow.open();
  const [outcome] = await building;
  assert.equal(outcome?.kind === 'built' && outcome.isStored, false);
  assert.equal(await textOf(path), 'en:lamp:new');
});

test('whatever the order of builds, changes and their handling: marks only rise, and the last change is shown', async () => {
  await versionsOnlyRise();
  const delays = fc.array(fc.nat(6), { minLength: 12, maxLength: 12 });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('change' as const), afterMs: fc.nat(25), handledAfterMs: fc.nat(25) }),
    fc.record({ kind: fc.constant('build' as const), afterMs: fc.nat(25), by: fc.nat(2), delays }),
    fc.record({ kind: fc.constant('look' as const), afterMs: fc.nat(25), by: fc.nat(2), delays }),
    fc.record({ kind: fc.constant('prune' as const), afterMs: fc.nat(25) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      await forgetAll();
      await put('lamp', 'change 0');
      const written: string[] = [];
      const stores = [0, 1, 2].map(() => {
        let nextDelays: number[] = [];
        const pause = async () => void (await sleep(nextDelays.shift() ?? 0));
        const kind = thingKind(database, { beforeRead: pause, afterRead: pause });
        const watched: BlobStore = {
          ...files,
          async write(key, bytes) {
            await pause();
            await files.write(key, bytes);
            written.push(gunzipSync(decodeBlob(Buffer.from(bytes))?.gzip ?? Buffer.alloc(0)).toString());
          },
        };
        const store = openStore({ ...ctx, files: watched }, [kind]);
        return { store, delay: (given: number[]) => nextDelays.push(...given), flush: () => (nextDelays = []) };
      });
      let changeCount = 0;
      await Promise.all(
        steps.map(async (each) => {
          await sleep(each.afterMs);
          if (each.kind === 'change') {
            await put('lamp', `change ${++changeCount}`);
            await sleep(each.handledAfterMs);
            await handle('lamp');
          } else if (each.kind === 'prune') await pruneTouches(database, 2 ** 40);
          else {
            const { store, delay } = stores[each.by] as (typeof stores)[0];
            delay(each.delays);
            if (each.kind === 'build') await store.builds.build([store.ref(path)]);
            else await store.builder.look();
          }
        }),
      );
      const [{ store, flush }] = stores as [(typeof stores)[0]];
      flush();
      // As the others would, had their processes not ended.
      ctx.clock.advance(60_000);
      await store.settle();
      const [row] = await pageRows(database);
      if (row === undefined) return;
      const { rows } = await sql<{ title: string }>`select title from thing`.execute(database);
      assert.equal(await textOf(path), `en:lamp:${rows[0]?.title}`, `written: ${written.join(', ')}`);
      assert(row.version >= row.wanted);
    }),
    { numRuns: 40 },
  );
});

test('two stores of the same many pages in opposite order do not wait for each other in a circle', async () => {
  await forgetAll();
  const slugs = Array.from({ length: 60 }, (_, n) => `thing-${n}`);
  for (const slug of slugs) await put(slug, slug);
  const stores = Array.from({ length: 4 }, () => openStore(ctx, [thingKind(database)]));
  for (let round = 0; round < 5; round++) {
    const outcomes = await Promise.all(
      stores.map((store, index) => {
        const refs = slugs.map((slug) => store.ref(`/things/${slug}`));
        return store.builds.build(index % 2 === 0 ? refs : refs.toReversed());
      }),
    );
    for (const outcome of outcomes.flat()) assert.equal(outcome.kind, 'built');
  }
});

test('a blob whose transaction was cut is written again', async () => {
  await forgetAll();
  await put('lamp', 'Lamp');
  const store = openStore(ctx, [thingKind(database)]);
  await store.builds.build([store.ref(path)]);
  const cutting: BlobStore = {
    ...files,
    async write(key, bytes) {
      await files.write(key, bytes);
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state = 'idle in transaction'`.execute(
        database,
      );
    },
  };
  const cut = openStore({ ...ctx, files: cutting }, [thingKind(database)]);
  await put('lamp', 'after the cut');
  await assert.rejects(cut.builds.build([cut.ref(path)]), { name: 'DatabaseFault' });
  await files.write(blobKey(path), Buffer.from('what an older build wrote last'));
  await cut.builds.settle();
  await store.settle();
  assert.equal(await textOf(path), 'en:lamp:after the cut');
});

test('a process that is killed between blob and commit leaves a page that is built again and hears of changes', async () => {
  await forgetAll();
  await put('lamp', 'before the crash');
  const script = new URL('./testdata/doomed-build.ts', import.meta.url);
  const doomed = startDoomedProcess(script, [database.url, path]);
  await doomed.said('written');
  await doomed.kill();

  ctx.clock.advance(60_000);
  const store = openStore(ctx, [thingKind(database)]);
  await until(async () => {
    await store.settle();
    const [row] = await pageRows(database);
    return row !== undefined && row.version >= row.wanted;
  });
  await put('lamp', 'after the crash');
  await handle('lamp');
  await store.settle();
  assert.equal(await textOf(path), 'en:lamp:after the crash');
});
