import { timingSafeEqual } from 'node:crypto';
import pino from 'pino';
import { loadAssets } from '../pages/assets/load.ts';
import { createPages } from '../pages/pages.ts';
import { createIdempotencyStore, idempotencyCleanup } from '../platform/api/idempotency.ts';
import { createHttpServer } from '../platform/api/server.ts';
import type { Context } from '../platform/context/context.ts';
import { eventRetention } from '../platform/events/retention.ts';
import { createSwitches } from '../platform/switches/service.ts';
import { loadDemoCatalogue } from '../services/catalog/demo/load.ts';
import { publishThrough } from '../services/catalog/demo/publish-picture.ts';
import { features } from './features.ts';
import { openContext } from './open-context.ts';
import { createShopOverload } from './overload.ts';
import { createServices } from './services.ts';
import type { RunningShop, ShopStart } from './shop-module.ts';
import { urlOf } from './shop-url.ts';
import { version } from './version.ts';

export { migrationSources } from './migration-sources.ts';

const readyWithinMs = 2_000;

/** Fills an empty shop with the demo catalogue. */
export async function prepareShop(start: ShopStart): Promise<string | undefined> {
  const ctx = await openContext({ ...start, processName: 'prepare', logDestination: pino.destination(2), poolMax: 4 });
  try {
    const services = createServices(ctx, { webhookUrl: () => '', isAdmin: () => false });
    const publishPicture = publishThrough(services.peers.media);
    const loaded = await loadDemoCatalogue({ ...services.peers, publishPicture, clock: ctx.clock });
    await services.stop();
    return loaded === undefined ? undefined : `${loaded.productCount} products`;
  } finally {
    await ctx.close();
  }
}

/** Builds the shop and serves it. A bug (a failed assertion) ends the process: the supervisor starts a sound one. */
export async function createShop(start: ShopStart): Promise<RunningShop> {
  const { config } = start;
  const ctx = await openContext({ ...start, processName: 'shop', logDestination: pino.destination(1) });
  try {
    let url = '';
    const isAdmin = adminCheck(start.adminToken);
    const services = createServices(ctx, { webhookUrl: () => `${url}/v1/payments/webhooks`, isAdmin });
    const publicUrl = () => config.shop.publicUrl ?? url;
    const switches = createSwitches(ctx, features);
    const pages = createPages({ ...ctx, assets: await loadAssets(), publicUrl, features: switches }, services.peers);
    const hosted = [...services.hosted, pages.storefront, switches];
    const overload = createShopOverload(ctx, hosted, pages);
    overload.onWindow(({ shed }) => switches.hear(shed));
    const server = createHttpServer({
      services: hosted,
      admin: { isAdmin },
      log: ctx.log,
      metrics: ctx.metrics,
      clock: ctx.clock,
      info: { title: config.shop.name, version },
      readiness: () => notReadyBecause(ctx),
      idempotency: createIdempotencyStore(ctx),
      site: pages.site,
      innerGates: [overload.gate],
      meterOf: overload.meterOf,
      features: switches,
      onBug: () => setImmediate(() => process.exit(70)),
    });
    ctx.jobs.define(idempotencyCleanup(ctx));
    ctx.jobs.define(eventRetention(ctx));
    for (const service of hosted) await service.start?.();
    await ctx.events.start();
    await ctx.jobs.start();
    await server.listen({ host: config.host, port: config.port });
    const [address] = server.addresses();
    url = urlOf(typeof address === 'object' ? address.port : config.port, config.host);
    pages.start();
    return {
      url,
      async stop() {
        await server.close();
        overload.stop();
        await pages.stop();
        await ctx.jobs.stop();
        await switches.stop?.();
        await services.stop();
        await ctx.events.stop();
        await ctx.close();
      },
    };
  } catch (error) {
    await ctx.close();
    throw error;
  }
}

async function notReadyBecause({ database }: Pick<Context, 'database'>): Promise<string[]> {
  try {
    await database.ping(readyWithinMs);
    return [];
  } catch {
    return ['The database does not answer.'];
  }
}

function adminCheck(token: string): (given: string) => boolean {
  const wanted = Buffer.from(token);
  return (text) => {
    const given = Buffer.from(text);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  };
}
