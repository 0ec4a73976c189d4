import assert from 'node:assert/strict';
import test from 'node:test';
import { testDatabase } from '../testing/database.ts';
import { testRoad } from '../testing/road.ts';
import { until } from '../testing/until.ts';
import { sql } from './sql.ts';
import { analyseGrown } from './statistics.ts';

const database = await testDatabase([]);

test('what has grown much since it was counted is counted again, and what has not is left alone', async () => {
  const client = await database.connect();
  await client.query('create table "Odd thing" (id integer); create table few (id integer); analyze');
  const countOf = async (name: string) => {
    const { rows } = await sql<{ count: number }>`
      select reltuples::integer as count from pg_class where oid = ${name}::regclass`.execute(database);
    return rows[0]?.count;
  };
  const insert = async (name: string, count: number) => {
    await client.query(`insert into ${name} select generate_series(1, ${count})`);
    // Else the session tells of it when it likes.
    await client.query('select pg_stat_force_next_flush()');
  };
  await insert('"Odd thing"', 1_000);
  await insert('few', 200);
  const found: string[] = [];
  const look = async () => {
    found.push(...(await analyseGrown(database)));
    return found.length > 0;
  };
  await until(look, { what: 'the large table is seen' });
  assert.deepEqual(found, ['public."Odd thing"']);
  assert.equal(await countOf('"Odd thing"'), 1_000);
  await insert('"Odd thing"', 2_000);
  assert.deepEqual(await analyseGrown(database), []);
  await client.end();
});

test('a table that a migration holds is not waited for, and what was dropped or is temporary is not asked for', async () => {
  const [client, migrating] = [await database.connect(), await database.connect()];
  for (const kind of ['table held', 'temporary table passing']) {
    await client.query(`create ${kind} as select generate_series(1, 1000) as id; select pg_stat_force_next_flush()`);
  }
  // Whoever waits for it is let go, so that this test fails and does not hang.
  await migrating.query("set idle_in_transaction_session_timeout = '5s'; begin; lock table held");
  let found: readonly string[] = [];
  const isFound = async () => {
    found = await analyseGrown(database);
    return found.includes('public.held');
  };
  await until(isFound, { what: 'the new table is seen' });
  await migrating.query('drop table held; commit');
  assert.deepEqual(await analyseGrown(database), []);
  await Promise.all([client.end(), migrating.end()]);
});

test('a server that goes silent while it counts is given up, and the job with it', async () => {
  const client = await database.connect();
  await client.query('create table silent as select generate_series(1, 1000) as id; select pg_stat_force_next_flush()');
  await client.end();
  const road = await testRoad(database);
  const silentOnceConnected = {
    run: road.database.run,
    async connect() {
      const connected = await road.database.connect();
      road.swallow(true);
      return connected;
    },
  };
  const isGivenUp = async () => {
    try {
      await analyseGrown(silentOnceConnected, 100);
      return false;
    } catch (error) {
      assert.match(String(error), /terminated/);
      return true;
    }
  };
  await until(isGivenUp, { what: 'the new table is seen' });
});
