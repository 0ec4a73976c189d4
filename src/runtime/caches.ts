import { createResponseCache, shopCacheName } from '../edge/cache/cache.ts';
import type { Screen } from '../edge/cache/gate.ts';
import { createCdn } from '../edge/cdn/cdn.ts';
import { createAdapter } from '../edge/cdn/create-adapter.ts';
import { cdnLabels } from '../edge/cdn/labels.ts';
import { cdnGroup } from '../edge/cdn/sender.ts';
import { followPurges } from '../edge/purge/follow.ts';
import { createPurgeRules } from '../edge/purge/purge.ts';
import { createPurge } from '../edge/purge/service.ts';
import { cacheTopics, tagsTouchedBy } from '../pages/static/tags.ts';
import { type LabelHeaders, standardLabels } from '../platform/api/cache-labels.ts';
import type { Contract } from '../platform/api/contract.ts';
import type { Gate } from '../platform/api/gate.ts';
import type { Config } from '../platform/config/config.ts';
import { cacheMaxMbDefault } from '../platform/config/edge-settings.ts';
import type { Context } from '../platform/context/context.ts';
import type { Service } from '../platform/context/service.ts';
import { forgetGroup } from '../platform/events/store-retention.ts';
import { listsTag } from '../services/catalog/api.ts';
import { createCacheableRoutes } from './cacheable-routes.ts';

export interface Caches {
  /** None if nothing is to be kept. */
  readonly gates: readonly Gate[];
  /** What takes purges by hand. */
  readonly purge: Service;
  readonly labelHeaders: LabelHeaders;
  /** By which the kept pages, a cache of their own, sign `Cache-Status`. */
  readonly pagesName: string;
  /** Whether pages must tell that they were built anew: only a CDN keeps them. */
  readonly announcesPages: boolean;
  listsCleared(): void;
  /** After the events have begun, and before anybody is answered. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface CachesOptions {
  readonly config: Pick<Config, 'topology' | 'cdn'>;
  /** Known once the services are there. */
  contracts(): readonly Contract[];
  /** What the shop behind the cache is too busy for. */
  screen: Screen;
  publicUrl(): string;
}

/** What stands between those who look and the shop that answers: the cache of this process, and the CDN if there is one. */
export function createCaches(ctx: Context, { config, contracts, publicUrl, screen }: CachesOptions): Caches {
  const rules = createPurgeRules({ topics: cacheTopics, tagsTouchedBy });
  const { name = shopCacheName, maxMb = cacheMaxMbDefault } = config.topology.edge?.cache ?? {};
  let mayBeKept: ((url: string) => boolean) | undefined;
  const wants = (url: string) => {
    mayBeKept ??= createCacheableRoutes(contracts());
    return mayBeKept(url);
  };
  const cache =
    maxMb === 0 ? undefined : createResponseCache({ ...ctx, name, wants, screen, bytesMax: maxMb * 2 ** 20 });
  const stopFollowing = cache && followPurges(ctx, rules, cache);
  const labels = config.cdn && cdnLabels(config.cdn);
  const cdn =
    config.cdn &&
    labels &&
    createCdn(ctx, { ...rules, labels, publicUrl, adapter: createAdapter(config.cdn, ctx.clock) });
  return {
    gates: cache === undefined ? [] : [cache.gate],
    purge: createPurge(ctx),
    labelHeaders: labels?.headers ?? standardLabels,
    pagesName: `${name}-Pages`,
    announcesPages: cdn !== undefined,
    listsCleared: () => void cache?.purge({ tags: [listsTag] }),
    async start() {
      if (cdn !== undefined) cdn.start();
      // Else what a CDN was to be told, once there was one, would keep every event for ever.
      else await forgetGroup(ctx.database, cdnGroup);
    },
    async stop() {
      await cdn?.stop();
      stopFollowing?.();
      cache?.close();
    },
  };
}
