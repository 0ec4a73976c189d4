import { createHash, randomBytes } from 'node:crypto';
import { after } from 'node:test';
import pg from 'pg';
import { type Database, openDatabase } from '../database/database.ts';
import { type MigrationSource, migrate } from '../database/migrate.ts';

/**
 * A fresh, migrated database for one test file, dropped when the file is done. The server is the one that `npm test`
 * started (TEST_DATABASE_URL).
 */
export async function testDatabase(
  sources: readonly MigrationSource[],
  options: { poolMax?: number } = {},
): Promise<Database> {
  const serverUrl = process.env.TEST_DATABASE_URL;
  if (serverUrl === undefined) {
    throw new Error('TEST_DATABASE_URL is not set. Run tests with `npm test -- <files>`, which starts a PostgreSQL.');
  }
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await onServer(serverUrl, async (client) => copy(client, await templateFor(client, serverUrl, sources), name));
  const database = open(serverUrl, name, options.poolMax ?? 8);
  after(async () => {
    await database.close().catch(() => {});
    await onServer(serverUrl, (client) => client.query(`drop database if exists ${name} with (force)`));
  });
  return database;
}

/**
 * The database that those are copied from which begin with these migrations, made by whoever is first to want one: to copy
 * it costs a tenth of migrating anew. It stays as long as the server, which lives for one run.
 */
async function templateFor(client: pg.Client, serverUrl: string, sources: readonly MigrationSource[]): Promise<string> {
  if (sources.length === 0) return 'template1';
  const directories = sources.map(({ directory }) => directory.href).join('\n');
  const template = `template_${createHash('sha256').update(directories).digest('hex').slice(0, 16)}`;
  // Given back when the client's connection ends.
  await client.query('select pg_advisory_lock(hashtext($1))', [template]);
  const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
  if (rowCount !== 0) return template;
  // By its name it is known to be whole: who is killed in the middle leaves a draft that nobody looks at.
  const draft = `${template}_${process.pid}`;
  await copy(client, 'template1', draft);
  const database = open(serverUrl, draft, 1);
  await migrate(database, sources).finally(() => database.close());
  await client.query(`alter database ${draft} rename to ${template}`);
  return template;
}

/** File by file: page by page through the log, as is the default, costs ten times as much. */
async function copy(client: pg.Client, template: string, name: string): Promise<void> {
  await client.query(`create database ${name} template ${template} strategy file_copy`);
}

function open(serverUrl: string, name: string, poolMax: number): Database {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return openDatabase({
    url: url.toString(),
    poolMax,
    connectTimeoutMs: 10_000,
    statementTimeoutMs: 30_000,
    applicationName: 'onrush-test',
    onIdleError: () => {},
  });
}

async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
