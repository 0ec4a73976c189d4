import { openDatabase } from '../../database/database.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { rememberingLog } from '../../testing/log.ts';
import { createJobs } from '../jobs.ts';

// Begins a standing job and one that was asked for, says so, and never ends them: the test kills it.
const [url = ''] = process.argv.slice(2);
const database = openDatabase({
  url,
  poolMax: 4,
  connectTimeoutMs: 10_000,
  statementTimeoutMs: 30_000,
  applicationName: 'doomed-worker',
  onIdleError: () => {},
});
const jobs = createJobs({
  database,
  clock: { nowMs: () => Date.now() },
  log: rememberingLog(),
  metrics: createMetrics({ withProcess: false }),
});
for (const definition of [{ name: 'standing', everyMs: 1 }, { name: 'asked-for' }]) {
  jobs.define({
    ...definition,
    run() {
      process.stdout.write(`${definition.name} runs\n`);
      return new Promise(() => {});
    },
  });
}
await jobs.start();
