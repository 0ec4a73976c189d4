import assert from 'node:assert/strict';
import test from 'node:test';
import { testDatabase } from '../testing/database.ts';
import { bytesGrownOld } from '../testing/old-space.ts';
import { testRoad } from '../testing/road.ts';
import { commitWith } from './commit.ts';
import { asFault, brokenConstraint, DatabaseFault, openDatabase } from './database.ts';
import { type Migration, MigrationError, migrate, pendingMigrations } from './migrate.ts';
import { sql } from './sql.ts';

const database = await testDatabase([]);
await sql`create table thing (thing_id integer primary key, amount integer constraint amount_positive check (amount > 0))`.execute(
  database,
);

const count = async () =>
  (await sql<{ count: number }>`select count(*) as count from thing`.execute(database)).rows[0]?.count;

test('what throws inside a transaction leaves nothing behind, and the connection is used again', async () => {
  for (let round = 0; round < 20; round++) {
    await assert.rejects(
      database.transaction(async (tx) => {
        await sql`insert into thing (thing_id, amount) values (1, 1)`.execute(tx);
        throw new Error('changed my mind');
      }),
      /changed my mind/,
    );
  }
  assert.equal(await count(), 0);
});

test('a failed statement that nobody waited for cannot end in a commit that was none', async () => {
  await assert.rejects(
    database.transaction(async (tx) => {
      sql`insert into thing (thing_id, amount) values (2, -1)`.execute(tx).catch(() => {});
    }),
    /ROLLBACK/,
  );
  assert.equal(await count(), 0);
});

test('a broken constraint is told by its name and is no fault of the world', async () => {
  const error = await database
    .transaction((tx) => sql`insert into thing (thing_id, amount) values (3, -1)`.execute(tx))
    .catch((caught: unknown) => caught);
  assert.equal(brokenConstraint(error), 'amount_positive');
  assert(!(error instanceof DatabaseFault));
});

test('a connection that is cut in the middle of a transaction is a DatabaseFault, and the next transaction works', async () => {
  const error = await database
    .transaction(async (tx) => {
      await sql`insert into thing (thing_id, amount) values (4, 1)`.execute(tx);
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx);
    })
    .catch((caught: unknown) => caught);
  assert(error instanceof DatabaseFault, String(error));
  assert.equal(await count(), 0);
});

test('a refused connection is a DatabaseFault', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
  assert(asFault(refused) instanceof DatabaseFault);
});

test('a write to a connection that is gone is a DatabaseFault, though its code has the form of a SQLSTATE', () => {
  const broken = asFault(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  assert(broken instanceof DatabaseFault);
  assert.equal(broken.code, undefined);
});

const migration = (version: number, checksum = 'a'): Migration => ({
  room: 'shop',
  version,
  name: `00${version}_x`,
  checksum,
  text: '',
});

test('migrations: only what is missing is pending, in order', () => {
  assert.deepEqual(
    pendingMigrations([migration(1), migration(2), migration(3)], [migration(1)]).map((m) => m.version),
    [2, 3],
  );
});

test('migrations: a changed or a late file stops the start and names itself', () => {
  assert.throws(() => pendingMigrations([migration(1, 'b')], [migration(1)]), /shop\/001_x was changed/);
  assert.throws(() => pendingMigrations([migration(1), migration(2)], [migration(2)]), /shop\/001_x is older/);
});

test('migrations: six processes at once apply each file once; a broken file is undone whole and named', async () => {
  const fresh = await testDatabase([]);
  const source = { room: 'demo', directory: new URL('./testdata/schema/', import.meta.url) };
  const applied = await Promise.all(Array.from({ length: 6 }, () => migrate(fresh, [source])));
  assert.deepEqual(
    applied.flat().map((m) => m.name),
    ['001_first', '002_second'],
  );
  const broken = { room: 'broken', directory: new URL('./testdata/broken/', import.meta.url) };
  await assert.rejects(migrate(fresh, [broken]), (error) => {
    assert(error instanceof MigrationError);
    assert.match(error.message, /broken\/001_half failed and was undone/);
    return true;
  });
  const { rows } = await sql`select 1 as one from pg_class where relname = 'half_done'`.execute(fresh);
  assert.equal(rows.length, 0);
});

test('a statement that outlives its transaction is refused, and written nowhere', async () => {
  await assert.rejects(
    database.transaction(async (tx) => {
      const late = sql`select pg_sleep(0.05)`
        .execute(tx)
        .catch(() => {})
        .then(() => sql`insert into thing (thing_id, amount) values (50, 1)`.execute(tx));
      late.catch(() => {});
      await Promise.all([late, sql`insert into thing (thing_id, amount) values (51, -1)`.execute(tx)]);
    }),
    /amount_positive/,
  );
  await database.transaction((tx) => sql`select 1`.execute(tx));
  assert.equal(await count(), 0);
});

test('where begin fails nothing is written, also not what was sent at once', async () => {
  await assert.rejects(
    database.transaction((tx) => sql`insert into thing (thing_id, amount) values (60, 1)`.execute(tx), {
      isolation: 'nonsense' as 'serializable',
    }),
  );
  assert.equal(await count(), 0);
});

test('a server that has silently gone is a fault within the time that a statement may take, and others go on', async () => {
  const road = await testRoad(database, { statementTimeoutMs: 200, answerGraceMs: 100 });
  await sql`select 1`.execute(road.database);
  road.swallow(true);
  const error = await road.database.transaction((tx) => sql`select 1`.execute(tx)).catch((caught: unknown) => caught);
  assert(error instanceof DatabaseFault, String(error));
  road.swallow(false);
  await road.database.transaction((tx) => sql`select 1`.execute(tx));
});

test('a look at whether a silent server lives takes its connection from nobody for good', async () => {
  const road = await testRoad(database, { statementTimeoutMs: 200, answerGraceMs: 100, connectTimeoutMs: 5_000 });
  await road.database.ping(10_000);
  road.swallow(true);
  await assert.rejects(road.database.ping(10), DatabaseFault);
  road.swallow(false);
  await sql`select 1`.execute(road.database);
});

test('who closes while a silent server owes an answer does not wait for ever, nor does who asked', async () => {
  const road = await testRoad(database);
  const closing = openDatabase({
    url: road.database.url,
    poolMax: 1,
    connectTimeoutMs: 500,
    statementTimeoutMs: 200,
    answerGraceMs: 100,
    applicationName: 'onrush-test',
    onIdleError: () => {},
  });
  await closing.ping(10_000);
  road.swallow(true);
  const asked = failureOf(sql`select 1`.execute(closing));
  const begun = failureOf(closing.transaction((tx) => sql`select 1`.execute(tx)));
  // Both have a connection, or wait for it.
  await new Promise(setImmediate);
  await closing.close();
  for (const error of await Promise.all([asked, begun])) assert(error instanceof DatabaseFault, String(error));
});

test('many statements at once on servers that are killed under them are each answered, and the pool is whole after', async () => {
  const { database: pool } = await testRoad(database, { poolMax: 4, applicationName: 'onrush-killed' });
  await sql`create table killed (id integer primary key)`.execute(database);
  const inserted = (id: number) => sql`insert into killed values (${id}::integer)`;
  const kill = sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'onrush-killed'`;
  const acknowledged: number[] = [];
  const asked = Array.from({ length: 200 }, async (_, id) => {
    const error = await (id % 2 === 0
      ? inserted(id).execute(pool)
      : pool.transaction(async (tx) => void (await inserted(id).execute(tx)))
    ).then(
      () => void acknowledged.push(id),
      (caught: unknown) => caught,
    );
    if (error !== undefined) assert(error instanceof DatabaseFault, String(error));
    if (id % 40 === 0) await kill.execute(database);
  });
  await Promise.all(asked);
  const { rows } = await sql<{ id: number }>`select id from killed`.execute(pool);
  const written = new Set(rows.map(({ id }) => id));
  assert.deepEqual(
    acknowledged.filter((id) => !written.has(id)),
    [],
  );
  const { total, idle, waiting } = pool.pressure();
  assert.deepEqual([total - idle, waiting], [0, 0]);
});

test('a connection that would fail a statement again is given up, and one on which a value was refused is not', async () => {
  const { database: single } = await testRoad(database);
  const pid = async () => (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(single)).rows[0]?.pid;
  await sql`create table grown (amount integer constraint grown_positive check (amount > 0))`.execute(database);
  const reading = sql`select amount from grown`;
  const before = await pid();
  const error = await failureOf(sql`insert into grown values (-1)`.execute(single));
  assert.equal(brokenConstraint(error), 'grown_positive');
  const telling = (value: unknown) => sql`select ${value}::text as told`.execute(single);
  await failureOf(telling('no text\0'));
  await reading.execute(single);
  assert.equal(await pid(), before);
  const untold = {
    toJSON() {
      throw new Error('not telling');
    },
  };
  assert.match(String(await failureOf(telling(untold))), /not telling/);
  // The driver takes the statement for prepared on a connection where it has failed so.
  await telling('a text');
  await reading.execute(single);
  const inTransaction = () => single.transaction((tx) => reading.execute(tx));
  for (const [type, read] of [
    ['bigint', () => reading.execute(single)],
    ['numeric', inTransaction],
  ] as const) {
    const client = await database.connect();
    await client.query(`alter table grown alter amount type ${type}`);
    await client.end();
    assert.match(String(await failureOf(read())), /cached plan/);
    await read();
  }
});

test('an error tells who asked, also one of the commit', async () => {
  await sql`
    create table late (
      id integer primary key,
      other_id integer references late deferrable initially deferred)`.execute(database);
  const stackOf = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      return String((error as Error).stack);
    }
    return assert.fail('it did not fail');
  };
  for (const work of [
    async () => await sql`select nonsense`.execute(database),
    async () => await database.transaction(async (tx) => await sql`select nonsense`.execute(tx)),
    async () => await database.transaction(async (tx) => void (await sql`insert into late values (1, 2)`.execute(tx))),
  ]) {
    assert.match(await stackOf(work), /database\.test\.ts/);
  }
});

test('what statements carried is not kept until the next collection of the whole heap', async () => {
  const [roundCount, bytes] = [4_000, 10_000];
  const grown = await bytesGrownOld(async (look) => {
    for (let round = 0; round < roundCount; round++) {
      // A text of its own for each, of which none is shared.
      const values = Array.from({ length: bytes / 100 }, (_, index) =>
        `${round}/${index}`.padEnd(100, 'x').concat('y'),
      );
      await sql`select cardinality(${values}::text[])`.execute(database);
      if (round % 20 === 0) look();
    }
  });
  assert(grown < 0.25 * roundCount * bytes, `${grown} bytes`);
});

const inserting = (thingId: number, amount: unknown = 1) =>
  sql`insert into thing (thing_id, amount) values (${thingId}::integer, ${amount}::integer)`;
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => assert.fail('it did not fail'),
    (caught: unknown) => caught,
  );
const thingIds = async () =>
  (await sql<{ id: number }>`select thing_id as id from thing order by thing_id`.execute(database)).rows.map(
    ({ id }) => id,
  );

test('last writes are committed in their order, in the round trip of the commit', async () => {
  const road = await testRoad(database);
  await road.database.ping(10_000);
  const reading = () =>
    road.database.transaction(
      async (tx) => {
        const { rows } = await sql<{ one: number }>`select 1 as one`.execute(tx);
        const lastWrites = [
          inserting(70),
          false,
          sql`update thing set thing_id = 71 where thing_id = 70`,
          sql`delete from thing where thing_id = 70`,
        ] as const;
        return commitWith(lastWrites, rows[0]?.one);
      },
      { readsFirst: true },
    );
  let result: number | undefined;
  const tripCount = await road.countTrips(async () => {
    result = await reading();
  });
  assert.deepEqual([tripCount, result], [2, 1]);
  assert.deepEqual(await thingIds(), [71]);
  await sql`delete from thing`.execute(database);
});

test('a last write that fails is thrown as itself, nothing is committed, and the connection is used again', async () => {
  const { database: single } = await testRoad(database);
  const error = await failureOf(
    single.transaction(async () => commitWith([inserting(80), inserting(81, -1), inserting(82)], 'done')),
  );
  assert.equal(brokenConstraint(error), 'amount_positive');
  assert.deepEqual(await thingIds(), []);
  await single.transaction(async () => commitWith([inserting(83)], undefined));
  await single.transaction((tx) => inserting(84).execute(tx));
  assert.deepEqual(await thingIds(), [83, 84]);
  await sql`delete from thing`.execute(database);
});

test('a statement that was never sent before and comes after a failed write can be sent again', async () => {
  const { database: single } = await testRoad(database);
  const renaming = (from: number) => sql`update thing set thing_id = 91 where thing_id = ${from}::integer`;
  await failureOf(single.transaction(async () => commitWith([inserting(90, -1), renaming(90)], undefined)));
  await single.transaction(async () => commitWith([inserting(90), renaming(90)], undefined));
  assert.deepEqual(await thingIds(), [91]);
  await sql`delete from thing`.execute(database);
});

test('a constraint that is checked at the commit is told by its name', async () => {
  await sql`
    create table pair (
      pair_id integer primary key,
      other_id integer constraint pair_of_two references pair deferrable initially deferred)`.execute(database);
  const pairing = (pairId: number, otherId: number) =>
    sql`insert into pair (pair_id, other_id) values (${pairId}::integer, ${otherId}::integer)`;
  const { database: single } = await testRoad(database);
  const error = await failureOf(single.transaction(async () => commitWith([pairing(1, 2)], undefined)));
  assert.equal(brokenConstraint(error), 'pair_of_two');
  await single.transaction(async () => commitWith([pairing(1, 2), pairing(2, 1)], undefined));
  const { rows } = await sql<{ id: number }>`select pair_id as id from pair order by pair_id`.execute(database);
  assert.deepEqual(rows, [{ id: 1 }, { id: 2 }]);
});

test('a connection that is cut among the last writes is a DatabaseFault, and the next transactions work', async () => {
  const { database: single } = await testRoad(database);
  const cut = sql`select pg_terminate_backend(pg_backend_pid())`;
  const error = await failureOf(single.transaction(async () => commitWith([inserting(100), cut, inserting(101)], 1)));
  assert(error instanceof DatabaseFault, String(error));
  assert.deepEqual(await thingIds(), []);
  for (const thingId of [102, 103]) await single.transaction(async () => commitWith([inserting(thingId)], undefined));
  assert.deepEqual(await thingIds(), [102, 103]);
  await sql`delete from thing`.execute(database);
});

test('where begin fails, or a statement that nobody waited for, the last writes are not committed', async () => {
  await failureOf(
    database.transaction(async () => commitWith([inserting(110)], undefined), {
      isolation: 'nonsense' as 'serializable',
      readsFirst: true,
    }),
  );
  await failureOf(
    database.transaction(async (tx) => {
      inserting(111, -1)
        .execute(tx)
        .catch(() => {});
      return commitWith([inserting(112)], undefined);
    }),
  );
  assert.deepEqual(await thingIds(), []);
});

test('a value that the driver could not write down keeps the whole transaction from being committed', async () => {
  const untold = {
    toJSON() {
      throw new Error('not telling');
    },
  };
  for (const value of [untold, [1, untold], Symbol('one'), new Date()]) {
    const error = await failureOf(
      database.transaction(async () => commitWith([inserting(120), inserting(121, value), inserting(122)], undefined)),
    );
    assert.match(String(error), /plain values/);
  }
  assert.deepEqual(await thingIds(), []);
});
