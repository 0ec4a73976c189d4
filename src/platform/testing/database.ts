import { randomBytes } from 'node:crypto';
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
  await onServer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const database = openDatabase({
    url: url.toString(),
    poolMax: options.poolMax ?? 8,
    connectTimeoutMs: 10_000,
    statementTimeoutMs: 30_000,
    applicationName: 'onrush-test',
    onIdleError: () => {},
  });
  after(async () => {
    await database.close().catch(() => {});
    await onServer(serverUrl, `drop database if exists ${name} with (force)`);
  });
  await migrate(database, sources);
  return database;
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
