// npm run schema: writes the dumps of the migrated schema. Run it after adding a migration.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../src/engines/postgres/start-postgres.ts';
import { openDatabase } from '../src/platform/database/database.ts';
import { migrate } from '../src/platform/database/migrate.ts';
import { migrationSources } from '../src/runtime/migration-sources.ts';
import { dumpSchema } from './schema-dump.ts';
import { schemaFiles } from './schema-files.ts';

const dir = await mkdtemp(join(tmpdir(), 'onrush-schema-'));
// Root's PostgreSQL runs as another user, who must be able to pass.
await chmod(dir, 0o711);
const postgres = await startPostgres({ dir, logFile: join(dir, 'postgres.log'), durable: false, tell: console.error });
const database = openDatabase({
  url: postgres.url,
  poolMax: 1,
  connectTimeoutMs: 10_000,
  statementTimeoutMs: 0,
  applicationName: 'onrush-schema',
  onIdleError: () => {},
});
try {
  await migrate(database, migrationSources);
  for (const [schema, file] of Object.entries(schemaFiles)) {
    await writeFile(file, await dumpSchema(database, schema));
    console.log(`wrote ${file}`);
  }
} finally {
  await database.close();
  await postgres.stop('immediate');
  await rm(dir, { recursive: true, force: true });
}
