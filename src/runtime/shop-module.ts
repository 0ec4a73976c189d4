import type { Config } from '../platform/config/config.ts';
import type { MigrationSource } from '../platform/database/migrate.ts';

/** What the supervisor's process loads to become a shop: shop.ts, or a small one of a test's own. */
export interface ShopModule {
  /** The schema of every room. */
  readonly migrationSources: readonly MigrationSource[];
  /**
   * Called at each start of the supervisor after the migrations, in one process, before any process serves: the place for
   * what an empty shop should hold. Returns a few words on what it did or found (`30 products`), or nothing.
   */
  prepareShop?(start: ShopStart): Promise<string | undefined>;
  /** Resolves when the shop answers. */
  createShop(start: ShopStart): Promise<RunningShop>;
}

export interface ShopStart {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly adminToken: string;
  /** The services that this process hosts. */
  readonly services: readonly string[];
}

export interface RunningShop {
  /** Such as `http://127.0.0.1:7070`. */
  readonly url: string;
  /** Takes nothing new, finishes what was accepted, lets go of everything. */
  stop(): Promise<void>;
}
