import { timingSafeEqual } from 'node:crypto';
import pino from 'pino';
import { createDoor } from '../edge/challenge/door.ts';
import { createChallengeService } from '../edge/challenge/service.ts';
import { createFloodLimits } from '../edge/limits/flood-limits.ts';
import { policiesWith } from '../edge/limits/policies.ts';
import { routesOf } from '../edge/limits/prices.ts';
import { loadAssets } from '../pages/assets/load.ts';
import { buyerCookie } from '../pages/cart/cart-cookie.ts';
import { createPages } from '../pages/pages.ts';
import { createClientAddress } from '../platform/api/client-address.ts';
import { createIdempotencyStore, idempotencyCleanup } from '../platform/api/idempotency.ts';
import { freeAddresses, listenAt, openDoors } from '../platform/api/listen.ts';
import { createHttpServer } from '../platform/api/server.ts';
import { defaultChallenge } from '../platform/config/challenge-settings.ts';
import { defaultHoarding } from '../platform/config/hoarding-settings.ts';
import type { Context } from '../platform/context/context.ts';
import { databaseStatistics } from '../platform/database/statistics.ts';
import { eventRetention } from '../platform/events/retention.ts';
import { signingKeyRotation } from '../platform/signing/rotation.ts';
import { createSwitches } from '../platform/switches/service.ts';
import { loadDemoCatalogue } from '../services/catalog/demo/load.ts';
import { publishThrough } from '../services/catalog/demo/publish-picture.ts';
import { createCaches } from './caches.ts';
import { createClientSource } from './client-source.ts';
import { features } from './features.ts';
import { openContext } from './open-context.ts';
import { createShopOverload } from './overload.ts';
import { createServices } from './services.ts';
import type { RunningShop, ShopStart } from './shop-module.ts';
import { urlOf } from './shop-url.ts';
import { version } from './version.ts';

export { migrationSources } from './migration-sources.ts';

const readyWithinMs = 2_000;

/** Fills an empty shop with the demo catalogue, unless its owner wants none. */
export async function prepareShop(start: ShopStart): Promise<string | undefined> {
  if (start.config.topology.shop.demo === 'off') return undefined;
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
    const { edge = {} } = config.topology;
    const addressOf = createClientAddress(edge);
    const door = createDoor(ctx, { ...defaultChallenge, ...edge.challenge });
    const services = createServices(ctx, {
      webhookUrl: () => `${url}/v1/payments/webhooks`,
      isAdmin,
      edge,
      door,
      hoarding: { ...defaultHoarding, ...edge.hoarding },
      onListsCleared: () => caches.listsCleared(),
      overload: () => overload.reading(),
    });
    const publicUrl = () => config.shop.publicUrl ?? url;
    const caches = createCaches(ctx, {
      config,
      publicUrl,
      contracts: () => hosted.map(({ contract }) => contract),
      screen: (request) => (edge.overload === 'off' ? undefined : overload.screen(request)),
    });
    const { labelHeaders, pagesName, announcesPages } = caches;
    const switches = createSwitches(ctx, features);
    const assets = await loadAssets();
    const pages = createPages(
      {
        ...ctx,
        assets,
        challenge: door,
        publicUrl,
        labelHeaders,
        cacheName: pagesName,
        announcesPages,
        features: switches,
      },
      services.peers,
    );
    const hosted = [...services.hosted, pages.storefront, createChallengeService(door), caches.purge, switches];
    const { site } = pages;
    // Nobody out there has this address, and drills and benches run here.
    const exempt = edge.limits?.exempt ?? ['loopback'];
    const limits = createFloodLimits({
      ...ctx,
      addressOf,
      isAdmin,
      policies: policiesWith(edge.limits?.policies ?? {}),
      exempt,
      routes: routesOf(
        hosted.map(({ contract }) => contract),
        site,
      ),
      isKept: (path) => site.isKept?.(path) === true,
      sessionCookie: buyerCookie,
      errorPage: site.errorPage,
    });
    const overload = createShopOverload(ctx, hosted, pages, { addressOf, isAdmin });
    overload.onWindow(({ shed }) => switches.hear(shed));
    const server = createHttpServer({
      addressOf,
      gates: [limits.gate, services.pollGate],
      clientLimits: limits.clientLimits,
      client: createClientSource({ ...ctx, addressOf, suspicionOf: limits.suspicionOf, exempt }),
      services: hosted,
      admin: { isAdmin },
      log: ctx.log,
      metrics: ctx.metrics,
      clock: ctx.clock,
      info: { title: config.shop.name, version },
      readiness: () => notReadyBecause(ctx),
      idempotency: createIdempotencyStore(ctx),
      site,
      labelHeaders,
      innerGates: [...caches.gates, ...(edge.overload === 'off' ? [] : [overload.gate])],
      meterOf: overload.meterOf,
      features: switches,
      onBug: () => setImmediate(() => process.exit(70)),
    });
    ctx.jobs.define(idempotencyCleanup(ctx));
    ctx.jobs.define(eventRetention(ctx));
    ctx.jobs.define(signingKeyRotation(ctx));
    ctx.jobs.define(databaseStatistics(ctx));
    for (const service of hosted) await service.start?.();
    await ctx.events.start();
    await ctx.jobs.start();
    const [host, ...others] = await freeAddresses(config.host, config.port);
    await server.listen(listenAt(host, config.port));
    await openDoors(server.server, others);
    const [address] = server.addresses();
    url = urlOf(typeof address === 'object' ? address.port : config.port, config.host);
    pages.start();
    await caches.start();
    return {
      url,
      async stop() {
        await server.close();
        overload.stop();
        await pages.stop();
        await caches.stop();
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
