import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../database/sql.ts';
import { testDatabase } from '../testing/database.ts';
import { startDoomedProcess } from '../testing/doomed-process.ts';
import { eventsMigrations } from './migrations.ts';
import { insertingEvents } from './store.ts';
import { drain, event, registerConsumer, testContext } from './testing.ts';

const database = await testDatabase([eventsMigrations]);

test('processes that are killed while they handle events leave every effect behind exactly once', async () => {
  await sql`create table effect (position bigint generated always as identity, event_id bigint, key text)`.execute(
    database,
  );
  const { consumer } = await registerConsumer(database, 'doomed', {
    async handle(tx, events) {
      for (const { eventId, key } of events) {
        await sql`insert into effect (event_id, key) values (${eventId}::bigint, ${key}::text)`.execute(tx);
      }
    },
  });
  await insertingEvents(
    Array.from({ length: 100 }, (_, n) => event(`key-${n % 3}`)),
    0,
    undefined,
  ).execute(database);

  for (const stopAtPage of ['1', '2', '4']) {
    const doomed = startDoomedProcess(new URL('./testdata/doomed-consumer.ts', import.meta.url), [
      database.url,
      stopAtPage,
    ]);
    await doomed.said('in the middle');
    await doomed.kill();
  }
  const { rows: before } = await sql<{ count: number }>`select count(*) as count from effect`.execute(database);
  assert.equal(before[0]?.count, (0 + 1 + 3) * 10, 'whole pages, and nothing of those that were cut off');

  await drain(testContext(database), consumer);
  const { rows } = await sql<{ key: string; eventId: number }>`
    select key, event_id as "eventId" from effect order by position`.execute(database);
  assert.deepEqual(
    rows.map((row) => row.eventId),
    Array.from({ length: 100 }, (_, n) => n + 1),
  );
});
