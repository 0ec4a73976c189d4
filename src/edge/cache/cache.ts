import type { Gate } from '../../platform/api/gate.ts';
import type { Clock } from '../../platform/context/context.ts';
import type { Log, Metrics } from '../../platform/telemetry/telemetry.ts';

/** What is thrown out of a cache. Several kinds together mean any of them. */
export interface Purge {
  /** Of the header `Cache-Tag` of the answers. */
  readonly tags?: readonly string[];
  /** Of the header `Cache-Groups` (RFC 9875), of every host. */
  readonly groups?: readonly string[];
  /** Whole URLs, or paths with their query (`/products/lamp?a=1`) of every host. */
  readonly urls?: readonly string[];
  readonly everything?: boolean;
}

export interface CacheStats {
  /** Answers that are kept, and the bytes that they take. */
  readonly answerCount: number;
  readonly bytes: number;
  readonly bytesMax: number;
  /** Requests since the start, by how they were answered. */
  readonly hitCount: number;
  readonly staleHitCount: number;
  readonly missCount: number;
  readonly collapsedCount: number;
  readonly revalidatedCount: number;
  readonly bypassCount: number;
  readonly evictedCount: number;
  readonly purgedCount: number;
}

export interface ResponseCacheOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** What all kept answers together may take, in bytes. */
  readonly bytesMax: number;
  /** A larger body passes through and is not kept. Default 4 MiB. */
  readonly bodyBytesMax?: number;
  /**
   * Which requests the gate looks at; all others pass it untouched, neither answered from the cache nor kept. Only GET and HEAD
   * without a body and without `Authorization` are asked about. Default: all of them.
   */
  readonly wants?: (request: { readonly method?: string; readonly url?: string; readonly headers: object }) => boolean;
}

/** A shared HTTP cache (RFC 9111). */
export interface ResponseCache {
  /** For the shop's own process: what is behind the gate is the upstream. */
  readonly gate: Gate;
  /** Returns how many kept answers it threw out. What is being fetched meanwhile is not kept if it is meant. */
  purge(purge: Purge): number;
  stats(): CacheStats;
  close(): void;
}
