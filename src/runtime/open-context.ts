import type { DestinationStream } from 'pino';
import { createCache } from '../platform/cache/create-cache.ts';
import type { Config } from '../platform/config/config.ts';
import type { Clock, Context } from '../platform/context/context.ts';
import { type Database, openDatabase } from '../platform/database/database.ts';
import { createEvents } from '../platform/events/events.ts';
import { createJobs } from '../platform/jobs/jobs.ts';
import { followSigningKeys } from '../platform/signing/rotation.ts';
import { createSigner } from '../platform/signing/signer.ts';
import { loadSigningKeys } from '../platform/signing/store.ts';
import { createDirectoryStore } from '../platform/storage/directory-store.ts';
import { createLog } from '../platform/telemetry/log.ts';
import { createMetrics } from '../platform/telemetry/metrics.ts';
import { homeAt } from './home.ts';

export interface ContextOptions {
  readonly config: Pick<Config, 'home' | 'shop' | 'logLevel'>;
  readonly databaseUrl: string;
  /** Names this process to the database and in its logs. */
  readonly processName: string;
  readonly logDestination: DestinationStream;
  readonly poolMax?: number;
}

const systemClock: Clock = { nowMs: () => Date.now() };

// Enough for every lane and consumer to have a connection of its own; more would only queue inside PostgreSQL.
const defaultPoolMax = 16;
export const browsingPoolMax = 6;

/** The context of a shop that serves: besides, connections of its own for those who only look, so that they never stand before those who buy. */
export type ShopContext = Context & { readonly browsing: Database };

/** Builds all that a shop's services stand on, on a migrated database. Nothing runs yet; `close` lets go of everything. */
export async function openContext(options: ContextOptions): Promise<ShopContext & { close(): Promise<void> }> {
  const clock = systemClock;
  const log = createLog({
    level: options.config.logLevel,
    destination: options.logDestination,
    clock,
    fields: { process: options.processName, pid: process.pid },
  });
  const metrics = createMetrics();
  const openPool = (poolMax: number) =>
    openDatabase({
      url: options.databaseUrl,
      poolMax,
      connectTimeoutMs: 5_000,
      statementTimeoutMs: 30_000,
      applicationName: `onrush-${options.processName}`,
      onIdleError: (error) => log.warn({ error: error.message }, 'A database connection was lost.'),
    });
  const database = openPool(options.poolMax ?? defaultPoolMax);
  const browsing = openPool(Math.min(browsingPoolMax, options.poolMax ?? browsingPoolMax));
  const events = createEvents({ database, clock, log, metrics });
  const jobs = createJobs({ database, clock, log, metrics });
  const cache = createCache({ clock, log, metrics });
  try {
    const signer = createSigner(await loadSigningKeys(database));
    const following = followSigningKeys({ database, log, signer });
    return {
      clock,
      log,
      metrics,
      database,
      browsing,
      events,
      jobs,
      cache,
      signer,
      files: createDirectoryStore(homeAt(options.config.home).filesDir),
      shop: options.config.shop,
      async close() {
        await following.stop();
        await cache.close();
        await browsing.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
