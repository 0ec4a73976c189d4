import type { Queryable } from '../database/sql.ts';
import { sql } from '../database/sql.ts';

export interface NewJob {
  readonly name: string;
  readonly payload: unknown;
  readonly runAtMs: number | undefined;
  readonly key: string | undefined;
  readonly attemptsMax: number | undefined;
}

export async function insertJob(tx: Queryable, job: NewJob): Promise<void> {
  await sql`
    select
      from graphile_worker.add_job(
        identifier => ${job.name}::text,
        payload => ${JSON.stringify(job.payload ?? {})}::json,
        run_at => to_timestamp(${job.runAtMs ?? null}::double precision / 1000),
        max_attempts => ${job.attemptsMax ?? null}::integer,
        job_key => ${job.key ?? null}::text
      )`.execute(tx);
}

/** Takes a lock that PostgreSQL itself lets go of when the session ends, however it ends. */
export async function tryLock(session: Queryable, lockName: string): Promise<boolean> {
  const { rows } = await sql<{ isLocked: boolean }>`
    select pg_try_advisory_lock(hashtextextended('onrush/jobs/' || ${lockName}::text, 0)) as "isLocked"`.execute(
    session,
  );
  return rows[0]?.isLocked === true;
}

export async function unlock(session: Queryable, lockName: string): Promise<void> {
  await sql`
    select pg_advisory_unlock(hashtextextended('onrush/jobs/' || ${lockName}::text, 0))`.execute(session);
}

export async function loadEndedAtMs(on: Queryable, name: string): Promise<number | undefined> {
  const { rows } = await sql<{ endedAtMs: number }>`
    select ended_at as "endedAtMs" from jobs.standing where name = ${name}::text`.execute(on);
  return rows[0]?.endedAtMs;
}

export async function saveEndedAt(on: Queryable, name: string, endedAtMs: number): Promise<void> {
  await sql`
    insert into jobs.standing (name, ended_at)
    values (${name}::text, to_timestamp(${endedAtMs}::double precision / 1000))
    on conflict (name) do update set ended_at = excluded.ended_at`.execute(on);
}

/** What somebody holds who runs this job (see keeper.ts). */
export function jobLockName(jobId: string): string {
  return `job/${jobId}`;
}

/**
 * Gives back the jobs that graphile-worker takes for running and nobody runs: whose process died, whose end could not be
 * written down, which were taken while the answer was lost. graphile-worker itself waits four hours.
 *
 * Young ones are left alone, because a job is taken a moment before its lock. So are those that were not abandoned at the
 * look before this one (`seenIds`): a lock may have been lost with its session a moment ago, and be taken again.
 *
 * Returns what is abandoned at this look.
 */
export async function releaseAbandoned(
  on: Queryable,
  options: { seenIds: readonly string[]; olderThanMs: number },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with old as materialized (
      select id
        from graphile_worker.jobs
       where locked_at < now() - ${options.olderThanMs}::double precision * interval '1 millisecond'
    ), abandoned as materialized (
      select id
        from old
       where pg_try_advisory_xact_lock(hashtextextended('onrush/jobs/job/' || id, 0))
    ), released as (
      update graphile_worker._private_jobs as job
         set locked_at = null,
             locked_by = null
        from abandoned
       where job.id = abandoned.id
         and job.id = any(${options.seenIds}::bigint[])
         and job.locked_at < now() - ${options.olderThanMs}::double precision * interval '1 millisecond'
    )
    select id::text
      from abandoned`.execute(on);
  return rows.map(({ id }) => id);
}
