import assert from 'node:assert/strict';
import test from 'node:test';
import { apiMigrations } from '../../platform/api/migrations.ts';
import { sql } from '../../platform/database/sql.ts';
import { replayDeadLetters } from '../../platform/events/dead-letter.ts';
import { deleteOldEvents } from '../../platform/events/retention.ts';
import { listDeadLetters } from '../../platform/events/store-retry.ts';
import { contextOn, testContext } from '../../platform/testing/context.ts';
import { until } from '../../platform/testing/until.ts';
import { cachePurged } from '../purge/events.ts';
import { createPurgeRules } from '../purge/purge.ts';
import { createCdn } from './cdn.ts';
import { createCloudflare } from './cloudflare.ts';
import { cdnMigrations } from './migrations.ts';
import { cdnGroup } from './sender.ts';
import { countWaiting } from './store.ts';
import { startStandIn, type Told } from './testing.ts';

const ctx = await testContext([apiMigrations, cdnMigrations]);
const done: Told = { status: 200, body: { success: true } };
const answers: Told[] = [];
const api = await startStandIn(() => answers.shift() ?? done);
const rules = createPurgeRules({
  topics: ['thing.changed'],
  tagsTouchedBy: ({ payload }) => payload.tags as string[],
});
const adapter = createCloudflare({ apiUrl: api.url, zoneId: 'zone', token: 'secret', timeoutMs: 30_000 });
const options = { ...rules, adapter, labels: { tag: (tag: string) => tag }, publicUrl: () => 'https://shop.example' };
const cdn = createCdn(ctx, options);
await ctx.events.start();

let eventCount = 0;
async function change(...tags: string[]) {
  const payload = { version: 1, tags };
  await ctx.events.publish(ctx.database, [{ topic: 'thing.changed', key: `thing-${eventCount++}`, payload }]);
  ctx.events.nudge();
}

async function purgeByHand(input: Parameters<typeof cachePurged>[1]) {
  await ctx.events.publish(ctx.database, [cachePurged(crypto.randomUUID(), input)]);
  ctx.events.nudge();
}

const waiting = (count: number) => until(async () => (await countWaiting(ctx.database)) === count);

/** Looks until there is nothing to do at this time; what was sent meanwhile. */
async function sendAll(): Promise<unknown[]> {
  const from = api.asked.length;
  while (await cdn.look());
  return api.asked.slice(from).map(({ body }) => JSON.parse(body));
}

const settle = () => ctx.clock.advance(4_000);
const anHourLater = () => ctx.clock.advance(3_600_000);
const letters = () => listDeadLetters(ctx.database, { group: cdnGroup, limit: 10 });

test('what many events touch is sent once and together, when every process has had the time to hear of it', async () => {
  await change('product:a', 'products');
  await change('product:b', 'products');
  await waiting(4);
  assert.deepEqual(await sendAll(), [], 'the shop itself might still answer as it was');
  settle();
  assert.deepEqual(await sendAll(), [{ tags: ['crowd', 'product:a', 'product:b', 'products'] }]);
  assert.equal(await countWaiting(ctx.database), 0);
});

test('more than one request takes is sent in several', async () => {
  await change(...Array.from({ length: 250 }, (_, index) => `variant:${index}`));
  await waiting(251);
  settle();
  const sent = (await sendAll()) as { tags: string[] }[];
  assert.deepEqual(
    sent.map(({ tags }) => tags.length),
    [100, 100, 51],
  );
  assert.equal(new Set(sent.flatMap(({ tags }) => tags)).size, 251);
});

test('what is changed all the time is sent in its turn all the same, and once more after the last change', async () => {
  await change('product:busy');
  await waiting(2);
  ctx.clock.advance(3_000);
  await change('product:busy');
  await until(handledAll);
  ctx.clock.advance(1_000);
  assert.deepEqual(await sendAll(), [{ tags: ['crowd', 'product:busy'] }]);
  assert.equal(await countWaiting(ctx.database), 2, 'the second change was too young');
  ctx.clock.advance(3_000);
  assert.deepEqual(await sendAll(), [{ tags: ['crowd', 'product:busy'] }]);
  assert.equal(await countWaiting(ctx.database), 0);
});

test('by hand, paths become addresses of the shop, groups are tags, and everything is everything', async () => {
  await purgeByHand({ urls: ['/v1/products?sort=price', 'https://cdn.example/a'], groups: ['sales'] });
  await waiting(4);
  settle();
  assert.deepEqual(await sendAll(), [
    { tags: ['crowd', 'sales'] },
    { files: ['https://cdn.example/a', 'https://shop.example/v1/products?sort=price'] },
  ]);
  await purgeByHand({ everything: true });
  await waiting(1);
  settle();
  assert.deepEqual(await sendAll(), [{ purge_everything: true }]);
});

test('too much at once, an outage and a broken connection are tried again until it is done, not before it was asked to', async () => {
  await change('product:late');
  await waiting(2);
  settle();
  answers.push({ status: 429, headers: { 'retry-after': '120' } });
  assert.equal((await sendAll()).length, 1);
  ctx.clock.advance(119_000);
  assert.deepEqual(await sendAll(), [], 'it was asked to leave it alone for two minutes');
  ctx.clock.advance(1_000);
  for (const told of [{ status: 503 }, { status: 500 }, { status: 200, isCut: true }]) {
    answers.push(told);
    assert.equal((await sendAll()).length, 1);
    assert.equal(await countWaiting(ctx.database), 2);
    anHourLater();
  }
  assert.deepEqual(await sendAll(), [{ tags: ['crowd', 'product:late'] }]);
  assert.equal(await countWaiting(ctx.database), 0);
  assert.deepEqual(await letters(), []);
});

test('who refuses us is named in one sentence in the dead letters, and the purge is done once they are replayed', async () => {
  await change('product:refused');
  await waiting(2);
  settle();
  answers.push({ status: 403, body: { success: false, errors: [{ message: 'Authentication error' }] } });
  assert.equal((await sendAll()).length, 1);
  const [letter, ...others] = await letters();
  assert.equal(others.length, 0);
  assert.equal(
    letter?.lastError,
    'Cloudflare refuses us (403: Authentication error). Check ONRUSH_CDN_TOKEN and what they may do, then replay the dead letters of the group cdn.',
  );
  assert.deepEqual(letter?.event.payload.tags, ['product:refused']);
  assert.equal(await countWaiting(ctx.database), 0);
  await replayDeadLetters(ctx.database, { group: cdnGroup, nowMs: ctx.clock.nowMs() });
  ctx.events.nudge();
  await waiting(2);
  anHourLater();
  assert.deepEqual(await sendAll(), [{ tags: ['crowd', 'product:refused'] }]);
  assert.deepEqual(await letters(), []);
});

test('a name that is refused takes no other with it', async () => {
  const isBad = (body: string) => body.includes('product:bad');
  const strict = await startStandIn(({ body }) => (isBad(body) ? { status: 400, body: { success: false } } : done));
  const own = contextOn(ctx.database, { signer: ctx.signer });
  const other = createCdn(own, {
    ...options,
    adapter: createCloudflare({ apiUrl: strict.url, zoneId: 'zone', token: 'secret', timeoutMs: 30_000 }),
  });
  await change('product:good', 'product:fine');
  await change('product:bad');
  await waiting(4);
  own.clock.advance(ctx.clock.nowMs() - own.clock.nowMs() + 4_000);
  while (await other.look());
  const taken = strict.asked.filter(({ body }) => !isBad(body)).flatMap(({ body }) => JSON.parse(body).tags);
  assert.deepEqual(taken.toSorted(), ['crowd', 'product:fine', 'product:good']);
  assert.deepEqual(
    (await letters()).map(({ event }) => event.payload.tags),
    [['product:bad']],
  );
  assert.equal(await countWaiting(ctx.database), 0);
  await replayDeadLetters(ctx.database, { group: cdnGroup, nowMs: ctx.clock.nowMs() });
  ctx.events.nudge();
  await waiting(2);
  settle();
  await sendAll();
});

test('of two processes one sends at a time, and the other takes over from one that died', async () => {
  const gate = Promise.withResolvers<Told>();
  const slow = await startStandIn(() => gate.promise);
  const own = contextOn(ctx.database, { signer: ctx.signer });
  const other = createCdn(own, {
    ...options,
    adapter: createCloudflare({ apiUrl: slow.url, zoneId: 'zone', token: 'secret', timeoutMs: 60_000 }),
  });
  await change('product:slow');
  await waiting(2);
  settle();
  own.clock.advance(ctx.clock.nowMs() - own.clock.nowMs());
  const sending = other.look();
  await until(() => slow.asked.length === 1);
  assert.deepEqual(await sendAll(), []);
  ctx.clock.advance(60_000);
  assert.deepEqual(await sendAll(), [{ tags: ['crowd', 'product:slow'] }]);
  gate.resolve(done);
  await sending;
});

test('when more has changed than can be told in a while, everything is to be forgotten at once', async () => {
  await change(...Array.from({ length: 5_001 }, (_, index) => `variant:${index}`));
  await waiting(5_002);
  settle();
  assert.deepEqual(await sendAll(), [{ purge_everything: true }]);
  assert.equal(await countWaiting(ctx.database), 0);
});

test('events that became dead letters after others have forgotten them are left out, not fallen over', async () => {
  await change('product:old');
  await waiting(2);
  settle();
  await deleteOldEvents(ctx.database, { beforeMs: ctx.clock.nowMs() });
  answers.push({ status: 401 });
  assert.equal((await sendAll()).length, 1);
  assert.equal(await countWaiting(ctx.database), 0);
});

async function handledAll(): Promise<boolean> {
  const { rows } = await sql<{ isDone: boolean }>`
    select not exists (
             select from events.outbox, events.progress where not pg_visible_in_snapshot(outbox.txid, progress.passed)
           ) as "isDone"`.execute(ctx.database);
  return rows[0]?.isDone === true;
}
