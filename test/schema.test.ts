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
  for (const [file, statements] of await migrationStatements()) {
    const altering = statements.filter((each) => /\balter table\b/i.test(each));
    for (const each of altering.filter((some) => /\badd constraint\b[^,]*\b(check|references)\b/i.test(some))) {
      assert.match(each, /\bnot valid\b/i, `${file}: add it as \`not valid\` and validate it in the next file`);
    }
    // In the transaction that added it, it would be checked under that one's lock.
    const validates = altering.some((each) => /\bvalidate constraint\b/i.test(each));
    assert(!validates || statements.length === 1, file);
  }
  const { rows } = await sql<{ name: string }>`
    select conname as name
      from pg_constraint
     where not convalidated`.execute(database);
  assert.deepEqual(rows, []);
});

test('an index on a table that was there before is made in a file of its own, under no lock but its own', async () => {
  for (const [file, statements] of await migrationStatements()) {
    const made = statements.flatMap((each) => /\bcreate table (?:if not exists )?([\w.]+)/i.exec(each)?.[1] ?? []);
    const indexed = statements.flatMap(
      (each) => /\bcreate (?:unique )?index\b[^(]*?\bon ([\w.]+)/i.exec(each)?.[1] ?? [],
    );
    const isLate = indexed.some((table) => !made.includes(table));
    assert(!isLate || statements.length === 1, `${file}: what else it does keeps others out while the index is made`);
  }
});

/** By the path of each migration's file. */
async function migrationStatements(): Promise<[file: string, statements: string[]][]> {
  const folders = migrationSources.map(({ directory }) => directory);
  const files = (
    await Promise.all(folders.map(async (folder) => (await readdir(folder)).map((name) => new URL(name, folder))))
  ).flat();
  return Promise.all(
    files
      .filter(({ pathname }) => /\/\d{3}_[^/]*\.sql$/.test(pathname))
      .map(async (file): Promise<[string, string[]]> => {
        const text = (await readFile(file, 'utf8')).replaceAll(/--.*$/gm, '');
        return [file.pathname, text.split(';').filter((each) => each.trim() !== '')];
      }),
  );
}

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
