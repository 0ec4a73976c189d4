import assert from 'node:assert/strict';
import test from 'node:test';
import { testDatabase } from '../testing/database.ts';
import { rememberingLog } from '../testing/log.ts';
import { handleNext } from './consumer-group.ts';
import { eventsMigrations } from './migrations.ts';
import { adoptRestoredEvents } from './restore.ts';
import { insertingEvents } from './store.ts';
import { drain, event, registerConsumer, testContext } from './testing.ts';

const database = await testDatabase([eventsMigrations]);
const context = testContext(database);

/** What a dump would bring from a cluster that had used up a billion transaction ids more. */
async function pretendRestored(): Promise<void> {
  const shift = (column: string) => `(
    (pg_snapshot_xmin(${column})::text::bigint + 1000000000) || ':' ||
    (pg_snapshot_xmax(${column})::text::bigint + 1000000000) || ':' ||
    coalesce((select string_agg((xip::text::bigint + 1000000000)::text, ',') from pg_snapshot_xip(${column}) as xip), '')
  )::pg_snapshot`;
  const client = await database.connect();
  await client.query(`update events.outbox set txid = (txid::text::bigint + 1000000000)::text::xid8`);
  await client.query(`update events.progress set passed = ${shift('passed')}`);
  await client.query(`update events.progress set upto = ${shift('upto')} where upto is not null`);
  await client.end();
}

test('after a dump was restored elsewhere every group goes on where it was, and new events are seen', async () => {
  const half = await registerConsumer(database, 'half', { batchMax: 2 });
  const none = await registerConsumer(database, 'none');
  const all = await registerConsumer(database, 'all');
  await insertingEvents(
    ['a', 'b', 'a', 'b', 'a'].map((key) => event(key)),
    0,
    undefined,
  ).execute(database);
  await handleNext(context, half.consumer);
  await drain(context, all.consumer);
  await pretendRestored();

  const log = rememberingLog();
  await adoptRestoredEvents(database, context.clock.nowMs(), log);
  assert.equal(log.lines.length, 1);
  await insertingEvents([event('a'), event('c')], 0, undefined).execute(database);
  for (const { consumer } of [half, none, all]) await drain(context, consumer);
  for (const { seen } of [half, none, all]) {
    const idsOf = (wanted: string) => seen.filter(({ key }) => key === wanted).map(({ eventId }) => eventId);
    assert.deepEqual([idsOf('a'), idsOf('b'), idsOf('c')], [[1, 3, 5, 6], [2, 4], [7]]);
  }
});

test('where nothing was restored nothing is changed', async () => {
  const { consumer, seen } = await registerConsumer(database, 'usual', { fromBeginning: true });
  const log = rememberingLog();
  await adoptRestoredEvents(database, context.clock.nowMs(), log);
  assert.equal(log.lines.length, 0);
  await drain(context, consumer);
  assert.equal(seen.length, 7, 'the settled events are there for a group that begins at the beginning');
});
