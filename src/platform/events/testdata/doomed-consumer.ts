import { openDatabase } from '../../database/database.ts';
import { sql } from '../../database/sql.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { rememberingLog } from '../../testing/log.ts';
import { createEvents } from '../events.ts';

// Writes an effect per event, and stops for good in the middle of the given page: the test kills it there.
const [url = '', stopAtPage = ''] = process.argv.slice(2);
const database = openDatabase({
  url,
  poolMax: 4,
  connectTimeoutMs: 10_000,
  statementTimeoutMs: 30_000,
  applicationName: 'doomed-consumer',
  onIdleError: () => {},
});
const events = createEvents({
  database,
  clock: { nowMs: () => Date.now() },
  log: rememberingLog(),
  metrics: createMetrics({ withProcess: false }),
});
let page = 0;
events.consume({
  group: 'doomed',
  topics: ['thing.changed'],
  batchMax: 10,
  async handle(tx, batch) {
    const isLast = ++page === Number(stopAtPage);
    for (const [index, { eventId, key }] of batch.entries()) {
      if (isLast && index === Math.floor(batch.length / 2)) {
        process.stdout.write('in the middle\n');
        await new Promise(() => {});
      }
      await sql`insert into effect (event_id, key) values (${eventId}::bigint, ${key}::text)`.execute(tx);
    }
  },
});
await events.start();
