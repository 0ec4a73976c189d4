import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Database } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { testDatabase } from '../testing/database.ts';
import { rememberingLog } from '../testing/log.ts';
import { until } from '../testing/until.ts';
import type { Events, NewEvent, PublishedEvent } from './event.ts';
import { createEvents } from './events.ts';
import { eventsMigrations } from './migrations.ts';
import { event, openWriter, turnableClock } from './testing.ts';

const database = await testDatabase([eventsMigrations], { poolMax: 20 });
const running: Events[] = [];
after(() => Promise.all(running.map((events) => events.stop())));

/** The events of one process. */
function setUp(options: { on?: Database; pollMs?: number; traceparent?: () => string } = {}) {
  const log = rememberingLog();
  const metrics = createMetrics({ withProcess: false });
  const clock = turnableClock();
  const events = createEvents({
    database: options.on ?? database,
    clock,
    log,
    metrics,
    pollMs: options.pollMs ?? 20,
    ...(options.traceparent && { traceparent: options.traceparent }),
  });
  running.push(events);
  return { events, log, metrics, clock };
}

const publish = (events: Events, ...all: NewEvent[]) => database.transaction((tx) => events.publish(tx, all));

test('an event comes as it was announced, with its time and its trace', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const { events, clock } = setUp({ traceparent: () => traceparent });
  const seen: PublishedEvent[] = [];
  events.consume({
    group: 'plain',
    topics: ['order.placed'],
    async handle(_tx, batch) {
      seen.push(...batch);
    },
  });
  await events.start();
  const payload = {
    version: 3,
    text: `line\nbreak, "quotes", \\ back, {braces}, ünï, 买家, \u0000, \ud800`,
    list: [null, 1.5],
  };
  await publish(
    events,
    { topic: 'order.placed', key: `a,b "c" {d} \\ 'e'`, payload },
    { topic: 'order.placed', key: 'plain', payload: { version: 1 } },
  );
  events.nudge();
  await until(() => seen.length === 2);
  const [first] = seen;
  assert.deepEqual(first, {
    eventId: first?.eventId,
    topic: 'order.placed',
    key: `a,b "c" {d} \\ 'e'`,
    payload,
    occurredAtMs: clock.nowMs(),
    traceparent,
  });
  await events.stop();
});

test('what is announced in a transaction that fails is heard by nobody', async () => {
  const { events } = setUp();
  const heard: string[] = [];
  events.listen({ topics: ['thing.changed'], hear: (batch) => heard.push(...batch.map(({ key }) => key)) });
  await events.start();
  await assert.rejects(
    database.transaction(async (tx) => {
      await events.publish(tx, [event('never')]);
      throw new Error('changed my mind');
    }),
  );
  await publish(events, event('fact'));
  await until(() => heard.length > 0);
  assert.deepEqual(heard, ['fact']);
  await events.stop();
});

test('what is not one line of the outbox is refused before anything is written', () => {
  const { events } = setUp();
  const odd = [event('two\nlines'), event(''), event('key', {}, 'two\nlines'), event('key', {}, '')];
  for (const each of odd) {
    // Without a word of what it was: logs are no place for what is a buyer's.
    assert.throws(() => events.publishing([event('plain'), each]), {
      message: 'each topic, key and payload is one line',
    });
  }
  assert.equal(events.publishing([event('key', { text: 'two\nlines' })]).length, 1);
  assert.deepEqual(events.publishing([]), []);
});

test('a new group begins now, or at the beginning if it asks, and goes on where it was', async () => {
  const first = setUp();
  await publish(first.events, event('before', {}, 'begin'));
  const seen: Record<string, string[]> = { now: [], all: [] };
  const consumeBoth = (events: Events) => {
    for (const [group, keys] of Object.entries(seen)) {
      events.consume({
        group,
        topics: ['begin'],
        fromBeginning: group === 'all',
        async handle(_tx, batch) {
          keys.push(...batch.map(({ key }) => key));
        },
      });
    }
  };
  consumeBoth(first.events);
  await first.events.start();
  await publish(first.events, event('during', {}, 'begin'));
  await until(() => seen.now?.length === 1 && seen.all?.length === 2);
  await first.events.stop();
  await publish(first.events, event('between', {}, 'begin'));
  const second = setUp();
  consumeBoth(second.events);
  await second.events.start();
  await until(() => seen.now?.length === 2 && seen.all?.length === 3);
  assert.deepEqual(seen, { now: ['during', 'between'], all: ['before', 'during', 'between'] });
  await second.events.stop();
});

test('many writers and several processes: each group handles each event once and in order within its key', async () => {
  await sql`create table counter (key text primary key, value integer not null)`.execute(database);
  await sql`insert into counter select 'key-' || n, 0 from generate_series(0, 4) as n`.execute(database);
  await sql`create table effect (position bigint generated always as identity, group_name text, key text, value integer)`.execute(
    database,
  );
  const processes = [setUp(), setUp(), setUp()];
  for (const { events } of processes) {
    for (const group of ['one', 'other']) {
      let failures = 3;
      events.consume({
        group,
        topics: ['counter.raised'],
        batchMax: 7,
        async handle(tx, batch) {
          const values = batch.map(({ payload }) => Number(payload.value));
          await sql`
            insert into effect (group_name, key, value)
            select ${group}::text, key, value
              from unnest(${batch.map(({ key }) => key)}::text[], ${values}::integer[]) as t (key, value)`.execute(tx);
          if (failures-- > 0) throw new Error('now and then');
        },
      });
    }
  }
  await Promise.all(processes.map(({ events }) => events.start()));

  const raise = (n: number) =>
    database.transaction(async (tx) => {
      if (n % 3 === 0) await sql`select pg_current_xact_id()`.execute(tx);
      const key = `key-${n % 5}`;
      const { rows } = await sql<{ value: number }>`
        update counter set value = value + 1 where key = ${key}::text returning value`.execute(tx);
      const { events } = processes[n % 3] ?? processes[0] ?? setUp();
      await events.publish(tx, [event(key, { value: rows[0]?.value }, 'counter.raised')]);
      if (n % 4 === 0) await sql`select pg_sleep(0.003)`.execute(tx);
      if (n % 7 === 0) throw new Error('rolled back');
    });
  const total = 400;
  let next = 0;
  const writer = async () => {
    while (next < total) await raise(next++).catch(() => {});
  };
  await Promise.all(Array.from({ length: 8 }, writer));
  const committedCount = Array.from({ length: total }, (_, n) => n).filter((n) => n % 7 !== 0).length;
  const effectCount = async () =>
    (await sql<{ count: number }>`select count(*) as count from effect`.execute(database)).rows[0]?.count ?? 0;
  await until(async () => {
    // Failed events come back by the clock.
    for (const { clock } of processes) clock.turn(1_000);
    return (await effectCount()) >= 2 * committedCount;
  });
  await Promise.all(processes.map(({ events }) => events.stop()));
  const { rows } = await sql<{ group: string; key: string; values: number[] }>`
    select group_name as "group", key, array_agg(value order by position) as values
      from effect group by group_name, key`.execute(database);
  assert.equal(rows.length, 10);
  for (const { values } of rows) {
    assert.deepEqual(
      values,
      values.map((_, index) => index + 1),
    );
  }
  assert.equal(await effectCount(), 2 * committedCount);
});

test('a listener hears what is committed after it began, late commits too, until it has enough', async () => {
  const { events, log } = setUp();
  const writer = await openWriter(database);
  await publish(events, event('before', {}, 'listen'));
  const heard: string[] = [];
  const note = (batch: readonly PublishedEvent[]) => heard.push(...batch.map(({ key }) => key));
  const stopListening = events.listen({ topics: ['listen'], hear: note });
  events.listen({
    topics: ['listen'],
    hear() {
      throw new Error('a broken listener');
    },
  });
  await events.start();
  await writer.begin();
  await writer.publish(event('late', {}, 'listen'));
  await publish(events, event('early', {}, 'listen'), event('other', {}, 'else'));
  await until(() => heard.length === 1);
  await writer.commit();
  await writer.end();
  await until(() => heard.length === 2);
  assert.deepEqual(heard, ['early', 'late']);
  assert(
    log.lines.some(({ message }) => message.includes('a listener failed')),
    'a broken one disturbs nobody',
  );

  stopListening();
  const heardLater: string[] = [];
  events.listen({ topics: ['listen'], hear: (batch) => heardLater.push(...batch.map(({ key }) => key)) });
  await publish(events, event('more', {}, 'listen'));
  await until(() => heardLater.length === 1);
  assert.equal(heard.length, 2);
  await events.stop();
});

test('a listener hears thousands of events of one moment, in order', async () => {
  const { events } = setUp();
  const heard: number[] = [];
  events.listen({ topics: ['flood'], hear: (batch) => heard.push(...batch.map(({ eventId }) => eventId)) });
  await events.start();
  await publish(events, ...Array.from({ length: 3_500 }, (_, n) => event(`n-${n}`, {}, 'flood')));
  events.nudge();
  await until(() => heard.length >= 3_500);
  assert.deepEqual(
    heard,
    heard.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(heard).size, 3_500);
  await events.stop();
});

test('a stop lets the handler in flight finish, and its progress is kept', async () => {
  const { events } = setUp();
  const begun = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  let handledCount = 0;
  const consumer = {
    group: 'stopped',
    topics: ['stop'],
    async handle() {
      begun.resolve();
      await mayEnd.promise;
      handledCount++;
    },
  };
  events.consume(consumer);
  await events.start();
  await publish(events, event('a', {}, 'stop'));
  await begun.promise;
  let hasStopped = false;
  const stopped = events.stop().then(() => {
    hasStopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(hasStopped, false);
  mayEnd.resolve();
  await stopped;
  assert.equal(handledCount, 1);
  const again = setUp();
  let looked = false;
  again.events.consume(consumer);
  again.events.listen({ topics: ['stop'], hear: () => {} });
  again.events.consume({
    group: 'stopped-later',
    topics: ['stop'],
    async handle() {
      looked = true;
    },
  });
  await again.events.start();
  await publish(again.events, event('b', {}, 'stop'));
  await until(() => looked && handledCount === 2);
  await again.events.stop();
  assert.equal(handledCount, 2);
});

test('a connection that is lost while events are handled loses none and repeats none', async () => {
  const { events, log } = setUp();
  await sql`create table survived (event_id bigint)`.execute(database);
  let cuts = 2;
  events.consume({
    group: 'cut',
    topics: ['cut'],
    async handle(tx, batch) {
      for (const { eventId } of batch) {
        await sql`insert into survived (event_id) values (${eventId}::bigint)`.execute(tx);
      }
      if (cuts-- > 0) await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx);
    },
  });
  await events.start();
  await publish(events, ...Array.from({ length: 5 }, (_, n) => event(`n-${n}`, {}, 'cut')));
  const survivors = async () => (await sql<{ event_id: number }>`select event_id from survived`.execute(database)).rows;
  await until(async () => (await survivors()).length > 0);
  await events.stop();
  assert.equal((await survivors()).length, 5);
  assert.equal(log.lines.filter(({ message }) => message.includes('handling events failed')).length, 2);
});

test('metrics tell how far a group is behind, what became of events, and the dead', async () => {
  const { events, metrics, clock } = setUp();
  let isFailing = true;
  const mayGoOn = Promise.withResolvers<void>();
  events.consume({
    group: 'measured',
    topics: ['measured'],
    attemptsMax: 1,
    async handle() {
      await mayGoOn.promise;
      if (isFailing) throw new Error('no');
    },
  });
  const value = async (pattern: RegExp) => Number(pattern.exec((await metrics.expose()).text)?.[1] ?? Number.NaN);
  await events.start();
  await publish(events, event('a', {}, 'measured'));
  clock.turn(90_000);
  await until(async () => (await value(/^onrush_events_lag_seconds\{group="measured"\} (\S+)$/m)) === 90);
  mayGoOn.resolve();
  await until(async () => (await value(/^onrush_events_dead_letters\{group="measured"\} (\S+)$/m)) === 1);
  await until(async () => (await value(/^onrush_events_lag_seconds\{group="measured"\} (\S+)$/m)) === 0);
  isFailing = false;
  await publish(events, event('b', {}, 'measured'));
  await until(async () => (await value(/outcomes_total\{group="measured",outcome="handled"\} (\S+)/)) === 1);
  assert.equal(await value(/outcomes_total\{group="measured",outcome="dead"\} (\S+)/), 1);
  assert.equal(await value(/^onrush_events_published_total (\S+)$/m), 2);
  await events.stop();
});

test('one consumer per group', () => {
  const { events } = setUp();
  const consumer = { group: 'twice', topics: [], handle: async () => {} };
  events.consume(consumer);
  assert.throws(() => events.consume(consumer), /only one consumer/);
});
