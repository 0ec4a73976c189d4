import assert from 'node:assert/strict';
import type { QueryResultRow } from 'pg';
import { plainArray, type Queryable, type Statement, sql } from '../database/sql.ts';
import type { NewEvent, PublishedEvent } from './event.ts';
import type { PageRange, Snapshot, Window } from './window.ts';

export interface GroupProgress {
  readonly passed: Snapshot;
  /** The window that was open when the last page was done. */
  readonly window: Window | undefined;
  /** When the first kept event is to be tried again. */
  readonly retryAtMs: number | undefined;
}

export interface GroupSurvey {
  readonly group: string;
  /** When the oldest event occurred that the group has not looked at yet; of any topic. */
  readonly pendingSinceMs: number | undefined;
  readonly retryAtMs: number | undefined;
  readonly deadCount: number;
}

/**
 * The order lane's hot path: a thousand events in one statement of a thousand rows. A line is a value: JSON text has no raw
 * line break and names have none either, so neither side quotes or escapes (which took half of the driver's time).
 */
export function insertingEvents(
  events: readonly NewEvent[],
  occurredAtMs: number,
  traceparent: string | undefined,
): Statement {
  return sql`
    insert into events.outbox (topic, key, payload, occurred_at, traceparent)
    select topic, key, payload, to_timestamp(${occurredAtMs}::double precision / 1000), ${traceparent ?? null}::text
      from unnest(
        string_to_array(${lines(events.map((event) => event.topic))}::text, E'\n'),
        string_to_array(${lines(events.map((event) => event.key))}::text, E'\n'),
        string_to_array(${lines(events.map((event) => JSON.stringify(event.payload)))}::text, E'\n')
      ) as event (topic, key, payload)`;
}

/** As many lines as values: it may be too late to count the rows when they were written. */
function lines(values: readonly string[]): string {
  for (const value of values) assert(value !== '' && !value.includes('\n'), `${JSON.stringify(value)} is one line`);
  return values.join('\n');
}

/** Gives groups that are not known yet their place: at the end of the outbox, or at its beginning. */
export async function registerGroups(on: Queryable, groups: readonly { group: string; fromBeginning: boolean }[]) {
  await sql`
    insert into events.progress (group_name, passed)
    select group_name, case when from_beginning then '3:3:'::pg_snapshot else pg_current_snapshot() end
      from unnest(
        ${groups.map((each) => each.group)}::text[],
        ${plainArray(groups.map((each) => String(each.fromBeginning)))}::boolean[]
      ) as wanted (group_name, from_beginning)
    on conflict (group_name) do nothing`.execute(on);
}

/** What there is to do for each of these groups: one statement per poll, however many groups. */
export async function surveyGroups(on: Queryable, groups: readonly string[]): Promise<GroupSurvey[]> {
  const { rows } = await plannedAnew(
    on,
    sql<{ group: string; pendingSinceMs: number | null; retryAtMs: number | null; deadCount: number }>`
    select group_name as "group",
           case
             when upto is not null then coalesce(
               (select occurred_at from events.outbox where id > done_id order by id limit 1),
               now())
             else coalesce(
               (select occurred_at
                  from events.outbox
                 where txid >= pg_snapshot_xmax(passed)
                 order by txid
                 limit 1),
               (select late.occurred_at
                  from pg_snapshot_xip(passed) as running (txid)
                 cross join lateral (
                   select occurred_at from events.outbox where outbox.txid = running.txid limit 1
                 ) as late
                 limit 1))
           end as "pendingSinceMs",
           (select next_at
              from events.retry
             where retry.group_name = progress.group_name
               and next_at is not null
             order by next_at
             limit 1) as "retryAtMs",
           (select count(*)
              from events.retry
             where retry.group_name = progress.group_name
               and state = 'dead') as "deadCount"
      from events.progress
     where group_name = any(${groups}::text[])`,
  );
  return rows.map((row) => ({
    group: row.group,
    pendingSinceMs: row.pendingSinceMs ?? undefined,
    retryAtMs: row.retryAtMs ?? undefined,
    deadCount: row.deadCount,
  }));
}

/**
 * Makes this transaction the one that handles the group, if nobody else does. An advisory lock, because a row lock would
 * give the transaction an id of its own before the window is opened (see openWindow).
 */
export async function tryLockGroup(tx: Queryable, group: string): Promise<boolean> {
  const { rows } = await sql<{ isLocked: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('onrush/events/' || ${group}::text, 0)) as "isLocked"`.execute(
    tx,
  );
  return rows[0]?.isLocked === true;
}

/** Undefined for a group that is not registered (any more). */
export async function loadProgress(tx: Queryable, group: string): Promise<GroupProgress | undefined> {
  const { rows } = await sql<{
    passed: Snapshot;
    upto: Snapshot | null;
    floorId: number;
    ceilingId: number;
    doneId: number;
    retryAtMs: number | null;
  }>`
    select passed::text as passed,
           upto::text as upto,
           floor_id as "floorId",
           ceiling_id as "ceilingId",
           done_id as "doneId",
           (select next_at
              from events.retry
             where retry.group_name = progress.group_name
               and next_at is not null
             order by next_at
             limit 1) as "retryAtMs"
      from events.progress
     where group_name = ${group}::text`.execute(tx);
  const row = rows[0];
  if (row === undefined) return undefined;
  const { passed, upto, floorId, ceilingId, doneId } = row;
  return {
    passed,
    window: upto === null ? undefined : { passed, upto, floorId, ceilingId, doneId },
    retryAtMs: row.retryAtMs ?? undefined,
  };
}

export async function currentSnapshot(on: Queryable): Promise<Snapshot> {
  const { rows } = await sql<{ snapshot: Snapshot }>`select pg_current_snapshot()::text as snapshot`.execute(on);
  assert(rows[0] !== undefined, 'PostgreSQL always has a current snapshot');
  return rows[0].snapshot;
}

// A transaction that announces more than this while others commit is walked to, not fetched; a window longer than this is
// measured whole.
const probeRowsMax = 1000;

/**
 * Opens the window from `passed` to now; undefined when nothing was announced since. It must not run in a transaction that
 * has an id already: a snapshot does not count its own transaction as running, so what that transaction announces later
 * would lie inside a window that is already read.
 *
 * Late commits (of transactions that were running when `passed` was taken) are few as a rule and are fetched by
 * transaction; when they are many, as after a large import, the walk by id begins at the first of them instead.
 */
export async function openWindow(on: Queryable, passed: Snapshot): Promise<Window | undefined> {
  // The limits are there for the planner: with them the index on txid is the best plan on any statistics, none included.
  const { rows } = await plannedAnew(
    on,
    sql<{
      upto: Snapshot;
      lateCount: number;
      lateLastId: number | null;
      mainCount: number;
      mainFirstId: number | null;
      mainLastId: number | null;
      hasOwnId: boolean;
    }>`
    select pg_current_snapshot()::text as upto,
           late.row_count as "lateCount",
           late.last_id as "lateLastId",
           main.row_count as "mainCount",
           main.first_id as "mainFirstId",
           main.last_id as "mainLastId",
           pg_current_xact_id_if_assigned() is not null as "hasOwnId"
      from (
        select count(*) as row_count, max(id) as last_id
          from pg_snapshot_xip(${passed}::pg_snapshot) as running (txid)
         cross join lateral (
           select id from events.outbox where outbox.txid = running.txid limit ${probeRowsMax}::bigint
         ) as own
      ) as late
     cross join (
        select count(*) as row_count, min(id) as first_id, max(id) as last_id
          from (
            select id
              from events.outbox
             where txid >= pg_snapshot_xmax(${passed}::pg_snapshot)
             order by txid
             limit ${probeRowsMax}::bigint
          ) as earliest
      ) as main`,
  );
  const row = rows[0];
  assert(row !== undefined, 'an aggregate has a row');
  assert(!row.hasOwnId, 'a window is opened before its transaction writes anything');

  const { upto } = row;
  const hasManyLate = row.lateCount >= probeRowsMax;
  if (row.lateCount === 0 && row.mainCount === 0) return undefined;
  if (hasManyLate || row.mainCount >= probeRowsMax) {
    return { passed, upto, ...(await measureWindow(on, passed, hasManyLate)), doneId: 0 };
  }
  const floorId = row.mainFirstId ?? (row.lateLastId ?? 0) + 1;
  return { passed, upto, floorId, ceilingId: Math.max(row.mainLastId ?? 0, row.lateLastId ?? 0), doneId: 0 };
}

/** From where to where a window goes that ends now: never less than one that ended a moment ago. */
async function measureWindow(on: Queryable, passed: Snapshot, withLate: boolean) {
  const { rows } = await plannedAnew(
    on,
    sql<{ floorId: number; ceilingId: number }>`
    select min(id + 0) filter (where ${withLate}::boolean or txid >= pg_snapshot_xmax(${passed}::pg_snapshot)) as "floorId",
           max(id + 0) as "ceilingId"
      from events.outbox
     where txid >= pg_snapshot_xmin(${passed}::pg_snapshot)
       and not pg_visible_in_snapshot(txid, ${passed}::pg_snapshot)`,
  );
  assert(rows[0] !== undefined, 'an aggregate has a row');
  return rows[0];
}

/** The first events of a range of a window, in the order of their ids. */
export async function loadWindowPage(
  on: Queryable,
  window: Window,
  range: PageRange,
  topics: readonly string[],
  limit: number,
): Promise<PublishedEvent[]> {
  // "+ 0" keeps the primary key out of the search for late rows, of which there are few and before which there may be
  // millions. The range of the others is short, so that no plan for it is a bad one.
  const { rows } = await plannedAnew(
    on,
    sql<EventRow>`
    (select late.id, topic, key, payload, occurred_at as "occurredAtMs", traceparent
       from pg_snapshot_xip(${window.passed}::pg_snapshot) as running (txid)
      cross join lateral (
        select id, topic, key, payload, occurred_at, traceparent
          from events.outbox
         where outbox.txid = running.txid
           and pg_visible_in_snapshot(outbox.txid, ${window.upto}::pg_snapshot)
           and id + 0 > ${window.doneId}::bigint
           and id + 0 < ${window.floorId}::bigint
           and topic = any(${topics}::text[])
        offset 0
      ) as late
      order by late.id
      limit ${limit}::bigint)
    union all
    (select id, topic, key, payload, occurred_at as "occurredAtMs", traceparent
       from events.outbox
      where id between ${range.firstId}::bigint and ${range.lastId}::bigint
        and pg_visible_in_snapshot(txid, ${window.upto}::pg_snapshot)
        and not pg_visible_in_snapshot(txid, ${window.passed}::pg_snapshot)
        and topic = any(${topics}::text[])
      order by id
      limit ${limit}::bigint)
    order by id
    limit ${limit}::bigint`,
  );
  return rows.map(asEvent);
}

export interface EventRow {
  readonly id: number;
  readonly topic: string;
  readonly key: string;
  readonly payload: string;
  readonly occurredAtMs: number;
  readonly traceparent: string | null;
}

export function asEvent(row: EventRow): PublishedEvent {
  return {
    eventId: row.id,
    topic: row.topic,
    key: row.key,
    payload: JSON.parse(row.payload) as PublishedEvent['payload'],
    occurredAtMs: row.occurredAtMs,
    traceparent: row.traceparent ?? undefined,
  };
}

/** The group has done a part of the window, or all of it (`window` undefined). */
export async function saveProgress(
  tx: Queryable,
  group: string,
  progress: { passed: Snapshot; window: Window | undefined },
): Promise<void> {
  const { passed, window } = progress;
  const { rowCount } = await sql`
    update events.progress
       set passed = ${passed}::pg_snapshot,
           upto = ${window?.upto ?? null}::pg_snapshot,
           floor_id = ${window?.floorId ?? null}::bigint,
           ceiling_id = ${window?.ceilingId ?? null}::bigint,
           done_id = ${window?.doneId ?? null}::bigint
     where group_name = ${group}::text`.execute(tx);
  assert(rowCount === 1, `the group ${group} is registered`);
}

/**
 * Without a name a statement is planned each time, on the table as it is then. A plan made once, at the start on an empty
 * table, would scan all of it until the first ANALYZE, in the very minutes of a sale that begins on a fresh shop.
 */
function plannedAnew<Row extends QueryResultRow>(on: Queryable, statement: Statement<Row>) {
  return on.run({ ...statement, name: '' });
}
