import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { SiteHost } from '../../platform/api/site.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Database } from '../../platform/database/database.ts';
import { attachKinds, type StaticAnswers } from './attach-kinds.ts';
import { createPageBuilds } from './build-pages.ts';
import { createBuilder, pageConsumer } from './builder.ts';
import type { PageKind } from './page-kind.ts';
import { createPagePaths } from './page-paths.ts';
import { createShelf } from './shelf.ts';
import { createStockWatch, type StockWatchContext } from './stock-watch.ts';

export type StaticPagesContext = Pick<Context, 'clock' | 'log' | 'metrics' | 'events' | 'files'> & {
  /** Connections for who only looks. */
  readonly browsing: Database;
  readonly stockOf: StockWatchContext['stockOf'];
  buildId(): string;
};

export interface StaticPages {
  attach(scope: FastifyInstance, host: SiteHost): void;
  answerAtOnce(request: IncomingMessage, response: ServerResponse): boolean;
  wireAnswer: StaticAnswers['onWire'];
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
  const shelf = createShelf({ files, log, metrics, buildId, buildNow: (ref) => builder.buildNow(ref) });
  const builds = createPageBuilds({
    database,
    files,
    clock,
    log,
    metrics,
    buildId,
    held: shelf.held,
    onStored: shelf.replace,
  });
  const builder = createBuilder({ database, files, clock, log, paths, builds, buildId });
  let answers: StaticAnswers | undefined;
  const onTouched = () => builder.nudge();
  const stockWatch = createStockWatch({ database, log, stockOf: ctx.stockOf, onTouched });
  ctx.events.consume(pageConsumer(onTouched));
  ctx.events.consume(stockWatch.consumer);

  return {
    attach(scope, host) {
      answers = attachKinds(scope, kinds, shelf, host);
    },
    answerAtOnce: (request, response) => answers?.atOnce(request, response) === true,
    wireAnswer: (request) => answers?.onWire(request),
    start() {
      builder.start();
      stockWatch.start();
    },
    async stop() {
      await Promise.all([builder.stop(), stockWatch.stop()]);
    },
  };
}

/** What all pages have in common: pages that were made with another are not shown. */
export function buildIdOf(made: {
  readonly assetsVersion: string;
  readonly shopName: string;
  readonly currency: string;
  readonly publicUrl: string;
}): string {
  return hash('sha256', JSON.stringify(made), 'base64url').slice(0, 16);
}
