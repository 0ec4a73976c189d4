import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Database } from '../database/database.ts';
import { testDatabase } from '../testing/database.ts';
import { rememberingLog } from '../testing/log.ts';
import { until } from '../testing/until.ts';
import { eventsMigrations } from './migrations.ts';
import { insertingEvents } from './store.ts';
import { createTail } from './tail.ts';

const database = await testDatabase([eventsMigrations]);

/** The database as one process sees it: away for a while, and then another server that knows less. */
function failingOver() {
  let state: 'well' | 'away' | 'behind' = 'well';
  const seen: Database = {
    ...database,
    async run(statement) {
      if (state === 'away') throw new Error('the server is away');
      const result = await database.run(statement);
      const [row] = result.rows as { snapshot?: string }[];
      // A standby that had not heard of any transaction yet.
      if (state === 'behind' && row?.snapshot !== undefined) row.snapshot = '3:3:';
      return result;
    },
  };
  return {
    seen,
    become(next: typeof state) {
      state = next;
    },
  };
}

const announce = (slug: string) =>
  insertingEvents(
    [{ topic: 'product.changed', key: slug, payload: { version: 1, slug } }],
    Date.now(),
    undefined,
  ).execute(database);

test('listeners hear what was announced while the database was away, and are told when it went back in time', async () => {
  const { seen, become } = failingOver();
  const log = rememberingLog();
  const failureCount = () => log.lines.filter(({ level }) => level === 'error').length;
  const tail = createTail({ database: seen, log, pollMs: 20 });
  after(() => tail.stop());
  const heard: unknown[] = [];
  let missedCount = 0;
  tail.listen({
    topics: ['product.changed'],
    hear: (events) => heard.push(...events.map(({ payload }) => payload.slug)),
    missed: () => void missedCount++,
  });
  await tail.start();
  await announce('before');
  await until(() => heard.includes('before'));

  become('away');
  await announce('meanwhile');
  await until(() => failureCount() > 0);
  become('well');
  await until(() => heard.includes('meanwhile'));
  assert.equal(missedCount, 0, 'nothing was missed');

  const failuresBefore = failureCount();
  become('away');
  await until(() => failureCount() > failuresBefore);
  become('behind');
  await until(() => missedCount === 1);
});
