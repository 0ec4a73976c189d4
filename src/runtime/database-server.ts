import { checkServer } from '../engines/postgres/check-server.ts';
import { startPostgres } from '../engines/postgres/start-postgres.ts';
import type { Config } from '../platform/config/config.ts';
import type { Home } from './home.ts';

/** The database server that a shop uses: one that we run, or one of the owner's own. */
export interface DatabaseServer {
  readonly kind: 'embedded' | 'own';
  readonly url: string;
  readonly pid?: number;
  /** Resolves when a server that we run has ended; for an owner's server, never. */
  readonly exited: Promise<unknown>;
  stop(mode: 'fast' | 'immediate'): Promise<void>;
}

/** The caller holds the lock of the home. */
export async function openDatabaseServer(
  config: Pick<Config, 'databaseUrl'>,
  home: Home,
  tell: (line: string) => void,
): Promise<DatabaseServer> {
  if (config.databaseUrl !== undefined) {
    await checkServer(config.databaseUrl);
    return { kind: 'own', url: config.databaseUrl, exited: new Promise(() => {}), stop: async () => {} };
  }
  const postgres = await startPostgres({ dir: home.postgresDir, logFile: home.postgresLog, durable: true, tell });
  return { kind: 'embedded', ...postgres };
}
