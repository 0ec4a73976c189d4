import type { Gate } from '../../platform/api/gate.ts';
import type { Clock } from '../../platform/context/context.ts';
import type { Metrics } from '../../platform/telemetry/telemetry.ts';
import { createCacheMember } from './cache-status.ts';
import { createEngine, type Engine } from './engine.ts';
import type { EngineRules } from './fetch.ts';
import { createGate, type Screen } from './gate.ts';
import { hostOf } from './kept-answer.ts';
import { createPurgeLog, type PurgeTarget } from './purge-log.ts';
import { createAnswerStore } from './store.ts';

/** What is thrown out of a cache. Several kinds together mean any of them. */
export interface Purge {
  /** Of the header `Cache-Tag` of the answers. */
  readonly tags?: readonly string[];
  /** Of the header `Cache-Groups` (RFC 9875), of every host. */
  readonly groups?: readonly string[];
  /** Whole URLs, or paths with their query (`/products/lamp?a=1`) of every host; as they are asked for, byte for byte. */
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
  /** Of the misses: those that waited for another's. */
  readonly collapsedCount: number;
  readonly revalidatedCount: number;
  readonly bypassCount: number;
  readonly evictedCount: number;
  readonly purgedCount: number;
}

export interface ResponseCacheOptions {
  /** By which it signs what it did in `Cache-Status`: a token (RFC 9110, 5.6.2). Default `Onrush`. */
  readonly name?: string;
  readonly clock: Clock;
  readonly metrics?: Metrics;
  /** What all kept answers together may take, in bytes. */
  readonly bytesMax: number;
  /** A larger body passes through and is not kept. Default 4 MiB, at most a quarter of `bytesMax`. */
  readonly bodyBytesMax?: number;
  /**
   * Which URLs, as they are asked for, the gate has a part in; all others pass it, neither answered from the cache nor kept nor thrown
   * out. Default: all of them.
   */
  readonly wants?: (url: string) => boolean;
  /** What of it the gate refuses by itself; left out, the shop behind it does. */
  readonly screen?: Screen;
}

/** A shared HTTP cache (RFC 9111). */
export interface ResponseCache {
  /** For the shop's own process: what is behind the gate is the upstream. */
  readonly gate: Gate;
  /** Returns how many kept answers it threw out. What is being fetched meanwhile is not kept if it is meant. */
  purge(purge: Purge): number;
  stats(): CacheStats;
  /** Forgets everything. */
  close(): void;
}

/** The name of the cache in the shop's own process. */
export const shopCacheName = 'Onrush';

/**
 * The rules before a shop's own process: nothing is guessed, no client can have an answer made anew by asking for it, and what the
 * shop tells its CDN (`CDN-Cache-Control`, `Surrogate-Control`) goes by.
 */
const shopRules: Omit<EngineRules, 'bodyBytesMax'> = {
  heuristicFraction: 0,
  heuristicMaxS: 0,
  storesCookies: false,
  // By it an answer is found in the log, where those from here leave no line.
  ownFields: ['x-request-id'],
  heedsRequestWishes: false,
  staleWhenUnreachableS: 0,
};

export function createResponseCache(options: ResponseCacheOptions): ResponseCache {
  const core = createCacheCore({ name: shopCacheName, ...options }, shopRules);
  const { wants = () => true, screen } = options;
  return { ...core, gate: createGate({ engine: core.engine, wants, screen }) };
}

export type CacheCoreOptions = Pick<ResponseCacheOptions, 'clock' | 'metrics' | 'bytesMax' | 'bodyBytesMax'> &
  Required<Pick<ResponseCacheOptions, 'name'>>;

export interface CacheCore extends Omit<ResponseCache, 'gate'> {
  readonly engine: Engine;
}

export const bodyBytesMaxDefault = 4 * 1024 * 1024;

/** What a gate and a proxy have in common. */
export function createCacheCore(options: CacheCoreOptions, rules: Omit<EngineRules, 'bodyBytesMax'>): CacheCore {
  const { clock, bytesMax } = options;
  const member = createCacheMember(options.name);
  const store = createAnswerStore(bytesMax);
  const purges = createPurgeLog();
  let purgedCount = 0;
  const purgeTarget = (target: PurgeTarget) => {
    purges.add(target);
    const count = store.purge(target);
    purgedCount += count;
    return count;
  };
  /** After an unsafe request: nearly always of something that was never kept, and then there is nothing to remember. */
  const invalidate = (target: PurgeTarget) => {
    if (purges.isFetching(target) || target.hostGroups.size > 0) purgeTarget(target);
    else purgedCount += store.purge(target);
  };
  const bodyBytesMax = Math.min(options.bodyBytesMax ?? bodyBytesMaxDefault, bytesMax / 4);
  const engine = createEngine({ member, clock, store, purges, rules: { ...rules, bodyBytesMax }, invalidate });
  const core: CacheCore = {
    engine,
    purge: (purge) => purgeTarget(targetOf(purge)),
    stats: () => ({
      answerCount: store.count,
      bytes: store.bytes,
      bytesMax,
      hitCount: engine.counts.hit,
      staleHitCount: engine.counts.staleHit,
      missCount: engine.counts.miss,
      collapsedCount: engine.counts.collapsed,
      revalidatedCount: engine.counts.revalidated,
      bypassCount: engine.counts.bypass,
      evictedCount: store.evictedCount,
      purgedCount,
    }),
    close: () => void store.purge(targetOf({ everything: true })),
  };
  if (options.metrics !== undefined) announce(options.metrics, core);
  return core;
}

function targetOf({ tags, groups, urls, everything }: Purge): PurgeTarget {
  return {
    tags: new Set(tags),
    groups: new Set(groups),
    hostGroups: new Set(),
    urls: new Set(urls?.map(urlText)),
    everything: everything === true,
  };
}

/** As keys are written: a whole URL by its host and target. */
function urlText(url: string): string {
  const whole = /^https?:\/\/([^/?#]+)([^#]*)/i.exec(url);
  if (whole === null) return url.split('#', 1)[0] ?? '';
  const target = whole[2] ?? '';
  return `${hostOf(whole[1] ?? '')}\n${target.startsWith('/') ? target : `/${target}`}`;
}

function announce(metrics: Metrics, { stats }: Pick<CacheCore, 'stats'>): void {
  metrics.gauge('onrush_edge_cache_answers', 'Answers kept by the response cache.', () => stats().answerCount);
  metrics.gauge('onrush_edge_cache_bytes', 'Bytes that the kept answers take.', () => stats().bytes);
  metrics.gauge(
    'onrush_edge_cache_requests_total',
    'Requests at the response cache, by how they were answered.',
    () => {
      const { hitCount, staleHitCount, missCount, collapsedCount, revalidatedCount, bypassCount } = stats();
      return new Map([
        ['hit', hitCount],
        ['stale', staleHitCount],
        ['miss', missCount - collapsedCount],
        ['collapsed', collapsedCount],
        ['revalidated', revalidatedCount],
        ['bypass', bypassCount],
      ]);
    },
    'outcome',
  );
  metrics.gauge('onrush_edge_cache_evicted_total', 'Answers thrown out for want of room.', () => stats().evictedCount);
  metrics.gauge('onrush_edge_cache_purged_total', 'Answers thrown out by purges.', () => stats().purgedCount);
}
