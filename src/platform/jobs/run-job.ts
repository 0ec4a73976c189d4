import type { Log, Metrics } from '../telemetry/telemetry.ts';
import type { JobDefinition } from './job.ts';

/** Runs a job once, counts and times it, and tells when it failed; returns whether it did not, and never throws. */
export type RunJob = <Payload>(job: JobDefinition<Payload>, payload: Payload) => Promise<JobOutcome>;

export type JobOutcome = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly error: unknown };

export function createRunJob(options: { log: Log; metrics: Metrics }): RunJob {
  const { log, metrics } = options;
  const runs = metrics.counter('onrush_jobs_runs_total', 'Runs of jobs by outcome', ['job', 'outcome']);
  const seconds = metrics.histogram('onrush_jobs_run_seconds', 'How long runs of jobs take', {
    buckets: [0.01, 0.1, 1, 10, 60, 600],
    labelNames: ['job'],
  });
  return async (job, payload) => {
    const startMs = performance.now();
    let outcome: JobOutcome = { kind: 'done' };
    try {
      await job.run(payload);
    } catch (error) {
      outcome = { kind: 'failed', error };
      log.error({ err: error, job: job.name }, 'a job failed');
    }
    seconds.observe((performance.now() - startMs) / 1000, { job: job.name });
    runs.add(1, { job: job.name, outcome: outcome.kind });
    return outcome;
  };
}
