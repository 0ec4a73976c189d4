import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { openDatabase } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { testDatabase } from '../testing/database.ts';
import { startDoomedProcess } from '../testing/doomed-process.ts';
import { rememberingLog } from '../testing/log.ts';
import { until } from '../testing/until.ts';
import type { Jobs } from './job.ts';
import { createJobs } from './jobs.ts';
import { migrateJobs } from './migrations.ts';
import { loadEndedAtMs } from './store.ts';

const database = await testDatabase([], { poolMax: 12 });
await migrateJobs(database, rememberingLog());

const made: Jobs[] = [];
after(() => Promise.all(made.map((jobs) => jobs.stop())));

/** The jobs of one process. */
function setUp(options: { abandonedAfterMs?: number; nowMs?: () => number } = {}) {
  const log = rememberingLog();
  const metrics = createMetrics({ withProcess: false });
  const clock = { nowMs: options.nowMs ?? (() => Date.now()) };
  const jobs = createJobs({ database, clock, log, metrics, abandonedAfterMs: options.abandonedAfterMs ?? 10_000 });
  made.push(jobs);
  return { jobs, log, metrics };
}

const leftOver = async (name: string) =>
  (
    await sql<{ attempts: number; lastError: string | null }>`
      select attempts, last_error as "lastError" from graphile_worker.jobs where task_identifier = ${name}::text`.execute(
      database,
    )
  ).rows;
const makeDue = () =>
  sql`update graphile_worker._private_jobs set run_at = now() - interval '1 second'`.execute(database);

test('a job is asked for with the transaction or not at all, and gets its payload', async () => {
  const { jobs } = setUp();
  const received: unknown[] = [];
  jobs.define({
    name: 'send',
    run: async (payload) => {
      received.push(payload);
    },
  });
  await jobs.start();
  await assert.rejects(
    database.transaction(async (tx) => {
      await jobs.enqueue(tx, 'send', { order: 'never' });
      throw new Error('changed my mind');
    }),
  );
  await database.transaction((tx) => jobs.enqueue(tx, 'send', { order: 7, text: `"quoted", 'too' \\ ünï` }));
  await until(() => received.length > 0);
  assert.deepEqual(received, [{ order: 7, text: `"quoted", 'too' \\ ünï` }]);
  await jobs.stop();
  assert.deepEqual(await leftOver('send'), []);
});

test('a later request for the same key replaces one that has not begun', async () => {
  const { jobs } = setUp();
  const received: unknown[] = [];
  jobs.define({
    name: 'remind',
    run: async (payload) => {
      received.push(payload);
    },
  });
  await jobs.enqueue(database, 'remind', { text: 'first' }, { key: 'reminder', runAtMs: Date.now() + 3_600_000 });
  await jobs.enqueue(database, 'remind', { text: 'other' }, { key: 'other', runAtMs: Date.now() + 3_600_000 });
  await jobs.enqueue(database, 'remind', { text: 'second' }, { key: 'reminder' });
  await jobs.start();
  await until(() => received.length > 0);
  assert.deepEqual(received, [{ text: 'second' }]);
  await jobs.stop();
  assert.equal((await leftOver('remind')).length, 1);
});

test('a job that fails is tried again, as often as it says, and then kept with its last error', async () => {
  const { jobs, log, metrics } = setUp();
  let tries = 0;
  jobs.define({
    name: 'fail',
    attemptsMax: 2,
    run: async () => {
      throw new Error(`failure ${++tries}`);
    },
  });
  await jobs.start();
  await jobs.enqueue(database, 'fail', {});
  await until(async () => (await leftOver('fail'))[0]?.lastError === 'failure 1');
  await makeDue();
  await until(async () => (await leftOver('fail'))[0]?.lastError === 'failure 2');
  await makeDue();
  await jobs.stop();
  assert.equal(tries, 2);
  assert.deepEqual(await leftOver('fail'), [{ attempts: 2, lastError: 'failure 2' }]);
  assert.equal(log.lines.filter(({ level, message }) => level === 'error' && message === 'a job failed').length, 2);
  assert.match((await metrics.expose()).text, /onrush_jobs_runs_total\{job="fail",outcome="failed"\} 2/);
});

test('a standing job runs again and again, in one of many processes at a time, also when it fails', async () => {
  let runningCount = 0;
  const runsBy = [0, 0, 0];
  const processes = runsBy.map((_, index) => {
    const { jobs } = setUp();
    jobs.define({
      name: 'sweep',
      everyMs: 1,
      async run() {
        assert.equal(++runningCount, 1, 'nobody else runs it');
        await sql`select pg_sleep(0.002)`.execute(database);
        runningCount--;
        runsBy[index] = (runsBy[index] ?? 0) + 1;
        if ((runsBy[index] ?? 0) % 2 === 0) throw new Error('every other run fails');
      },
    });
    return jobs;
  });
  await Promise.all(processes.map((jobs) => jobs.start()));
  await until(() => runsBy.reduce((sum, count) => sum + count, 0) >= 30);
  // Whoever is left goes on.
  await processes[0]?.stop();
  await processes[1]?.stop();
  const before = runsBy[2] ?? 0;
  await until(() => (runsBy[2] ?? 0) >= before + 5);
  await processes[2]?.stop();
});

test('neither many processes nor a restart make a standing job more frequent, nor does the clock stop it', async () => {
  let nowMs = 1_800_000_000_000;
  let runCount = 0;
  let processCount = 0;
  /** A process with the hourly job and one of its own, which is due at once: when that has run, both were looked at. */
  const begin = async () => {
    const { jobs } = setUp({ nowMs: () => nowMs });
    let hasLooked = false;
    jobs.define({
      name: 'hourly',
      everyMs: 3_600_000,
      run: async () => {
        runCount++;
      },
    });
    jobs.define({
      name: `own-${++processCount}`,
      everyMs: 3_600_000,
      run: async () => {
        hasLooked = true;
      },
    });
    await jobs.start();
    await until(() => hasLooked);
    return jobs;
  };
  const stopAfterLooking = async () => (await begin()).stop();

  await stopAfterLooking();
  await stopAfterLooking();
  nowMs += 3_599_999;
  await Promise.all([stopAfterLooking(), stopAfterLooking()]);
  assert.equal(runCount, 1);
  nowMs += 1;
  const jobs = await begin();
  await until(async () => (await loadEndedAtMs(database, 'hourly')) === nowMs);
  assert.equal(runCount, 2);
  nowMs -= 7_200_000;
  await until(() => runCount === 3);
  await jobs.stop();
  await stopAfterLooking();
  assert.equal(runCount, 3);
});

test('a process that stops lets its jobs end', async () => {
  const { jobs } = setUp();
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  const begun: string[] = [];
  const ended: string[] = [];
  for (const definition of [{ name: 'slow-standing', everyMs: 1 }, { name: 'slow' }]) {
    jobs.define({
      ...definition,
      async run() {
        begun.push(definition.name);
        await mayEnd;
        ended.push(definition.name);
      },
    });
  }
  await jobs.start();
  await jobs.enqueue(database, 'slow', {});
  await until(() => begun.length === 2);
  const stopped = jobs.stop();
  end();
  await stopped;
  assert.deepEqual(ended.toSorted(), ['slow', 'slow-standing']);
  assert.deepEqual(await leftOver('slow'), []);
});

test('what a process ran when it was killed is run by another one', async () => {
  await setUp().jobs.enqueue(database, 'asked-for', {});
  const doomed = startDoomedProcess(new URL('./testdata/doomed-worker.ts', import.meta.url), [database.url]);
  await Promise.all([doomed.said('standing runs'), doomed.said('asked-for runs')]);

  const { jobs } = setUp({ abandonedAfterMs: 50 });
  const ran: string[] = [];
  let looks = 0;
  const note = (name: string) => async () => {
    ran.push(name);
  };
  jobs.define({ name: 'standing', everyMs: 1, run: note('standing') });
  jobs.define({ name: 'asked-for', run: note('asked-for') });
  jobs.define({
    name: 'look',
    everyMs: 100,
    run: async () => {
      looks++;
    },
  });
  await jobs.start();
  await until(() => looks >= 5);
  assert.equal(ran.length, 0, 'while it lives, its jobs are its own');
  await doomed.kill();
  await until(() => ran.includes('standing') && ran.includes('asked-for'));
  await jobs.stop();
  assert.equal(ran.filter((name) => name === 'asked-for').length, 1);
});

test('a lost connection costs no job', async () => {
  const { jobs, log } = setUp();
  let runCount = 0;
  const received: unknown[] = [];
  jobs.define({
    name: 'go-on',
    everyMs: 1,
    run: async () => {
      runCount++;
    },
  });
  jobs.define({
    name: 'go-on-too',
    run: async (payload) => {
      received.push(payload);
    },
  });
  await jobs.start();
  await until(() => runCount > 2);
  await sql`
    select pg_terminate_backend(pid)
      from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`.execute(database);
  await until(() => log.lines.some(({ message }) => message.includes('was lost')));
  const before = runCount;
  await until(() => runCount > before + 2);
  await until(() =>
    jobs.enqueue(database, 'go-on-too', { n: 1 }).then(
      () => true,
      () => false,
    ),
  );
  await until(() => received.length > 0);
  await jobs.stop();
});

test('a database that cannot be reached is told of, and the job is run when it can be', async () => {
  let isReachable = true;
  const reached = openDatabase({
    url: database.url,
    poolMax: 2,
    connectTimeoutMs: 1_000,
    statementTimeoutMs: 1_000,
    applicationName: 'onrush-test',
    onIdleError: () => {},
  });
  after(() => reached.close());
  const log = rememberingLog();
  const jobs = createJobs({
    database: { ...reached, connect: () => (isReachable ? reached.connect() : Promise.reject(new Error('away'))) },
    clock: { nowMs: () => Date.now() },
    log,
    metrics: createMetrics({ withProcess: false }),
  });
  made.push(jobs);
  let runCount = 0;
  jobs.define({
    name: 'patient',
    everyMs: 1,
    run: async () => {
      runCount++;
    },
  });
  await jobs.start();
  await until(() => runCount > 0);
  isReachable = false;
  await sql`
    select pg_terminate_backend(pid)
      from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`.execute(database);
  await until(() => log.lines.some(({ message }) => message === 'a standing job could not be run'));
  isReachable = true;
  const before = runCount;
  await until(() => runCount > before);
  await jobs.stop();
});
