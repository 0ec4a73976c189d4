import type { TaskList } from 'graphile-worker';
import type { Database } from '../database/database.ts';
import type { Log } from '../telemetry/telemetry.ts';
import type { JobDefinition } from './job.ts';
import type { Keeper } from './keeper.ts';
import type { RunJob } from './run-job.ts';
import { type Runner, startRunner } from './runner.ts';
import { jobLockName } from './store.ts';

export interface Worker {
  /** Resolves when it looks for jobs. */
  start(): Promise<void>;
  /** Takes no more jobs and waits for those that run. */
  stop(): Promise<void>;
}

const concurrency = 4;
const restartPauseMs = 1_000;

/** The jobs that were asked for, each under a lock while it runs. A runner that takes no more jobs is followed by another one. */
export function createWorker(options: {
  jobs: readonly JobDefinition[];
  database: Database;
  keeper: Keeper;
  log: Log;
  runJob: RunJob;
  /** As in runner.ts. */
  silenceMsMax: number;
}): Worker {
  const { database, keeper, log, silenceMsMax } = options;
  const stopping = Promise.withResolvers<void>();
  let isStopping = false;
  // Those before the last one may still have jobs that run.
  const runners = new Set<Runner>();
  let ended: Promise<void> | undefined;

  const taskList: TaskList = Object.fromEntries(
    options.jobs.map((job) => [
      job.name,
      async (payload: unknown, { job: { id } }) => {
        const lockName = jobLockName(id);
        if (!(await keeper.hold(lockName))) throw new Error('the job is run by somebody else');
        try {
          const outcome = await options.runJob(job, payload);
          if (outcome.kind === 'failed') throw outcome.error;
        } finally {
          await keeper.letGo(lockName);
        }
      },
    ]),
  );

  async function begin(): Promise<Runner> {
    const runner = await startRunner({ url: database.url, taskList, concurrency, silenceMsMax, log });
    runners.add(runner);
    return runner;
  }

  async function keepRunning(first: Runner): Promise<void> {
    let runner: Runner | undefined = first;
    while (!isStopping) {
      try {
        runner ??= await begin();
        await Promise.race([runner.over, stopping.promise]);
        if (isStopping) return;
        log.warn({}, 'the worker takes no more jobs and is followed by another one');
        retire(runner);
      } catch (error) {
        log.error({ err: error }, 'the worker could not be started and will be tried again');
      }
      runner = undefined;
      await Promise.race([pause(restartPauseMs), stopping.promise]);
    }
  }

  function retire(runner: Runner): void {
    void runner.stop().then(() => runners.delete(runner));
  }

  return {
    async start() {
      ended = keepRunning(await begin());
    },
    async stop() {
      isStopping = true;
      stopping.resolve();
      await ended;
      await Promise.all([...runners].map((runner) => runner.stop()));
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
