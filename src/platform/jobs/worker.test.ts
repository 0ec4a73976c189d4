import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Database } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { testDatabase } from '../testing/database.ts';
import { rememberingLog } from '../testing/log.ts';
import { testRoad } from '../testing/road.ts';
import { until } from '../testing/until.ts';
import type { Jobs } from './job.ts';
import { createJobs } from './jobs.ts';
import { migrateJobs } from './migrations.ts';

const database = await testDatabase([], { poolMax: 12 });
await migrateJobs(database, rememberingLog());

const made: Jobs[] = [];
after(() => Promise.all(made.map((jobs) => jobs.stop())));

/** The jobs of one process, which gives up soon what does not answer. */
function setUp(on: Database = database) {
  const log = rememberingLog();
  const jobs = createJobs({
    database: on,
    clock: { nowMs: () => Date.now() },
    log,
    metrics: createMetrics({ withProcess: false }),
    abandonedAfterMs: 200,
    silenceMsMax: 1_000,
  });
  made.push(jobs);
  return { jobs, log };
}

const jobRows = async () =>
  (
    await sql<{ isTaken: boolean; lastError: string | null }>`
      select locked_at is not null as "isTaken", last_error as "lastError" from graphile_worker.jobs`.execute(database)
  ).rows;

const lockTasks = sql`lock table graphile_worker._private_tasks in exclusive mode`;
const lockJobs = sql`lock table graphile_worker._private_jobs in exclusive mode`;

/** Whoever wants to write waits, until the function that is returned is called. */
async function block(lock: typeof lockJobs): Promise<() => Promise<void>> {
  const { promise: isLocked, resolve: locked } = Promise.withResolvers<void>();
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  const ended = database.transaction(async (tx) => {
    await lock.execute(tx);
    locked();
    await mayEnd;
  });
  await Promise.race([isLocked, ended]);
  return () => {
    end();
    return ended;
  };
}

/** How many statements that begin so wait for who blocks. */
async function waitingCount(beginning: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)
      from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and starts_with(query, ${beginning}::text)`.execute(
    database,
  );
  return rows[0]?.count ?? 0;
}

async function endConnections(beginning: string): Promise<void> {
  await sql`
    select pg_terminate_backend(pid)
      from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and starts_with(query, ${beginning}::text)`.execute(
    database,
  );
}

test('a worker that loses the connection of its first look runs jobs all the same', async () => {
  const { jobs } = setUp();
  let runCount = 0;
  jobs.define({
    name: 'first',
    run: async () => {
      runCount++;
    },
  });
  const unblock = await block(lockTasks);
  await jobs.start();
  const look = 'insert into "graphile_worker"._private_tasks';
  await until(async () => (await waitingCount(look)) > 0);
  await endConnections(look);
  await unblock();
  await jobs.enqueue(database, 'first', {});
  await until(() => runCount === 1);
  await jobs.stop();
});

test('jobs whose end could not be written down are run again, and others too', async () => {
  const { jobs } = setUp();
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const begun: number[] = [];
  jobs.define<{ index: number }>({
    name: 'forgotten',
    run: async ({ index }) => {
      begun.push(index);
      await ends[index]?.promise;
    },
  });
  await jobs.start();
  for (const index of ends.keys()) await jobs.enqueue(database, 'forgotten', { index });
  await until(() => begun.length === 2);
  const unblock = await block(lockJobs);
  const write = 'delete from "graphile_worker"._private_jobs';
  // One after the other: graphile-worker would write both in one statement.
  for (const [index, { resolve }] of ends.entries()) {
    resolve();
    await until(async () => (await waitingCount(write)) === index + 1);
  }
  await endConnections(write);
  await unblock();
  await jobs.enqueue(database, 'forgotten', { index: 2 });
  await until(async () => (await jobRows()).length === 0);
  for (const index of ends.keys()) assert(begun.filter((each) => each === index).length > 1);
  assert(begun.includes(2));
  await jobs.stop();
});

test('a job that was taken, and never heard of because the server fell silent, is run, and so is standing work', async () => {
  const road = await testRoad(database, { poolMax: 4, statementTimeoutMs: 500, answerGraceMs: 500 });
  const { jobs, log } = setUp(road.database);
  let runCount = 0;
  let standingCount = 0;
  jobs.define({
    name: 'unheard',
    run: async () => {
      runCount++;
    },
  });
  jobs.define({
    name: 'standing',
    everyMs: 1,
    run: async () => {
      standingCount++;
    },
  });
  await jobs.enqueue(database, 'unheard', {});
  const unblock = await block(lockJobs);
  await jobs.start();
  await until(async () => standingCount > 0 && (await waitingCount('with j as')) > 0);
  road.swallow(true);
  await unblock();
  // By then the answer is lost.
  await until(() => log.lines.some(({ message }) => message.startsWith('the worker takes no more jobs')));
  assert.deepEqual(await jobRows(), [{ isTaken: true, lastError: null }]);
  assert.equal(runCount, 0);
  road.swallow(false);
  const before = standingCount;
  await until(() => runCount === 1 && standingCount > before);
  await jobs.stop();
});

test('a job is not run by two at a time, not even when it was given back too early', async () => {
  const { jobs: first } = setUp();
  const { jobs: second } = setUp();
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  let runCount = 0;
  for (const jobs of [first, second]) {
    jobs.define({
      name: 'long',
      run: async () => {
        runCount++;
        await mayEnd;
      },
    });
    await jobs.start();
  }
  await first.enqueue(database, 'long', {});
  await until(() => runCount === 1);
  await sql`
    select graphile_worker.force_unlock_workers(array_agg(locked_by)) from graphile_worker.jobs`.execute(database);
  await until(async () => (await jobRows())[0]?.lastError === 'the job is run by somebody else');
  assert.equal(runCount, 1);
  end();
  await until(async () => (await jobRows()).length === 0);
  await Promise.all([first.stop(), second.stop()]);
  assert.equal(runCount, 1);
});
