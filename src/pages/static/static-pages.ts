import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { type LabelHeaders, standardLabels } from '../../platform/api/cache-labels.ts';
import type { SiteHost } from '../../platform/api/site.ts';
import type { Context, ShopSettings } from '../../platform/context/context.ts';
import type { Database } from '../../platform/database/database.ts';
import { attachKinds, type StaticAnswers } from './attach-kinds.ts';
import { type BuildContext, createPageBuilds } from './build-pages.ts';
import { createBuilder, pageConsumer } from './builder.ts';
import type { PageKind } from './page-kind.ts';
import { createPagePaths, type PageRef } from './page-paths.ts';
import { createShelf } from './shelf.ts';
import { createStockWatch, type StockWatchContext } from './stock-watch.ts';
import { createStrayBlobs } from './stray-blobs.ts';
import { pageRebuilt } from './tags.ts';

export type StaticPagesContext = Pick<Context, 'clock' | 'log' | 'metrics' | 'events' | 'files'> & {
  /** Connections for who only looks. */
  readonly browsing: Database;
  readonly stockOf: StockWatchContext['stockOf'];
  readonly labelHeaders?: LabelHeaders;
  readonly cacheName?: string;
  readonly announcesPages?: boolean;
  buildId(): string;
};

export interface StaticPages {
  attach(scope: FastifyInstance, host: SiteHost): void;
  answerAtOnce(request: IncomingMessage, response: ServerResponse): boolean;
  wireAnswer: StaticAnswers['onWire'];
  /** Whether it is in memory. */
  isKept(path: string): boolean;
  /** Begins to build in the background what is stale; once the shop knows its own address, which is on every page. */
  start(): void;
  stop(): Promise<void>;
}

/**
 *   event ─▶ pageConsumer ─▶ page.page.wanted ─▶ builder ─▶ builds ─▶ rows and blobs
 *                                                  ▲                      │
 *   visitor ─▶ atOnce: memory ─▶ shelf: blob ─▶ buildNow                  ▼
 *                        ▲────────────────────────────────────────── what was stored
 */
export function createStaticPages(ctx: StaticPagesContext, kinds: readonly PageKind[]): StaticPages {
  const { buildId, files, clock, log, metrics, browsing: database } = ctx;
  const paths = createPagePaths(kinds);
  const buildNow = (ref: PageRef) => builder.buildNow(ref);
  const onTouched = () => builder.nudge();
  const strayBlobs = createStrayBlobs({ database, files, log: log.child({ room: 'pages' }), buildNow, onTouched });
  const { labelHeaders = standardLabels, cacheName = 'Onrush-Pages' } = ctx;
  const shelf = createShelf({
    files,
    log,
    metrics,
    labelHeaders,
    cacheName,
    buildId,
    buildNow,
    onFirstFound: strayBlobs.found,
  });
  const builds = createPageBuilds({
    database,
    files,
    clock,
    log,
    metrics,
    buildId,
    held: shelf.held,
    onStored: shelf.replace,
    ...(ctx.announcesPages && { onReplaced: announcePages(ctx.events) }),
  });
  const builder = createBuilder({ database, files, clock, log, paths, builds, buildId });
  let answers: StaticAnswers | undefined;
  const stockWatch = createStockWatch({ database, log, stockOf: ctx.stockOf, onTouched });
  ctx.events.consume(pageConsumer(onTouched));
  ctx.events.consume(stockWatch.consumer);

  return {
    attach(scope, host) {
      answers = attachKinds(scope, kinds, shelf, host);
    },
    answerAtOnce: (request, response) => answers?.atOnce(request, response) === true,
    wireAnswer: (request, admits) => answers?.onWire(request, admits),
    isKept: (path) => shelf.held(path) !== undefined,
    start() {
      builder.start();
      stockWatch.start();
    },
    async stop() {
      await Promise.all([builder.stop(), stockWatch.stop()]);
    },
  };
}

/** Tells, with the pages themselves, that others may have kept what is no longer so. */
export function announcePages(events: Context['events']): NonNullable<BuildContext['onReplaced']> {
  return (tx, paths) => events.publish(tx, [pageRebuilt(paths)]);
}

/** What all pages have in common: pages that were made with another are not shown. */
export function buildIdOf(made: {
  readonly assetsVersion: string;
  /** All settings, also those that no page reads yet: one that is forgotten here leaves pages wrong for good. */
  readonly shop: ShopSettings;
  readonly publicUrl: string;
}): string {
  return hash('sha256', JSON.stringify(inOneOrder(made)), 'base64url').slice(0, 16);
}

/** The same settings give the same text, in whatever order they were read. */
function inOneOrder({ shop, ...made }: Parameters<typeof buildIdOf>[0]): unknown {
  return { ...made, shop: Object.entries(shop).toSorted(([a], [b]) => (a < b ? -1 : 1)) };
}
