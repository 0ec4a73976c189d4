import assert from 'node:assert/strict';
import type { Clock } from '../context/context.ts';
import type { Database } from '../database/database.ts';
import type { Log, Metrics } from '../telemetry/telemetry.ts';
import type { JobDefinition, Jobs } from './job.ts';
import { createKeeper } from './keeper.ts';
import { migrateJobs } from './migrations.ts';
import { createRunJob } from './run-job.ts';
import { createStanding, type StandingJob } from './standing.ts';
import { insertJob, releaseAbandoned } from './store.ts';
import { createWorker } from './worker.ts';

export interface JobsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How long a job was taken at least before it may be found abandoned. */
  readonly abandonedAfterMs?: number;
  /** How long graphile-worker may not look for jobs, and how long the database may owe it, or us about a lock, an answer. */
  readonly silenceMsMax?: number;
}

// The clock may be turned at any time, by an operator or a test.
const tickMaxMs = 500;

/**
 * Jobs that are asked for run in graphile-worker. It notifies its workers of each new job, which makes commits wait for one
 * another (see poller.ts in events): nothing that happens once per order should ask for a job. Standing jobs do without it.
 */
export function createJobs(options: JobsOptions): Jobs {
  const { database, clock } = options;
  const log = options.log.child({ room: 'jobs' });
  const { abandonedAfterMs = 5_000, silenceMsMax = 5_000 } = options;
  const definitions = new Map<string, JobDefinition>();
  const runJob = createRunJob({ log, metrics: options.metrics });
  let running: { stop(): Promise<void> } | undefined;

  async function begin(): Promise<{ stop(): Promise<void> }> {
    let isStopping = false;
    let wake = () => {};
    let lookedAtMs = -Infinity;
    let abandonedIds: readonly string[] = [];
    const keeper = createKeeper({ database, log, answerMsMax: silenceMsMax });
    const jobs = [...definitions.values()];
    const onDemand = jobs.filter((job) => job.everyMs === undefined);
    const standing = createStanding({
      jobs: jobs.filter((job): job is StandingJob => job.everyMs !== undefined),
      database,
      keeper,
      clock,
      log,
      runJob,
      onEnd: () => wake(),
    });
    const worker = createWorker({ jobs: onDemand, database, keeper, log, runJob, silenceMsMax });
    if (onDemand.length > 0) await worker.start();

    async function tick(): Promise<void> {
      standing.beginDue();
      await keeper.refresh();
      if (onDemand.length === 0 || performance.now() - lookedAtMs < abandonedAfterMs / 2) return;
      lookedAtMs = performance.now();
      abandonedIds = await releaseAbandoned(database, { seenIds: abandonedIds, olderThanMs: abandonedAfterMs });
    }

    const ticking = (async () => {
      while (!isStopping) {
        await tick().catch((error: unknown) => log.error({ err: error }, 'looking after jobs failed'));
        const waitMs = Math.min(tickMaxMs, Math.max(1, standing.nextInMs()));
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, waitMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          if (isStopping) wake();
        });
      }
    })();

    return {
      async stop() {
        isStopping = true;
        wake();
        await ticking;
        await Promise.all([standing.settle(), onDemand.length > 0 && worker.stop()]);
        await keeper.close();
      },
    };
  }

  return {
    define(job) {
      assert(running === undefined, 'jobs are defined before the start');
      assert(!definitions.has(job.name), `the job ${job.name} is defined once`);
      definitions.set(job.name, job as JobDefinition);
    },
    async enqueue(tx, name, payload, { runAtMs, key } = {}) {
      const definition = definitions.get(name);
      assert(definition?.everyMs === undefined, `the standing job ${name} runs by itself`);
      await insertJob(tx, { name, payload, runAtMs, key, attemptsMax: definition?.attemptsMax });
    },
    async start() {
      assert(running === undefined, 'jobs are started once');
      await migrateJobs(database, log);
      running = await begin();
    },
    async stop() {
      await running?.stop();
      running = undefined;
    },
  };
}
