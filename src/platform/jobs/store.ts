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

/**
 * Gives back the jobs of workers that are gone: those whose lock nobody holds (see keeper.ts). graphile-worker itself waits
 * four hours. Young ones are left alone, because a worker begins a moment before its lock is taken.
 */
export async function releaseAbandoned(on: Queryable, olderThanMs: number): Promise<void> {
  await sql`
    with holder as materialized (
      select distinct locked_by
        from graphile_worker.jobs
       where locked_at < now() - ${olderThanMs}::double precision * interval '1 millisecond'
    ), gone as materialized (
      select locked_by
        from holder
       where pg_try_advisory_xact_lock(hashtextextended('onrush/jobs/' || locked_by, 0))
    )
    select graphile_worker.force_unlock_workers(array_agg(locked_by))
      from gone
    having count(*) > 0`.execute(on);
}
