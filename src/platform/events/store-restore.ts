import type { Queryable } from '../database/sql.ts';
import { sql } from '../database/sql.ts';

/**
 * Whether the events come from another PostgreSQL cluster: a dump that was restored here. Transaction ids mean nothing
 * there, and read as if they were ours, new events would seem handled already.
 */
export async function isRestored(on: Queryable): Promise<boolean> {
  const { rows } = await sql<{ isRestored: boolean }>`
    select exists (
             select from events.progress
              where pg_snapshot_xmax(coalesce(upto, passed)) > pg_snapshot_xmax(pg_current_snapshot())
           )
        or coalesce(
             (select txid from events.outbox order by txid desc limit 1) >= pg_snapshot_xmax(pg_current_snapshot()),
             false
           ) as "isRestored"`.execute(on);
  return rows[0]?.isRestored === true;
}

export async function lockProgress(tx: Queryable): Promise<void> {
  // Not `lock table`, which cannot be prepared. Each statement here sees what the one before the lock's holder wrote.
  await sql`
    select pg_advisory_xact_lock(hashtextextended('onrush/events', 0))`.execute(tx);
}

/** What a group had not handled yet waits as if it had failed, in order within its key. */
export async function keepUnhandled(tx: Queryable): Promise<void> {
  await sql`
    insert into events.retry (group_name, event_id, key, state, attempts)
    select group_name, id, key, 'waiting', 0
      from events.progress
      join events.outbox
        on not pg_visible_in_snapshot(txid, passed)
       and not coalesce(pg_visible_in_snapshot(txid, upto) and id <= done_id, false)
    on conflict do nothing`.execute(tx);
}

export async function promoteAllKept(tx: Queryable, nowMs: number): Promise<void> {
  await sql`
    update events.retry
       set next_at = to_timestamp(${nowMs}::double precision / 1000)
      from (
        select group_name, min(event_id) as first_id, count(next_at) as turn_count
          from events.retry
         where state = 'waiting'
         group by group_name, key
      ) as queue
     where retry.group_name = queue.group_name
       and retry.event_id = queue.first_id
       and queue.turn_count = 0`.execute(tx);
}

/** The oldest id that a transaction can have: before every snapshot. */
export async function settleEvents(tx: Queryable): Promise<void> {
  await sql`
    update events.outbox
       set txid = '3'::xid8
     where txid >= pg_snapshot_xmin(pg_current_snapshot())`.execute(tx);
}

export async function passAll(tx: Queryable): Promise<void> {
  await sql`
    update events.progress
       set passed = pg_current_snapshot(), upto = null, floor_id = null, ceiling_id = null, done_id = null`.execute(tx);
}
