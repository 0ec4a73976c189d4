import pino from 'pino';
import { createDoor } from '../edge/challenge/door.ts';
import { loadAssets } from '../pages/assets/load.ts';
import { createHost } from '../pages/host.ts';
import { buildIdFor, createKinds } from '../pages/pages.ts';
import type { SliceContext } from '../pages/static/build-all.ts';
import { createPageBuilds } from '../pages/static/build-pages.ts';
import { announcePages } from '../pages/static/static-pages.ts';
import type { Config } from '../platform/config/config.ts';
import { openContext } from './open-context.ts';
import { createServices } from './services.ts';

export interface PagesStart {
  readonly config: Config;
  readonly databaseUrl: string;
  /** Where the shop is for the world: it stands on every page. */
  readonly publicUrl: string;
}

/** What builds pages, without a shop that serves them. */
export async function openPages(
  start: PagesStart,
  processName: string,
): Promise<SliceContext & { close(): Promise<void> }> {
  const ctx = await openContext({
    // What matters to who waits for the command is told by the command.
    config: { ...start.config, logLevel: 'error' },
    databaseUrl: start.databaseUrl,
    processName,
    logDestination: pino.destination(2),
    poolMax: 6,
  });
  try {
    const services = createServices(ctx, { webhookUrl: () => '', isAdmin: () => false });
    const pagesContext = {
      ...ctx,
      assets: await loadAssets(),
      challenge: createDoor(ctx),
      publicUrl: () => start.publicUrl,
    };
    const kinds = createKinds(createHost(pagesContext, services.peers));
    const buildId = buildIdFor(pagesContext);
    const database = ctx.browsing;
    return {
      database,
      clock: ctx.clock,
      kinds,
      buildId,
      builds: createPageBuilds({
        ...ctx,
        database,
        buildId: () => buildId,
        ...(start.config.cdn !== undefined && { onReplaced: announcePages(ctx.events) }),
      }),
      async close() {
        await services.stop();
        await ctx.close();
      },
    };
  } catch (error) {
    await ctx.close();
    throw error;
  }
}
