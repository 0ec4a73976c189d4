import { EventEmitter } from 'node:events';
import { run, type TaskList, type WorkerEvents } from 'graphile-worker';
import pg from 'pg';
import type { Log } from '../telemetry/telemetry.ts';
import { workerLogger } from './worker-logger.ts';

/** graphile-worker at work until it takes no more jobs: because it was told to, because it gave up, or because it is stuck. */
export interface Runner {
  /** Resolves when it takes no more jobs; those that it has may still run. */
  readonly over: Promise<void>;
  /** Takes no more jobs, and resolves when those that it has are ended and written down. Bears to be called twice. */
  stop(): Promise<void>;
}

export interface RunnerOptions {
  readonly url: string;
  readonly taskList: TaskList;
  /** How many jobs at a time. */
  readonly concurrency: number;
  /** How long it may have a free hand and not look for jobs, and how long an answer of the database may take. */
  readonly silenceMsMax: number;
  readonly log: Log;
}

// A silence is counted in parts rather than timed: when this whole process stood still, the worker is not to blame.
const silencePartCount = 5;

/**
 * graphile-worker looks for jobs again and again, whatever happens to its connections, with exceptions. Version 0.18 keeps
 * the failure of the statements before its first look, and never takes a job; it takes none and never ends when two jobs at
 * once could not be written down as done, because it counts them wrongly; while the database starts up it sleeps for longer
 * and longer. So it is watched: with a free hand and no look at the jobs it is stopped, and while it stops with no job left
 * and says nothing it has ended.
 */
export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const { concurrency, silenceMsMax, log } = options;
  const partMs = silenceMsMax / silencePartCount;
  const over = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let isOver = false;
  let busyCount = 0;
  let silentPartCount = 0;

  const events: WorkerEvents = new EventEmitter();
  events.on('worker:getJob:empty', () => heard());
  events.on('job:start', () => heard({ busy: +1 }));
  events.on('job:complete', () => heard({ busy: -1 }));
  events.on('pool:gracefulShutdown', () => {
    heard();
    isOver = true;
    over.resolve();
  });

  function heard({ busy = 0 } = {}): void {
    busyCount += busy;
    silentPartCount = 0;
  }

  const pool = openPool(options);
  const closePool = () =>
    pool.end().catch((error: unknown) => log.warn({ err: error }, 'the worker kept a connection'));
  const runner = await run({
    pgPool: pool,
    concurrency,
    // New jobs are told of at once (LISTEN); polling finds those whose time has come.
    pollInterval: partMs,
    noHandleSignals: true,
    logger: workerLogger(log),
    events,
    parsedCronItems: [],
    taskList: options.taskList,
    // Unless batched (0: what ends in one turn of the event loop), version 0.18 does not wait for its own "this job is
    // done": a stop returns before it is written, and a fault while writing it ends the process.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  }).catch((error: unknown) => {
    void closePool();
    throw error;
  });

  function stop(): void {
    // It refuses to stop when it is stopping by itself.
    runner.stop().catch((error: unknown) => log.debug({ err: error }, 'the worker did not stop cleanly'));
  }

  const listening = setInterval(() => {
    const isToBeHeard = isOver ? busyCount === 0 : busyCount < concurrency;
    silentPartCount = isToBeHeard ? silentPartCount + 1 : 0;
    if (silentPartCount < silencePartCount) return;
    if (isOver) ended.resolve();
    // Also of one that has given up: its clock for recurring jobs still goes.
    stop();
  }, partMs);

  runner.promise
    .catch((error: unknown) => log.error({ err: error }, 'the worker gave up'))
    .finally(() => ended.resolve());
  ended.promise.finally(() => {
    clearInterval(listening);
    void closePool();
  });

  return {
    over: over.promise,
    async stop() {
      if (!isOver) stop();
      await ended.promise;
    },
  };
}

/** Its own, because it is closed with the runner, whatever the runner still does. */
function openPool({ url, concurrency, silenceMsMax }: RunnerOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'onrush-jobs',
    // One listens.
    max: concurrency + 1,
    connectionTimeoutMillis: silenceMsMax,
    query_timeout: silenceMsMax,
  });
  // Whoever uses a connection that is lost hears of it.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
