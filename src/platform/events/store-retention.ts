import assert from 'node:assert/strict';
import { type Queryable, sql } from '../database/sql.ts';

export interface RetentionPage {
  readonly deletedCount: number;
  /** Events of the page that are older than asked, deleted or not. */
  readonly oldCount: number;
  /** Undefined when the outbox ends before this page. */
  readonly lastId: number | undefined;
}

/** Looks at the next events after `afterId` and deletes those that are old and that nobody needs any more. */
export async function deletePassed(
  on: Queryable,
  options: { beforeMs: number; afterId: number; limit: number },
): Promise<RetentionPage> {
  const { rows } = await sql<{ deletedCount: number; oldCount: number; lastId: number | null }>`
    with page as (
      select id, occurred_at < to_timestamp(${options.beforeMs}::double precision / 1000) as is_old
        from events.outbox
       where id > ${options.afterId}::bigint
       order by id
       limit ${options.limit}::bigint
    ), deleted as (
      delete from events.outbox
       using page
       where outbox.id = page.id
         and page.is_old
         and not exists (
           select from events.progress where not pg_visible_in_snapshot(outbox.txid, progress.passed)
         )
         and not exists (
           select from events.retry where retry.event_id = outbox.id
         )
      returning outbox.id
    )
    select (select count(*) from deleted) as "deletedCount",
           count(*) filter (where is_old) as "oldCount",
           max(id) as "lastId"
      from page`.execute(on);
  const row = rows[0];
  assert(row !== undefined, 'an aggregate has a row');
  return { deletedCount: row.deletedCount, oldCount: row.oldCount, lastId: row.lastId ?? undefined };
}

/** Forgets a group that no code consumes as any more, with its dead letters: it would keep every event for ever. */
export async function forgetGroup(on: Queryable, group: string): Promise<void> {
  await sql`delete from events.progress where group_name = ${group}::text`.execute(on);
}

/** Every group and when the oldest event occurred that it has not passed, so that an operator sees who keeps old events. */
export async function listGroups(on: Queryable): Promise<{ group: string; pendingSinceMs: number | undefined }[]> {
  const { rows } = await sql<{ group: string; pendingSinceMs: number | null }>`
    select group_name as "group",
           (select min(occurred_at) from events.outbox where not pg_visible_in_snapshot(txid, passed)) as "pendingSinceMs"
      from events.progress
     order by group_name`.execute(on);
  return rows.map((row) => ({ group: row.group, pendingSinceMs: row.pendingSinceMs ?? undefined }));
}
