import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { sql } from '../database/sql.ts';
import { testDatabase } from '../testing/database.ts';
import { until } from '../testing/until.ts';
import { delayMs } from './backoff.ts';
import { handleNext } from './consumer-group.ts';
import { replayDeadLetters } from './dead-letter.ts';
import { eventsMigrations } from './migrations.ts';
import { insertingEvents } from './store.ts';
import { listDeadLetters } from './store-retry.ts';
import { drain, event, registerConsumer, testContext } from './testing.ts';

const database = await testDatabase([eventsMigrations]);
await sql`create table noted (position bigint generated always as identity, group_name text, text text)`.execute(
  database,
);
const notedBy = async (group: string) => {
  const { rows } = await sql<{ text: string }>`
    select text from noted where group_name = ${group}::text order by position`.execute(database);
  return rows.map((row) => row.text);
};

/** A group whose handler notes the events' texts in the database, and fails after that for those it is told. */
async function setUp(group: string, options: { attemptsMax?: number; batchMax?: number } = {}) {
  const context = testContext(database);
  const failing = new Set<string>();
  const { consumer } = await registerConsumer(database, group, {
    ...options,
    async handle(tx, events) {
      for (const { payload } of events) {
        const text = String(payload.text);
        await sql`insert into noted (group_name, text) values (${group}::text, ${text}::text)`.execute(tx);
        if (failing.has(text)) throw new Error(`cannot do ${text}`);
      }
    },
  });
  const publish = (...texts: string[]) =>
    insertingEvents(
      texts.map((text) => event(text.charAt(0), { text })),
      0,
      undefined,
    ).execute(database);
  return { context, consumer, failing, publish, noted: () => notedBy(group) };
}

test('a failing event holds up its key alone; when it succeeds the key goes on in order', async () => {
  const { context, consumer, failing, publish, noted } = await setUp('retry');
  failing.add('a1');
  await publish('a1', 'b1', 'a2', 'b2');
  await drain(context, consumer);
  assert.deepEqual(await noted(), ['b1', 'b2']);
  await publish('a3', 'b3');
  await drain(context, consumer);
  assert.deepEqual(await noted(), ['b1', 'b2', 'b3'], 'later events of the key wait behind it');
  context.clock.turn(100);
  await drain(context, consumer);
  assert.deepEqual(await noted(), ['b1', 'b2', 'b3'], 'it fails again');
  failing.clear();
  context.clock.turn(199);
  await drain(context, consumer);
  assert.deepEqual(await noted(), ['b1', 'b2', 'b3'], 'not before its time, which is twice as long now');
  context.clock.turn(1);
  await drain(context, consumer);
  assert.deepEqual(await noted(), ['b1', 'b2', 'b3', 'a1', 'a2', 'a3']);
  await publish('a4');
  await drain(context, consumer);
  assert.equal((await noted()).at(-1), 'a4');
  assert.equal((await handleNext(context, consumer)).kind, 'idle');
});

test('after its last attempt an event is a dead letter, its key goes on, and it can be replayed', async () => {
  const { context, consumer, failing, publish, noted } = await setUp('dead', { attemptsMax: 3, batchMax: 2 });
  failing.add('a1').add('a3');
  await publish('a1', 'a2', 'a3', 'a4', 'a5', 'b1');
  for (let round = 0; round < 10; round++) {
    await drain(context, consumer);
    context.clock.turn(1_000);
  }
  assert.deepEqual(
    (await noted()).filter((text) => text !== 'b1'),
    ['a2', 'a4', 'a5'],
  );
  const letters = await listDeadLetters(database, { group: 'dead', limit: 10 });
  assert.deepEqual(
    letters.map(({ event: { payload, key, topic }, attempts, lastError }) => [
      payload.text,
      key,
      topic,
      attempts,
      lastError,
    ]),
    [
      ['a1', 'a', 'thing.changed', 3, 'Error: cannot do a1'],
      ['a3', 'a', 'thing.changed', 3, 'Error: cannot do a3'],
    ],
  );
  assert.equal(
    (await listDeadLetters(database, { limit: 10, afterEventId: letters[0]?.event.eventId ?? 0 })).length,
    1,
  );

  const nowMs = context.clock.nowMs();
  const third = letters[1]?.event.eventId ?? 0;
  assert.equal(await replayDeadLetters(database, { group: 'dead', eventIds: [third], nowMs }), 1);
  failing.delete('a3');
  await drain(context, consumer);
  assert.equal((await noted()).at(-1), 'a3');
  assert.equal(await replayDeadLetters(database, { group: 'dead', nowMs }), 1);
  await publish('a6');
  await drain(context, consumer);
  assert.equal((await noted()).at(-1), 'a3', 'a1 fails again, and a6 waits behind it');
  failing.clear();
  context.clock.turn(1_000);
  await drain(context, consumer);
  assert.deepEqual((await noted()).slice(-2), ['a1', 'a6']);
  assert.deepEqual(await listDeadLetters(database, { group: 'dead', limit: 10 }), []);
});

test('a dead letter that is replayed goes before those of its key that wait already', async () => {
  const { context, consumer, failing, publish, noted } = await setUp('overtaken', { attemptsMax: 2 });
  failing.add('a1');
  await publish('a1');
  await drain(context, consumer);
  context.clock.turn(1_000);
  await drain(context, consumer);
  failing.add('a2');
  await publish('a2', 'a3');
  await drain(context, consumer);
  failing.clear();
  await replayDeadLetters(database, { group: 'overtaken', nowMs: context.clock.nowMs() });
  await drain(context, consumer);
  assert.deepEqual(await noted(), ['a1', 'a2', 'a3']);
});

test('what a handler goes on writing after it failed, or writes wrongly without waiting, is not kept', async () => {
  const context = testContext(database);
  let isLateRefused: boolean | undefined;
  let mode: 'late' | 'unawaited' | 'fine' = 'late';
  const { consumer } = await registerConsumer(database, 'careless', {
    async handle(tx) {
      const note = (text: string) =>
        sql`insert into noted (group_name, text) values ('careless', ${text}::text)`.execute(tx);
      if (mode === 'late') {
        // Rejects at the first failure while the other goes on.
        await Promise.all([
          Promise.reject(new Error('at once')),
          new Promise((resolve) => setTimeout(resolve, 20)).then(() =>
            note('late').then(
              () => {
                isLateRefused = false;
              },
              () => {
                isLateRefused = true;
              },
            ),
          ),
        ]);
      }
      await note('written');
      if (mode === 'unawaited') sql`select 1 / 0`.execute(tx).catch(() => {});
    },
  });
  await insertingEvents([event('a')], 0, undefined).execute(database);
  await drain(context, consumer);
  await until(() => isLateRefused !== undefined);
  assert.equal(isLateRefused, true);
  mode = 'unawaited';
  context.clock.turn(1_000);
  await drain(context, consumer);
  assert.deepEqual(await notedBy('careless'), []);
  mode = 'fine';
  context.clock.turn(1_000);
  await drain(context, consumer);
  assert.deepEqual(await notedBy('careless'), ['written']);
});

test('events that wait are dropped when their group no longer takes their topic', async () => {
  const context = testContext(database);
  const { consumer } = await registerConsumer(database, 'narrowed', {
    handle: () => Promise.reject(new Error('never')),
  });
  await insertingEvents([event('a'), event('a')], 0, undefined).execute(database);
  await drain(context, consumer);
  context.clock.turn(1_000);
  await drain(context, { ...consumer, topics: ['other'] });
  const { rows } = await sql`select from events.retry where group_name = 'narrowed'`.execute(database);
  assert.equal(rows.length, 0);
});

test('what is told of a failure carries no personal data', async () => {
  const context = testContext(database);
  const { consumer } = await registerConsumer(database, 'discreet', {
    attemptsMax: 1,
    handle: () => Promise.reject(new Error('no such customer: jane.doe@example.com')),
  });
  await insertingEvents([event('a')], 0, undefined).execute(database);
  await drain(context, consumer);
  const [letter] = await listDeadLetters(database, { group: 'discreet', limit: 1 });
  assert.equal(letter?.lastError, 'Error: no such customer: [email]');
});

test('delays double up to a ceiling, and chance takes a share of them', () => {
  const ceilings = [1, 2, 3, 4, 5, 1000].map((attempt) =>
    delayMs({ baseMs: 250, capMs: 3000, random: () => 1 }, attempt),
  );
  assert.deepEqual(ceilings, [250, 500, 1000, 2000, 3000, 3000]);
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 1, max: 2000 }),
      (share, attempt) => {
        const ms = delayMs({ baseMs: 250, capMs: 3000, random: () => share }, attempt);
        assert(Number.isInteger(ms) && ms >= 0 && ms <= 3000);
      },
    ),
  );
});
