import { runMigrations } from 'graphile-worker';
import type { Database } from '../database/database.ts';
import { type Migration, type MigrationSource, migrate } from '../database/migrate.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { workerLogger } from './worker-logger.ts';

export const jobsMigrations: MigrationSource = { room: 'jobs', directory: new URL('./schema/', import.meta.url) };

/** Our schema and graphile-worker's own (`graphile_worker`), which brings itself up to date. Safe from several processes. */
export async function migrateJobs(database: Database, log: Log): Promise<Migration[]> {
  const applied = await migrate(database, [jobsMigrations]);
  await runMigrations({ connectionString: database.url, maxPoolSize: 1, logger: workerLogger(log) });
  return applied;
}
