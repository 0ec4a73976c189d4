import type { Events } from '../../platform/events/event.ts';
import type { Purge } from './api.ts';
import type { PurgeRules } from './purge.ts';
import { pathOf } from './purge.ts';

/** A cache in this process. What is being filled into it when it is purged must not be kept. */
export interface Purgeable {
  purge(what: Partial<Purge>): number;
}

/**
 * Keeps a cache in this process true: it forgets what events say has changed, within a poll of the outbox. Must begin before
 * the cache is filled. Returns a function that stops it.
 */
export function followPurges(
  { events }: { readonly events: Pick<Events, 'listen'> },
  { topics, purgeOf }: PurgeRules,
  cache: Purgeable,
): () => void {
  return events.listen({
    topics,
    hear(heard) {
      const purge = purgeOf(heard);
      if (purge.everything) cache.purge({ everything: true });
      else cache.purge({ ...purge, urls: purge.urls.flatMap((url) => pathOf(url) ?? []) });
    },
    missed: () => cache.purge({ everything: true }),
  });
}
