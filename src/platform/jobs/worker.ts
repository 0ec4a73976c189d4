import { EventEmitter } from 'node:events';
import { type Runner, run, type TaskList, type WorkerEvents } from 'graphile-worker';
import type { Database } from '../database/database.ts';
import type { Log } from '../telemetry/telemetry.ts';
import type { JobDefinition } from './job.ts';
import type { RunJob } from './run-job.ts';
import { workerLogger } from './worker-logger.ts';

export interface Worker {
  /** Resolves when it looks for jobs. */
  start(): Promise<void>;
  /** Takes no more jobs and waits for those that run. */
  stop(): Promise<void>;
}

const concurrency = 4;
// New jobs are told of at once (LISTEN); polling finds those whose time has come.
const pollIntervalMs = 1_000;
const restartPauseMs = 1_000;

/** The jobs that were asked for, run by graphile-worker. It gives up when the database does; then it is started again. */
export function createWorker(options: {
  jobs: readonly JobDefinition[];
  database: Database;
  log: Log;
  runJob: RunJob;
  /** Told under which name jobs are locked from now on. */
  onBegin: (holderName: string) => void;
}): Worker {
  const { database, log } = options;
  const stopping = Promise.withResolvers<void>();
  let isStopping = false;
  let runner: Runner | undefined;
  let ended: Promise<void> | undefined;

  const taskList: TaskList = Object.fromEntries(
    options.jobs.map((job) => [
      job.name,
      async (payload: unknown) => {
        const outcome = await options.runJob(job, payload);
        if (outcome.kind === 'failed') throw outcome.error;
      },
    ]),
  );

  async function begin(): Promise<Runner> {
    const events: WorkerEvents = new EventEmitter();
    events.on('pool:create', ({ workerPool }) => options.onBegin(workerPool.id));
    return run({
      connectionString: database.url,
      maxPoolSize: concurrency + 1,
      concurrency,
      pollInterval: pollIntervalMs,
      noHandleSignals: true,
      logger: workerLogger(log),
      events,
      parsedCronItems: [],
      taskList,
      // Unless batched (0: what ends in one turn of the event loop), version 0.18 does not wait for its own "this job is
      // done": a stop returns before it is written, and a fault while writing it ends the process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    });
  }

  async function keepRunning(first: Runner): Promise<void> {
    runner = first;
    while (!isStopping) {
      try {
        runner ??= await begin();
        await runner.promise;
      } catch (error) {
        if (!isStopping) log.error({ err: error }, 'the worker gave up and will be started again');
      }
      runner = undefined;
      if (!isStopping) await Promise.race([pause(restartPauseMs), stopping.promise]);
    }
  }

  return {
    async start() {
      ended = keepRunning(await begin());
    },
    async stop() {
      isStopping = true;
      stopping.resolve();
      await runner?.stop().catch((error: unknown) => log.error({ err: error }, 'the worker did not stop cleanly'));
      await ended;
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
