import type { Clock } from '../context/context.ts';
import type { Database } from '../database/database.ts';
import type { Log } from '../telemetry/telemetry.ts';
import type { JobDefinition } from './job.ts';
import type { Keeper } from './keeper.ts';
import type { RunJob } from './run-job.ts';
import { loadEndedAtMs, saveEndedAt } from './store.ts';

export type StandingJob = JobDefinition<undefined> & { readonly everyMs: number };

export interface Standing {
  /** Begins the jobs that are due, without waiting for them. */
  beginDue(): void;
  /** How long until the next one is due. */
  nextInMs(): number;
  /** Resolves when those that run have ended. */
  settle(): Promise<void>;
}

// Who finds a job running elsewhere, or fails to ask, looks again after this long.
const lookAgainMs = 1_000;

/**
 * Standing work: each job runs again some time after its last run ended, in one process at a time. A run holds the job's
 * lock in the keeper's session, so that of several processes one runs it and a dead one leaves nothing behind; when the
 * last run ended is kept in the database, so that neither a restart nor many processes make it more frequent.
 */
export function createStanding(options: {
  jobs: readonly StandingJob[];
  database: Database;
  keeper: Keeper;
  clock: Clock;
  log: Log;
  runJob: RunJob;
  /** Told when a run has ended, so that its next one can be waited for. */
  onEnd: () => void;
}): Standing {
  const { database, keeper, clock, log, runJob } = options;
  const states = options.jobs.map((job) => ({ job, dueAtMs: -Infinity, run: undefined as Promise<void> | undefined }));
  type State = (typeof states)[number];

  async function attend(state: State): Promise<void> {
    const { job } = state;
    state.dueAtMs = clock.nowMs() + lookAgainMs;
    const lockName = `standing/${job.name}`;
    if (!(await keeper.tryHold(lockName))) return;
    try {
      const nowMs = clock.nowMs();
      const endedAtMs = await loadEndedAtMs(database, job.name);
      // An end that lies in the future was written before the clock was set back. Waiting for it could take for ever.
      if (endedAtMs === undefined || endedAtMs > nowMs || endedAtMs + job.everyMs <= nowMs) {
        await runJob(job, undefined);
        const endMs = clock.nowMs();
        await saveEndedAt(database, job.name, endMs);
        state.dueAtMs = endMs + job.everyMs;
      } else {
        state.dueAtMs = endedAtMs + job.everyMs;
      }
    } finally {
      await keeper.letGo(lockName);
    }
  }

  return {
    beginDue() {
      for (const state of states) {
        if (state.run !== undefined || !isDue(state, clock.nowMs())) continue;
        state.run = attend(state)
          .catch((error: unknown) => log.error({ err: error, job: state.job.name }, 'a standing job could not be run'))
          .finally(() => {
            state.run = undefined;
            options.onEnd();
          });
      }
    },
    nextInMs() {
      const nowMs = clock.nowMs();
      return Math.min(...states.filter(({ run }) => run === undefined).map(({ dueAtMs }) => dueAtMs - nowMs));
    },
    async settle() {
      await Promise.all(states.map(({ run }) => run));
    },
  };

  function isDue({ job, dueAtMs }: State, nowMs: number): boolean {
    // The second: the clock was set back.
    return dueAtMs <= nowMs || dueAtMs - nowMs > Math.max(job.everyMs, lookAgainMs);
  }
}
