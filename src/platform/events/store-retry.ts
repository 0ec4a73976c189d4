import { plainArray, type Queryable, sql } from '../database/sql.ts';
import type { PublishedEvent } from './event.ts';
import { asEvent, type EventRow } from './store.ts';

/** An event that a group keeps: to be tried again, to wait behind such a one of its key, or as a dead letter. */
export interface KeptEvent {
  readonly eventId: number;
  readonly key: string;
  readonly state: 'waiting' | 'dead';
  readonly attempts: number;
  /** Undefined while it waits behind an earlier event of its key, and for the dead. */
  readonly nextAtMs: number | undefined;
  readonly lastError: string | undefined;
}

export interface DueRetry {
  readonly event: PublishedEvent;
  readonly attempts: number;
}

export interface DeadLetter {
  readonly group: string;
  readonly event: PublishedEvent;
  readonly attempts: number;
  readonly lastError: string;
}

/** Those of the keys in which an earlier event still waits. */
export async function loadBlockedKeys(on: Queryable, group: string, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`
    select distinct key
      from events.retry
     where group_name = ${group}::text
       and state = 'waiting'
       and key = any(${keys}::text[])`.execute(on);
  return new Set(rows.map((row) => row.key));
}

/** Kept events of the keys whose turn it is, in order; the first of each key is due, the others follow if it succeeds. */
export async function loadDueRetries(on: Queryable, group: string, nowMs: number, limit: number): Promise<DueRetry[]> {
  const { rows } = await sql<EventRow & { attempts: number }>`
    with due as (
      select key
        from events.retry
       where group_name = ${group}::text
         and next_at <= to_timestamp(${nowMs}::double precision / 1000)
       order by next_at
       limit ${limit}::bigint
    )
    select id, outbox.topic, outbox.key, outbox.payload, outbox.occurred_at as "occurredAtMs", outbox.traceparent, retry.attempts
      from due
      join events.retry using (key)
      join events.outbox on outbox.id = retry.event_id
     where retry.group_name = ${group}::text
       and retry.state = 'waiting'
     order by id
     limit ${limit}::bigint`.execute(on);
  return rows.map((row) => ({ event: asEvent(row), attempts: row.attempts }));
}

export async function saveKept(tx: Queryable, group: string, kept: readonly KeptEvent[]): Promise<void> {
  await sql`
    insert into events.retry (group_name, event_id, key, state, attempts, next_at, last_error)
    select ${group}::text, event_id, key, state, attempts, to_timestamp(next_at_ms / 1000), last_error
      from unnest(
        ${plainArray(kept.map((each) => each.eventId))}::bigint[],
        ${kept.map((each) => each.key)}::text[],
        ${plainArray(kept.map((each) => each.state))}::text[],
        ${plainArray(kept.map((each) => each.attempts))}::integer[],
        ${plainArray(kept.map((each) => each.nextAtMs ?? null))}::double precision[],
        ${kept.map((each) => each.lastError ?? null)}::text[]
      ) as kept (event_id, key, state, attempts, next_at_ms, last_error)
    on conflict (event_id, group_name) do update
      set state = excluded.state,
          attempts = excluded.attempts,
          next_at = excluded.next_at,
          last_error = excluded.last_error`.execute(tx);
}

/** One try, and dead. An event that the group keeps already is told the reason only. */
export async function parkEvents(
  tx: Queryable,
  { group, eventIds, reason }: { group: string; eventIds: readonly number[]; reason: string },
): Promise<void> {
  await sql`
    insert into events.retry (group_name, event_id, key, state, attempts, last_error)
    select distinct on (outbox.id) ${group}::text, outbox.id, outbox.key, 'dead', 1, ${reason}::text
      from unnest(${plainArray(eventIds)}::bigint[]) as parked (event_id)
      join events.outbox on outbox.id = parked.event_id
     order by outbox.id
    on conflict (event_id, group_name) do update set last_error = excluded.last_error`.execute(tx);
}

export async function deleteKept(tx: Queryable, group: string, eventIds: readonly number[]): Promise<void> {
  await sql`
    delete from events.retry
     where group_name = ${group}::text
       and event_id = any(${plainArray(eventIds)}::bigint[])`.execute(tx);
}

/** Gives the first waiting event of each of these keys its turn, where none has it. */
export async function promoteKept(tx: Queryable, group: string, keys: readonly string[], nowMs: number): Promise<void> {
  await sql`
    update events.retry
       set next_at = to_timestamp(${nowMs}::double precision / 1000)
      from (
        select key, min(event_id) as first_id, count(next_at) as turn_count
          from events.retry
         where group_name = ${group}::text
           and state = 'waiting'
           and key = any(${keys}::text[])
         group by key
      ) as queue
     where retry.group_name = ${group}::text
       and retry.event_id = queue.first_id
       and queue.turn_count = 0`.execute(tx);
}

/** Dead letters, oldest first; the next page begins after the last event of this one. */
export async function listDeadLetters(
  on: Queryable,
  options: { group?: string; afterEventId?: number; limit: number },
): Promise<DeadLetter[]> {
  const { rows } = await sql<EventRow & { group: string; attempts: number; lastError: string }>`
    select retry.group_name as "group", id, outbox.topic, outbox.key, outbox.payload,
           outbox.occurred_at as "occurredAtMs", outbox.traceparent,
           retry.attempts, retry.last_error as "lastError"
      from events.retry
      join events.outbox on outbox.id = retry.event_id
     where retry.state = 'dead'
       and (${options.group ?? null}::text is null or retry.group_name = ${options.group ?? null}::text)
       and retry.event_id > ${options.afterEventId ?? 0}::bigint
     order by id, retry.group_name
     limit ${options.limit}::bigint`.execute(on);
  return rows.map((row) => ({
    group: row.group,
    event: asEvent(row),
    attempts: row.attempts,
    lastError: row.lastError,
  }));
}

/** Lets these dead letters, or all of the group's, wait for their turn again with their attempts forgotten. */
export async function reviveDeadLetters(
  tx: Queryable,
  group: string,
  eventIds: readonly number[] | undefined,
): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    with revived as (
      update events.retry
         set state = 'waiting', attempts = 0
       where group_name = ${group}::text
         and state = 'dead'
         and (${eventIds === undefined}::boolean or event_id = any(${plainArray(eventIds ?? [])}::bigint[]))
      returning key
    )
    select key from revived`.execute(tx);
  return rows.map((row) => row.key);
}

/** Takes the turns of these keys back, so that promoteKept can give them to who is first now. */
export async function withdrawTurns(tx: Queryable, group: string, keys: readonly string[]): Promise<void> {
  await sql`
    update events.retry
       set next_at = null
     where group_name = ${group}::text
       and next_at is not null
       and key = any(${keys}::text[])`.execute(tx);
}
