import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { sql } from '../database/sql.ts';
import { testDatabase } from '../testing/database.ts';
import { replayDeadLetters } from './dead-letter.ts';
import { eventsMigrations } from './migrations.ts';
import { deleteOldEvents } from './retention.ts';
import { insertingEvents } from './store.ts';
import { forgetGroup, listGroups } from './store-retention.ts';
import { drain, event, openWriter, registerConsumer, testContext } from './testing.ts';

const database = await testDatabase([eventsMigrations]);
const context = testContext(database);
const writer = await openWriter(database);
after(() => writer.end());

const keptKeys = async () =>
  (await sql<{ key: string }>`select key from events.outbox order by id`.execute(database)).rows.map((row) => row.key);
const day = 86_400_000;

test('only what is old and what every group has passed is deleted', async () => {
  const quick = await registerConsumer(database, 'quick');
  const slow = await registerConsumer(database, 'slow', { batchMax: 1 });
  const other = await registerConsumer(database, 'other', { topics: ['else.changed'] });
  await insertingEvents([event('old-1'), event('old-2')], 1 * day, undefined).execute(database);
  await insertingEvents([event('young')], 9 * day, undefined).execute(database);
  await writer.begin();
  await writer.publish(event('late'));
  await drain(context, quick.consumer);
  await drain(context, other.consumer);
  assert.equal(await deleteOldEvents(database, { beforeMs: 5 * day }), 0, 'the slow group has seen nothing yet');
  await drain(context, slow.consumer);
  assert.equal(await deleteOldEvents(database, { beforeMs: 5 * day }), 2);
  assert.deepEqual(await keptKeys(), ['young']);
  await writer.commit();
  assert.equal(await deleteOldEvents(database, { beforeMs: 5 * day }), 0);
  await sql`update events.outbox set occurred_at = to_timestamp(0)`.execute(database);
  await drain(context, quick.consumer);
  await drain(context, other.consumer);
  assert.equal(
    await deleteOldEvents(database, { beforeMs: 5 * day }),
    1,
    'the late one is not passed by the slow group',
  );
  assert.deepEqual(await keptKeys(), ['late']);
  assert.deepEqual(
    (await listGroups(database)).map(({ group, pendingSinceMs }) => [group, pendingSinceMs]),
    [
      ['other', undefined],
      ['quick', undefined],
      ['slow', 0],
    ],
  );
  await forgetGroup(database, 'slow');
  assert.equal(await deleteOldEvents(database, { beforeMs: 5 * day }), 1);
  assert.deepEqual([slow.seen.length, quick.seen.length, other.seen.length], [3, 4, 0]);
});

test('a dead letter is kept however old, until it was replayed', async () => {
  let isFailing = true;
  const { consumer } = await registerConsumer(database, 'failing', {
    attemptsMax: 1,
    async handle() {
      if (isFailing) throw new Error('no');
    },
  });
  await insertingEvents([event('dead')], 0, undefined).execute(database);
  await drain(context, consumer);
  for (const group of ['quick', 'other']) await forgetGroup(database, group);
  assert.equal(await deleteOldEvents(database, { beforeMs: 5 * day }), 0);
  isFailing = false;
  await replayDeadLetters(database, { group: 'failing', nowMs: context.clock.nowMs() });
  assert.equal(await deleteOldEvents(database, { beforeMs: 5 * day }), 0);
  await drain(context, consumer);
  assert.equal(await deleteOldEvents(database, { beforeMs: 5 * day }), 1);
});

test('many old events go page by page, over what must stay', async () => {
  const { consumer } = await registerConsumer(database, 'many', {
    attemptsMax: 1,
    topics: ['thing.changed', 'thing.broken'],
    async handle(_tx, events) {
      if (events.some(({ topic }) => topic === 'thing.broken')) throw new Error('no');
    },
  });
  await forgetGroup(database, 'failing');
  const many = Array.from({ length: 6_000 }, (_, n) =>
    event(`n-${n}`, {}, n === 10 ? 'thing.broken' : 'thing.changed'),
  );
  await insertingEvents([...many, ...many], 0, undefined).execute(database);
  await drain(context, consumer);
  assert.equal(await deleteOldEvents(database, { beforeMs: 5 * day }), 11_998);
  assert.deepEqual(await keptKeys(), ['n-10', 'n-10']);
});
