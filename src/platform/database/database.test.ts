import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import test from 'node:test';
import { testDatabase } from '../testing/database.ts';
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

test('a server that has silently gone is a fault within the time that a statement may take, and others go on', async (t) => {
  // Between us and PostgreSQL, a road that swallows everything from one moment on and never closes.
  const target = new URL(database.url);
  let isSwallowing = false;
  const sockets = new Set<Socket>();
  const socketPath = target.searchParams.get('host') ?? decodeURIComponent(target.hostname);
  const road = createServer((near) => {
    const far = socketPath.startsWith('/')
      ? connect(`${socketPath}/.s.PGSQL.${target.port}`)
      : connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}));
    near.on('data', (chunk) => !isSwallowing && far.write(chunk));
    far.on('data', (chunk) => !isSwallowing && near.write(chunk));
  });
  await new Promise<void>((resolve) => road.listen(0, '127.0.0.1', resolve));
  const { port } = road.address() as AddressInfo;
  const url = new URL(database.url);
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String(port);
  const distant = openDatabase({
    url: url.toString(),
    poolMax: 1,
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 200,
    answerGraceMs: 100,
    applicationName: 'onrush-test',
    onIdleError: () => {},
  });
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    road.close();
    await distant.close();
  });
  await sql`select 1`.execute(distant);
  isSwallowing = true;
  const error = await distant.transaction((tx) => sql`select 1`.execute(tx)).catch((caught: unknown) => caught);
  assert(error instanceof DatabaseFault, String(error));
  isSwallowing = false;
  await distant.transaction((tx) => sql`select 1`.execute(tx));
});
