import { purgedTags } from '../../platform/api/cache-labels.ts';
import type { Context } from '../../platform/context/context.ts';
import type { PublishedEvent } from '../../platform/events/event.ts';
import { createPoller } from '../../platform/events/poller.ts';
import type { Purge } from '../purge/api.ts';
import type { CdnAdapter } from './adapter.ts';
import type { CdnLabels } from './labels.ts';
import { cdnGroup, createSender } from './sender.ts';
import { type WantedPurge, wantPurges } from './store.ts';

export type CdnContext = Pick<Context, 'clock' | 'database' | 'events' | 'log' | 'metrics'>;

export interface CdnOptions {
  readonly adapter: CdnAdapter;
  readonly labels: Pick<CdnLabels, 'tag'>;
  /** Events that make something out of date, and what. */
  readonly topics: readonly string[];
  purgeOf(events: readonly PublishedEvent[]): Purge;
  /** Where the shop is for the world: a CDN knows whole addresses only. */
  publicUrl(): string;
}

/**
 * How long after an event the CDN is told: by then every process has heard of it (a second) and the lists behind the shop's
 * own answers are new (two). Told earlier, the CDN would ask at once and keep what is old.
 */
const settleMs = 4_000;
const pollMs = 500;

/** Has a CDN forget what events say has changed: gathered in a table, sent in batches. */
export function createCdn(ctx: CdnContext, options: CdnOptions) {
  const sender = createSender(ctx, options.adapter);
  const poller = createPoller({ look: sender.look, pollMs, log: ctx.log, name: 'cdn' });
  ctx.events.consume({
    group: cdnGroup,
    topics: options.topics,
    async handle(tx, events) {
      await wantPurges(tx, wantedPurges(events, options), { dueAtMs: ctx.clock.nowMs() + settleMs });
    },
  });
  return {
    look: sender.look,
    start: () => poller.start(),
    stop: () => poller.stop(),
  };
}

/** Each name once, with the last event that asked for it. */
export function wantedPurges(
  events: readonly PublishedEvent[],
  { labels, purgeOf, publicUrl }: Pick<CdnOptions, 'labels' | 'purgeOf' | 'publicUrl'>,
): WantedPurge[] {
  const wanted = new Map<string, WantedPurge>();
  const want = (kind: WantedPurge['kind'], name: string, { eventId }: PublishedEvent) =>
    wanted.set(`${kind} ${name}`, { kind, name, eventId });
  for (const event of events) {
    const { tags, groups, urls, everything } = purgeOf([event]);
    if (everything) want('everything', '', event);
    // What the standard calls a group is a tag to a CDN.
    for (const tag of [...tags, ...purgedTags(groups)]) want('tag', labels.tag(tag), event);
    for (const url of urls) {
      const whole = URL.parse(url, publicUrl());
      if (whole !== null) want('url', whole.href, event);
    }
  }
  return [...wanted.values()];
}
