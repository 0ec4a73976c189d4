import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import pino from 'pino';
import { createCache } from '../cache/create-cache.ts';
import type { Clock, Context, ShopSettings } from '../context/context.ts';
import type { Database } from '../database/database.ts';
import type { MigrationSource } from '../database/migrate.ts';
import { createEvents } from '../events/events.ts';
import { eventsMigrations } from '../events/migrations.ts';
import { createJobs } from '../jobs/jobs.ts';
import { signingMigrations } from '../signing/migrations.ts';
import { createSigner, type Signer } from '../signing/signer.ts';
import { loadSigningKeys } from '../signing/store.ts';
import { createDirectoryStore } from '../storage/directory-store.ts';
import { createLog } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { testDatabase } from './database.ts';

/** A clock that stands still until the test moves it. */
export interface TestClock extends Clock {
  /** Also backwards: clocks do that. */
  advance(byMs: number): void;
}

export type TestContext = Context & { readonly clock: TestClock };

const shop: ShopSettings = {
  name: 'Test shop',
  currency: 'USD',
  taxIncludedBasisPoints: 0,
  quoteTtlMs: 15 * 60_000,
  payWithinMs: 15 * 60_000,
  wall: 'staff',
};

/**
 * Everything a service stands on, for real: a database of the test's own with these rooms' schemas, events, jobs and
 * cache. Events and jobs are not started; a test that needs them starts them. All is closed when the test file is done.
 */
export async function testContext(
  sources: readonly MigrationSource[],
  options: { shop?: Partial<ShopSettings>; poolMax?: number; isLogging?: boolean } = {},
): Promise<TestContext> {
  const database = await testDatabase([signingMigrations, eventsMigrations, ...sources], {
    poolMax: options.poolMax ?? 12,
  });
  const ctx = contextOn(database, { ...options, signer: createSigner(await loadSigningKeys(database)) });
  after(async () => {
    await ctx.events.stop();
    await ctx.jobs.stop();
    await ctx.cache.close();
  });
  return ctx;
}

/** The same on a database that is there already: for the processes that a test starts. */
export function contextOn(
  database: Database,
  options: { signer: Signer; shop?: Partial<ShopSettings>; isLogging?: boolean },
): TestContext {
  const clock = testClock();
  const log = createLog({
    level: options.isLogging ? 'debug' : 'silent',
    destination: pino.destination({ fd: 2, sync: true }),
    clock,
  });
  const metrics = createMetrics({ withProcess: false });
  const filesDir = mkdtempSync(join(tmpdir(), 'onrush-files-'));
  process.once('exit', () => rmSync(filesDir, { recursive: true, force: true }));
  return {
    clock,
    log,
    metrics,
    database,
    events: createEvents({ database, clock, log, metrics, pollMs: 20 }),
    jobs: createJobs({ database, clock, log, metrics }),
    cache: createCache({ clock, log, metrics }),
    signer: options.signer,
    files: createDirectoryStore(filesDir),
    shop: { ...shop, ...options.shop },
  };
}

export function testClock(nowMs = Date.now()): TestClock {
  return {
    nowMs: () => nowMs,
    advance(byMs) {
      nowMs += byMs;
    },
  };
}
