import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { sql } from '../src/platform/database/sql.ts';
import { testDatabase } from '../src/platform/testing/database.ts';
import { migrationSources } from '../src/runtime/migration-sources.ts';
import { dumpSchema } from './schema-dump.ts';
import { schemaFiles } from './schema-files.ts';

const database = await testDatabase(migrationSources);

for (const [schema, file] of Object.entries(schemaFiles)) {
  test(`the checked-in dump of the schema ${schema} is what the migrations make (else: npm run schema)`, async () => {
    assert.equal(await readFile(file, 'utf8').catch(() => ''), await dumpSchema(database, schema));
  });
}

test('no room has made a schema that is dumped nowhere', async () => {
  const { rows } = await sql<{ name: string }>`
    select nspname as name
      from pg_namespace
     where nspname !~ '^pg_'
       and nspname not in ('information_schema', 'public', 'graphile_worker')
     order by nspname`.execute(database);
  assert.deepEqual(
    rows.map((row) => row.name),
    Object.keys(schemaFiles).sort(),
  );
});

test('every constraint and index has a name that was given to it', async () => {
  const { rows } = await sql<{ name: string }>`
    select conname as name
      from pg_constraint
      join pg_namespace on pg_namespace.oid = connamespace
     where nspname = any(${Object.keys(schemaFiles)}::text[])
       and (contype = 'c' and conname ~ '_check[0-9]*$' or contype = 'u' and conname ~ '_key[0-9]*$')`.execute(
    database,
  );
  assert.deepEqual(rows, []);
});
