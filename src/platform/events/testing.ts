import assert from 'node:assert/strict';
import type pg from 'pg';
import type { Database } from '../database/database.ts';
import type { Queryable } from '../database/sql.ts';
import { rememberingLog } from '../testing/log.ts';
import type { GroupContext } from './consumer-group.ts';
import { handleNext } from './consumer-group.ts';
import type { Consumer, NewEvent } from './event.ts';
import { insertingEvents, registerGroups } from './store.ts';

/** A clock that stands until it is turned. */
export function turnableClock(startMs = 1_800_000_000_000) {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    turn(byMs: number) {
      nowMs += byMs;
    },
  };
}

/** What handleNext stands on, with every delay at its ceiling so that a test knows it. */
export function testContext(database: Database) {
  const clock = turnableClock();
  const log = rememberingLog();
  const backoff = { baseMs: 100, capMs: 1_000, random: () => 1 - Number.EPSILON };
  return { database, clock, log, backoff } satisfies GroupContext;
}

export const event = (key: string, fields: object = {}, topic = 'thing.changed'): NewEvent => ({
  topic,
  key,
  payload: { version: 1, ...fields },
});

/** A transaction that the test steps through by hand, on a connection of its own. */
export interface Writer {
  readonly on: Queryable;
  begin(): Promise<void>;
  /** Takes its place among the transaction ids, as a first write of whatever kind does. */
  takeId(): Promise<void>;
  publish(...events: NewEvent[]): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  end(): Promise<void>;
}

export async function openWriter(database: Database): Promise<Writer> {
  const client: pg.Client = await database.connect();
  const on: Queryable = {
    run: (statement) => client.query({ text: statement.text, values: statement.values as unknown[] }),
  };
  const command = (text: string) => async () => {
    await client.query(text);
  };
  return {
    on,
    begin: command('begin'),
    takeId: command('select pg_current_xact_id()'),
    async publish(...events) {
      await insertingEvents(events, 1_800_000_000_000, undefined).execute(on);
    },
    commit: command('commit'),
    rollback: command('rollback'),
    end: () => client.end(),
  };
}

/** A registered group whose handler notes what it was given, in memory. */
export async function registerConsumer(
  database: Database,
  group: string,
  options: Partial<Omit<Consumer, 'group'>> = {},
): Promise<{ consumer: Consumer; seen: { eventId: number; key: string }[] }> {
  const seen: { eventId: number; key: string }[] = [];
  const consumer: Consumer = {
    group,
    topics: ['thing.changed'],
    async handle(_tx, events) {
      for (const { eventId, key } of events) seen.push({ eventId, key });
    },
    ...options,
  };
  await registerGroups(database, [{ group, fromBeginning: consumer.fromBeginning === true }]);
  return { consumer, seen };
}

/** Handles what there is, and returns how many pages that took. */
export async function drain(context: GroupContext, consumer: Consumer): Promise<number> {
  for (let pages = 0; ; pages++) {
    let step = await handleNext(context, consumer);
    // The session of a process that was killed holds the group until PostgreSQL has noticed.
    while (step.kind === 'elsewhere') step = await handleNext(context, consumer);
    if (step.kind !== 'worked') return pages;
    assert(pages < 1000, 'the group comes to rest');
  }
}
