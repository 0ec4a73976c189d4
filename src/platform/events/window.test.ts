import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import fc from 'fast-check';
import { sql } from '../database/sql.ts';
import { testDatabase } from '../testing/database.ts';
import { handleNext } from './consumer-group.ts';
import type { Consumer } from './event.ts';
import { eventsMigrations } from './migrations.ts';
import { insertingEvents, registerGroups } from './store.ts';
import { drain, event, openWriter, registerConsumer, testContext } from './testing.ts';

const database = await testDatabase([eventsMigrations]);
const context = testContext(database);
const writers = await Promise.all(Array.from({ length: 4 }, () => openWriter(database)));
after(() => Promise.all(writers.map((writer) => writer.end())));
const [a, b, c] = writers as [(typeof writers)[0], (typeof writers)[0], (typeof writers)[0]];
const keysOf = (seen: readonly { key: string }[]) => seen.map(({ key }) => key);

test('an event whose transaction commits after later ones is not skipped, and holds nobody up', async () => {
  const { consumer, seen } = await registerConsumer(database, 'late');
  await a.begin();
  await a.publish(event('late'));
  for (const key of ['early-1', 'early-2']) {
    await insertingEvents([event(key)], 0, undefined).execute(database);
    await drain(context, consumer);
  }
  assert.deepEqual(keysOf(seen), ['early-1', 'early-2']);
  await a.commit();
  await insertingEvents([event('after')], 0, undefined).execute(database);
  await drain(context, consumer);
  assert.deepEqual(keysOf(seen), ['early-1', 'early-2', 'late', 'after']);
  assert.equal((await handleNext(context, consumer)).kind, 'idle');
});

test('a transaction that was rolled back leaves a gap that nobody waits for', async () => {
  const { consumer, seen } = await registerConsumer(database, 'gap');
  await a.begin();
  await a.publish(event('never'));
  await b.begin();
  await b.publish(event('first'));
  await a.rollback();
  await b.commit();
  await insertingEvents([event('second')], 0, undefined).execute(database);
  await drain(context, consumer);
  assert.deepEqual(keysOf(seen), ['first', 'second']);
});

test('a transaction with an old id that commits last within a key is handled last', async () => {
  // The case that a window bounded by a transaction id gets wrong (decision 0002): c is the oldest that still runs, a is
  // older than c and has ended, b is younger than c and committed before a announced.
  const { consumer, seen } = await registerConsumer(database, 'crossing');
  await a.begin();
  await a.takeId();
  await c.begin();
  await c.takeId();
  await b.begin();
  await b.publish(event('crossed', { by: 'b' }));
  await b.commit();
  await a.publish(event('crossed', { by: 'a' }));
  await a.commit();
  await drain(context, consumer);
  await c.commit();
  await drain(context, consumer);
  const ids = seen.map(({ eventId }) => eventId);
  assert.equal(ids.length, 2);
  assert.deepEqual(
    ids,
    ids.toSorted((one, other) => one - other),
  );
});

test('what a handler announces itself is handled too, whoever else commits meanwhile', async () => {
  const seen: string[] = [];
  const { consumer } = await registerConsumer(database, 'chain', {
    batchMax: 10,
    async handle(tx, events) {
      for (const { key } of events) seen.push(key);
      const next = events.filter(({ payload }) => Number(payload.left) > 0);
      // Commits while this transaction runs, and so has an id above it that is visible before it.
      await insertingEvents([event('bystander', { left: 0 })], 0, undefined).execute(database);
      await insertingEvents(
        next.map(({ key, payload }) => event(`${key}+`, { left: Number(payload.left) - 1 })),
        0,
        undefined,
      ).execute(tx);
      await insertingEvents([event('bystander', { left: 0 })], 0, undefined).execute(database);
    },
  });
  await insertingEvents([event('chain', { left: 5 })], 0, undefined).execute(database);
  for (let round = 0; round < 12; round++) await handleNext(context, consumer);
  assert.deepEqual(
    seen.filter((key) => key !== 'bystander'),
    ['chain', 'chain+', 'chain++', 'chain+++', 'chain++++', 'chain+++++'],
  );
});

test('long windows and a large late commit come whole and in order, page by page', async () => {
  const { consumer, seen } = await registerConsumer(database, 'large', { batchMax: 700 });
  const thousands = (key: string, count: number) => Array.from({ length: count }, () => event(key));
  await a.begin();
  await a.publish(...thousands('import', 1500));
  await insertingEvents(thousands('other', 2500), 0, undefined).execute(database);
  await drain(context, consumer);
  assert.equal(seen.length, 2500);
  await a.publish(...thousands('import', 1200));
  await a.commit();
  await insertingEvents(thousands('other', 10), 0, undefined).execute(database);
  assert.equal(await drain(context, consumer), 4);
  const ids = seen.slice(2500).map(({ eventId }) => eventId);
  assert.equal(new Set(seen.map(({ eventId }) => eventId)).size, 2500 + 2710);
  assert.deepEqual(
    ids,
    ids.toSorted((one, other) => one - other),
  );
});

test('a group handles its own topics only, and others do not keep it from coming to rest', async () => {
  const { consumer, seen } = await registerConsumer(database, 'choosy', { topics: ['rare'] });
  await insertingEvents([event('x'), event('y', {}, 'rare'), event('z')], 0, undefined).execute(database);
  assert.equal((await handleNext(context, consumer)).kind, 'worked');
  assert.equal((await handleNext(context, consumer)).kind, 'idle');
  assert.deepEqual(keysOf(seen), ['y']);
});

test('a rare event is found behind many others, in several steps', async () => {
  const { consumer, seen } = await registerConsumer(database, 'rare', { topics: ['rare'], batchMax: 1 });
  const others = Array.from({ length: 350 }, () => event('x'));
  await insertingEvents([...others, event('y', {}, 'rare'), ...others], 0, undefined).execute(database);
  assert((await drain(context, consumer)) > 4, 'a step looks at 20 ranges of 5 ids');
  assert.deepEqual(keysOf(seen), ['y']);
});

// Random interleavings of four writers and a reader. A writer that announces for a key holds that key's row until its end,
// as every service of ours does; the model knows who holds what, so that no step waits.
const anyStep = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take-id' as const), writer: fc.nat(3) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      writer: fc.nat(3),
      key: fc.nat(3),
      count: fc.integer({ min: 1, max: 3 }),
      failures: fc.oneof(
        { weight: 2, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('commit' as const), writer: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback' as const), writer: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('read' as const), turnMs: fc.nat(300) }) },
);

test('property: every committed event is handled exactly once and in order within its key, however transactions cross', async () => {
  await sql`create table lockable (key text primary key)`.execute(database);
  await sql`
    create table seen (position bigint generated always as identity, run bigint, event_id bigint, key text, serial bigint)`.execute(
    database,
  );
  await sql`insert into lockable select 'key-' || n from generate_series(0, 3) as n`.execute(database);
  let run = 0;

  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { minLength: 10, maxLength: 80, size: 'max' }),
      fc.integer({ min: 1, max: 4 }),
      async (steps, batchMax) => {
        const thisRun = ++run;
        let serial = 0;
        const failuresLeft = new Map<number, number>();
        const consumer: Consumer = {
          group: `property-${thisRun}`,
          topics: [`property.${thisRun}`],
          batchMax,
          attemptsMax: 100,
          async handle(tx, events) {
            for (const { eventId, key, payload } of events) {
              // Written first and thrown afterwards: what a failed attempt wrote must not stay.
              await sql`
              insert into seen (run, event_id, key, serial)
              values (${thisRun}::bigint, ${eventId}::bigint, ${key}::text, ${payload.serial}::bigint)`.execute(tx);
              const left = failuresLeft.get(eventId) ?? Number(payload.failures);
              failuresLeft.set(eventId, left - 1);
              if (left > 0) throw new Error(`not yet: ${eventId}`);
            }
          },
        };
        await registerGroups(database, [{ group: consumer.group, fromBeginning: false }]);

        const holderOf = new Map<number, number>();
        const open = new Map<number, { key: number; serial: number }[]>();
        const committed: { key: number; serial: number }[] = [];
        const finish = async (index: number, isCommit: boolean) => {
          const own = open.get(index);
          const writer = writers[index];
          if (own === undefined || writer === undefined) return;
          await (isCommit ? writer.commit() : writer.rollback());
          if (isCommit) committed.push(...own);
          open.delete(index);
          for (const [key, holder] of holderOf) if (holder === index) holderOf.delete(key);
        };

        for (const step of steps) {
          if (step.kind === 'read') {
            context.clock.turn(step.turnMs);
            await handleNext(context, consumer);
            continue;
          }
          const writer = writers[step.writer];
          assert(writer !== undefined, 'there are four writers');
          if (step.kind === 'commit' || step.kind === 'rollback') {
            await finish(step.writer, step.kind === 'commit');
            continue;
          }
          const own = open.get(step.writer) ?? [];
          if (!open.has(step.writer)) await writer.begin();
          open.set(step.writer, own);
          if (step.kind === 'take-id') {
            await writer.takeId();
          } else if ((holderOf.get(step.key) ?? step.writer) === step.writer) {
            holderOf.set(step.key, step.writer);
            await sql`select from lockable where key = ${`key-${step.key}`}::text for update`.execute(writer.on);
            const serials = Array.from({ length: step.count }, () => ++serial);
            own.push(...serials.map((each) => ({ key: step.key, serial: each })));
            await writer.publish(
              ...serials.map((each) =>
                event(`key-${step.key}`, { serial: each, failures: step.failures }, `property.${thisRun}`),
              ),
            );
          }
        }
        for (const index of [...open.keys()]) await finish(index, true);
        for (let round = 0; round < 30; round++) {
          context.clock.turn(2_000);
          await drain(context, consumer);
        }

        const { rows } = await sql<{ key: string; serial: number }>`
        select key, serial from seen where run = ${thisRun}::bigint order by position`.execute(database);
        for (let key = 0; key < 4; key++) {
          assert.deepEqual(
            rows.filter((row) => row.key === `key-${key}`).map((row) => row.serial),
            committed.filter((each) => each.key === key).map((each) => each.serial),
            `key-${key}`,
          );
        }
      },
    ),
    { numRuns: 30 },
  );
});
