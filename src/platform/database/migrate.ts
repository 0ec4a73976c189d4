import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import type { Database } from './database.ts';

/** A room with a `schema/` folder of `NNN_name.sql` files, forward only, in their order. */
export interface MigrationSource {
  readonly room: string;
  readonly directory: URL;
}

export interface Migration {
  readonly room: string;
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly text: string;
}

/** A migration cannot run; the message says which and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

// Any number will do as long as it is ours alone: the bytes of "onrush".
const migrationLockKey = 0x6f6e72757368n;

/**
 * Brings the schema up to what the sources say. Safe to run from several processes at once: one migrates, the others wait
 * and find nothing to do. Each file is a transaction of its own together with its record, so a crash leaves it wholly done
 * or not begun. Returns what it applied.
 */
export async function migrate(database: Database, sources: readonly MigrationSource[]): Promise<Migration[]> {
  const wanted = (await Promise.all(sources.map(readMigrations))).flat();
  const client = await database.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLockKey]);
    await client.query(`
      create schema if not exists platform;
      create table if not exists platform.migration (
        room       text not null,
        version    integer not null,
        name       text not null,
        checksum   text not null,
        applied_at timestamptz not null default now(),
        constraint migration_pkey primary key (room, version)
      )`);
    const pending = pendingMigrations(wanted, await appliedMigrations(client));
    for (const migration of pending) await apply(client, migration);
    return pending;
  } finally {
    await client.end();
  }
}

/** Migrations not applied yet, in order. Throws where history and files disagree. */
export function pendingMigrations(
  wanted: readonly Migration[],
  applied: readonly Pick<Migration, 'room' | 'version' | 'name' | 'checksum'>[],
): Migration[] {
  const appliedByKey = new Map(applied.map((migration) => [`${migration.room}/${migration.version}`, migration]));
  const latestByRoom = new Map<string, number>();
  for (const { room, version } of applied) latestByRoom.set(room, Math.max(version, latestByRoom.get(room) ?? 0));

  return wanted.filter((migration) => {
    const done = appliedByKey.get(`${migration.room}/${migration.version}`);
    if (done === undefined) {
      if (migration.version < (latestByRoom.get(migration.room) ?? 0)) {
        throw new MigrationError(
          `Migration ${migration.room}/${migration.name} is older than what the database already has. Give it a number above the last one.`,
        );
      }
      return true;
    }
    if (done.checksum !== migration.checksum) {
      throw new MigrationError(
        `Migration ${migration.room}/${migration.name} was changed after it was applied to this database. Restore the file and put the change into a new migration.`,
      );
    }
    return false;
  });
}

async function readMigrations(source: MigrationSource): Promise<Migration[]> {
  const directory = fileURLToPath(source.directory);
  const files = (await readdir(directory)).filter((file) => /^\d{3}_.+\.sql$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(directory, file), 'utf8');
      return {
        room: source.room,
        version: Number(file.slice(0, 3)),
        name: basename(file, '.sql'),
        checksum: createHash('sha256').update(text).digest('hex'),
        text,
      };
    }),
  );
}

async function appliedMigrations(client: pg.Client) {
  const { rows } = await client.query<Pick<Migration, 'room' | 'version' | 'name' | 'checksum'>>(
    'select room, version, name, checksum from platform.migration',
  );
  return rows;
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(migration.text);
    await client.query('insert into platform.migration (room, version, name, checksum) values ($1, $2, $3, $4)', [
      migration.room,
      migration.version,
      migration.name,
      migration.checksum,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw new MigrationError(
      `Migration ${migration.room}/${migration.name} failed and was undone: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
}
