import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';

export interface WantedPurge {
  readonly kind: 'tag' | 'url' | 'everything';
  /** Empty for everything. */
  readonly name: string;
  readonly eventId: number;
}

/** Writes down what is to be purged. What waits already keeps its turn, and is sent once more if that comes too early for what asked now. */
export async function wantPurges(
  tx: Queryable,
  wanted: readonly WantedPurge[],
  { dueAtMs }: { dueAtMs: number },
): Promise<void> {
  if (wanted.length === 0) return;
  await sql`
    insert into cdn.purge as purge (kind, name, event_id, due_at, settled_at)
    select kind,
           name,
           event_id,
           to_timestamp(${dueAtMs}::double precision / 1000),
           to_timestamp(${dueAtMs}::double precision / 1000)
      from unnest(
             ${wanted.map(({ kind }) => kind)}::text[],
             ${wanted.map(({ name }) => name)}::text[],
             ${plainArray(wanted.map(({ eventId }) => eventId))}::bigint[]
           ) as wanted (kind, name, event_id)
     -- In key order, so that two who write the same never wait for each other in a circle.
     order by kind, name
    on conflict (kind, name) do update
       set event_id = excluded.event_id,
           settled_at = greatest(purge.settled_at, excluded.settled_at)`.execute(tx);
}

/**
 * Lets this process send for a while if nobody else does and no pause was asked for. Undefined otherwise, else how often in a
 * row sending has failed.
 */
export async function takeTurn(
  on: Queryable,
  nowMs: number,
  leaseMs: number,
): Promise<{ failedCount: number } | undefined> {
  const { rows } = await sql<{ failedCount: number }>`
    update cdn.pace
       set leased_until = to_timestamp(${nowMs + leaseMs}::double precision / 1000)
     where (leased_until is null or leased_until <= to_timestamp(${nowMs}::double precision / 1000))
       and (paused_until is null or paused_until <= to_timestamp(${nowMs}::double precision / 1000))
       and exists (select from cdn.purge where due_at <= to_timestamp(${nowMs}::double precision / 1000))
    returning failed_count as "failedCount"`.execute(on);
  return rows[0];
}

/** Gives the turn back. `pausedUntilMs`: nobody sends before. */
export async function endTurn(
  on: Queryable,
  { failedCount, pausedUntilMs }: { failedCount: number; pausedUntilMs: number | undefined },
): Promise<void> {
  await sql`
    update cdn.pace
       set leased_until = null,
           failed_count = ${failedCount}::integer,
           paused_until = to_timestamp(${pausedUntilMs ?? null}::double precision / 1000)`.execute(on);
}

/** Those of one kind whose turn it is, the oldest first. */
export async function loadDue(
  on: Queryable,
  { kind, nowMs, limit }: { kind: WantedPurge['kind']; nowMs: number; limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name
      from cdn.purge
     where kind = ${kind}::text
       and due_at <= to_timestamp(${nowMs}::double precision / 1000)
     order by due_at, name
     limit ${limit}::bigint`.execute(on);
  return rows.map(({ name }) => name);
}

export async function countWaiting(on: Queryable): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from cdn.purge`.execute(on);
  return rows[0]?.count ?? 0;
}

/** One purge of everything in place of all that wait. */
export async function wantEverythingInstead(tx: Queryable): Promise<void> {
  await sql`
    with waiting as (
      delete from cdn.purge returning event_id, due_at, settled_at
    )
    insert into cdn.purge (kind, name, event_id, due_at, settled_at)
    select 'everything', '', max(event_id), min(due_at), max(settled_at)
      from waiting
    having count(*) > 0`.execute(tx);
}

/** These were sent at that time: what had been asked for by then is done, what was asked for since is sent once more. */
export async function markSent(
  tx: Queryable,
  { kind, names, sentAtMs }: { kind: WantedPurge['kind']; names: readonly string[]; sentAtMs: number },
): Promise<void> {
  await lockPurges(tx, kind, names);
  await sql`
    with done as (
      delete from cdn.purge
       where kind = ${kind}::text
         and name = any(${names}::text[])
         and settled_at <= to_timestamp(${sentAtMs}::double precision / 1000)
    )
    update cdn.purge
       set due_at = settled_at
     where kind = ${kind}::text
       and name = any(${names}::text[])
       and settled_at > to_timestamp(${sentAtMs}::double precision / 1000)`.execute(tx);
}

/** Takes these out and returns the events that asked for them. */
export async function takeOut(
  tx: Queryable,
  { kind, names }: { kind: WantedPurge['kind']; names: readonly string[] },
): Promise<number[]> {
  await lockPurges(tx, kind, names);
  const { rows } = await sql<{ eventId: number }>`
    delete from cdn.purge
     where kind = ${kind}::text
       and name = any(${names}::text[])
    returning event_id as "eventId"`.execute(tx);
  return rows.map(({ eventId }) => eventId);
}

/** In key order, as those who write them do. */
async function lockPurges(tx: Queryable, kind: WantedPurge['kind'], names: readonly string[]): Promise<void> {
  await sql`
    select name
      from cdn.purge
     where kind = ${kind}::text
       and name = any(${names}::text[])
     order by kind, name
       for update`.execute(tx);
}
