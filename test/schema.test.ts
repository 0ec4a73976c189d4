import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
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

test('a constraint that is added later is checked without keeping everyone out of its table meanwhile', async () => {
  const folders = migrationSources.map(({ directory }) => directory);
  const files = (
    await Promise.all(folders.map(async (folder) => (await readdir(folder)).map((name) => new URL(name, folder))))
  ).flat();
  for (const file of files.filter(({ pathname }) => /\/\d{3}_[^/]*\.sql$/.test(pathname))) {
    const statements = (await readFile(file, 'utf8')).replaceAll(/--.*$/gm, '').split(';');
    const altering = statements.filter((each) => /\balter table\b/i.test(each));
    for (const each of altering.filter((some) => /\badd constraint\b[^,]*\b(check|references)\b/i.test(some))) {
      assert.match(
        each,
        /\bnot valid\b/i,
        `${file.pathname}: add it as \`not valid\` and validate it in the next file`,
      );
    }
    // In the transaction that added it, it would be checked under that one's lock.
    const validates = altering.some((each) => /\bvalidate constraint\b/i.test(each));
    assert(!validates || statements.filter((each) => each.trim() !== '').length === 1, file.pathname);
  }
  const { rows } = await sql<{ name: string }>`
    select conname as name
      from pg_constraint
     where not convalidated`.execute(database);
  assert.deepEqual(rows, []);
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
