import type { Cache } from '../cache/cache.ts';
import type { Database } from '../database/database.ts';
import type { Events } from '../events/event.ts';
import type { Jobs } from '../jobs/job.ts';
import type { Signer } from '../signing/signer.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import type { Log, Metrics } from '../telemetry/telemetry.ts';

/** Time is given, so that tests can turn it. */
export interface Clock {
  nowMs(): number;
}

/** Settings of the shop itself, from the topology file. */
export interface ShopSettings {
  readonly name: string;
  /** Where the shop is for the world (`https://shop.example`), for links that leave it; by default where it listens. */
  readonly publicUrl?: string;
  /** Whom to write to about a weakness of the shop (RFC 9116): `mailto:…` or `https://…`. */
  readonly securityContact?: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Prices include this much tax, in basis points (2000 = 20 %). */
  readonly taxIncludedBasisPoints: number;
  /** How long a quoted price holds. */
  readonly quoteTtlMs: number;
  /** How long a placed order waits for its payment before its stock goes back. */
  readonly payWithinMs: number;
  /** Who may look at the sale wall. */
  readonly wall: 'staff' | 'public';
}

/** All that a shop's services stand on. Two contexts are two shops, even in one process. */
export interface Context {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly events: Events;
  readonly jobs: Jobs;
  readonly cache: Cache;
  /** Signs quotes, capabilities and cursors. */
  readonly signer: Signer;
  /** Pictures and pages: what is too large for a row and may be made again or was uploaded. */
  readonly files: BlobStore;
  readonly shop: ShopSettings;
}
