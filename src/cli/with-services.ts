import pino from 'pino';
import type { Config } from '../platform/config/config.ts';
import { migrate } from '../platform/database/migrate.ts';
import { migrationSources } from '../runtime/migration-sources.ts';
import { openContext } from '../runtime/open-context.ts';
import { createServices, type Services } from '../runtime/services.ts';
import { type WithDatabaseOptions, withDatabase } from './with-database.ts';

/** Does the work with the shop's services in this process, on the shop's database, brought up to date if need be. */
export function withServices<T>(
  config: Config,
  options: Omit<WithDatabaseOptions, 'poolMax' | 'statementTimeoutMs'>,
  work: (services: Services) => Promise<T>,
): Promise<T> {
  return withDatabase(config, { ...options, poolMax: 1, statementTimeoutMs: 0 }, async (database) => {
    await migrate(database, migrationSources);
    const ctx = await openContext({
      // What matters to who waits for the command is told by the command.
      config: { ...config, logLevel: 'error' },
      databaseUrl: database.url,
      processName: options.command,
      logDestination: pino.destination(2),
      poolMax: 6,
    });
    try {
      const services = createServices(ctx, { webhookUrl: () => '', isAdmin: () => false });
      try {
        return await work(services);
      } finally {
        await services.stop();
      }
    } finally {
      await ctx.close();
    }
  });
}
