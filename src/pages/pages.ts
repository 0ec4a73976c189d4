import type { FastifyInstance } from 'fastify';
import { standardLabels } from '../platform/api/cache-labels.ts';
import type { Site, SiteHost, SiteRoute } from '../platform/api/site.ts';
import type { Service } from '../platform/context/service.ts';
import { type RoutePolicy, rankOf } from '../platform/overload/routes.ts';
import { createAccountPage } from './account/account-page.tsx';
import { attachAssets } from './assets/attach.ts';
import { createCartRoutes } from './cart/cart-routes.ts';
import { createCheckoutRoutes } from './checkout/checkout-routes.ts';
import { createErrorPages } from './errors/error-page.tsx';
import { createNewProductsFeed } from './feeds/new-products.ts';
import { createRobots, createSecurityText } from './feeds/plain-files.ts';
import { createSitemapIndex, createSitemapPart } from './feeds/sitemap.ts';
import { createHomePage } from './home/home-page.tsx';
import { createHost, type PagesHost } from './host.ts';
import { createBrowseRoutes } from './list/browse-route.tsx';
import { createCollectionPage } from './list/collection-page.tsx';
import { createSearchRoute } from './list/search-route.tsx';
import type { storefrontApi } from './live/api.ts';
import { createStorefront } from './live/service.ts';
import { type Locale, locales, localPath } from './locale.ts';
import { createOfflinePage } from './offline/offline-page.tsx';
import { createOrderRoutes } from './order/order-routes.ts';
import type { PagesContext, PagesPeers } from './peers.ts';
import { createProductPage } from './product/product-page.tsx';
import { createSalePage, createSalesPage } from './sale/sale-pages.tsx';
import { createAtOnce } from './site/at-once.ts';
import { attachRoutes, takeForms } from './site/attach-routes.ts';
import type { PageRoute } from './site/page-request.ts';
import { attachSiteFiles } from './site/site-files.ts';
import type { PageKind } from './static/page-kind.ts';
import { localesOf } from './static/page-paths.ts';
import { buildIdOf, createStaticPages } from './static/static-pages.ts';
import { roomErrorPage } from './waiting-room/room-error.ts';
import { createRoomPages, type RoomPages } from './waiting-room/room-page.ts';
import { createWaitingRoomRoutes } from './waiting-room/room-routes.ts';
import { createWallRoute } from './wall/wall-page.tsx';

export interface Pages {
  /** How important its addresses are, in every language; the kept ones too, for when they must be made. */
  readonly policies: readonly RoutePolicy[];
  readonly site: Site;
  /** What the pages' scripts ask. */
  readonly storefront: Service<typeof storefrontApi>;
  /** Begins to keep the stored pages up to date; once the shop knows where it is, which is on every page. */
  start(): void;
  stop(): Promise<void>;
}

/** The storefront: pages that are kept, pages for one visitor, and what their scripts ask. */
export function createPages(ctx: PagesContext, peers: PagesPeers): Pages {
  const host = createHost(ctx, peers);
  const kinds = createKinds(host);
  const kept = createStaticPages({ ...ctx, buildId: () => buildIdFor(ctx), stockOf: host.reads.stock }, kinds);
  const roomPages = createRoomPages({ assets: ctx.assets, shopName: ctx.shop.name });
  const routes = createRoutes(host, roomPages);
  const shownInstead = createErrorPages(host);
  let atOnce: Site['answerAtOnce'];
  return {
    policies: policiesOf(routes, kinds),
    storefront: createStorefront(host),
    site: {
      attach(scope: FastifyInstance, siteHost: SiteHost) {
        takeForms(scope);
        attachAssets(scope, ctx.assets);
        attachSiteFiles(scope, host);
        kept.attach(scope, siteHost);
        const labelHeaders = ctx.labelHeaders ?? standardLabels;
        const pageHost = { ...siteHost, clock: ctx.clock, labelHeaders, publicUrl: ctx.publicUrl };
        attachRoutes(scope, routes, pageHost);
        atOnce = createAtOnce(routes, pageHost);
      },
      answerAtOnce: (request, response) => kept.answerAtOnce(request, response) || atOnce?.(request, response) === true,
      wireAnswer: kept.wireAnswer,
      isKept: kept.isKept,
      routes: siteRoutes(kinds, routes),
      errorPage: (request, status, slug) =>
        roomErrorPage(roomPages, request, status, ctx.clock.nowMs()) ?? shownInstead(request, status, slug),
    },
    start: kept.start,
    stop: kept.stop,
  };
}

/** Assets and small files cost less than a refusal. */
const freeFiles = [
  '/assets/:name',
  '/icon.svg',
  '/sw.js',
  ...locales.map((locale) => localPath(locale, '/site.webmanifest')),
];

function policiesOf(routes: readonly PageRoute[], kinds: readonly PageKind[]): RoutePolicy[] {
  const inEach = (policy: RoutePolicy, own: readonly Locale[]) =>
    own.map((locale) => ({ ...policy, path: localPath(locale, policy.path) }));
  return [
    ...freeFiles.map((path): RoutePolicy => ({ method: 'GET', path, treatment: 'free' })),
    ...kinds.flatMap((kind) => inEach({ method: 'GET', path: kind.path, treatment: 'standard' }, localesOf(kind))),
    ...routes.flatMap((route) => inEach({ method: route.method, path: route.path, treatment: rankOf(route) }, locales)),
  ];
}

// What is not in memory is read from disk, or built: a question to the database, a rendering, four compressions.
const keptPageCostUnits = 5;
// Files of fixed names, from memory.
const fileCostUnits = 0.1;

function siteRoutes(kinds: readonly PageKind[], routes: readonly PageRoute[]): SiteRoute[] {
  const inAll = (bare: Omit<SiteRoute, 'path'>, wanted: readonly Locale[] = locales) =>
    wanted.map((locale) => ({ ...bare, path: localPath(locale, bare.barePath) }));
  return [
    ...freeFiles.map((path) => ({ method: 'GET', path, barePath: path, costUnits: fileCostUnits, isKept: false })),
    ...kinds.flatMap((kind) =>
      inAll({ method: 'GET', barePath: kind.path, costUnits: keptPageCostUnits, isKept: true }, localesOf(kind)),
    ),
    ...routes.flatMap(({ method, path, costUnits = 1, scriptCostUnits = costUnits }) =>
      inAll({ method, barePath: path, costUnits, scriptCostUnits, isKept: false }),
    ),
  ];
}

/** Rendered once and kept. */
export function createKinds(host: PagesHost): readonly PageKind[] {
  return [
    createHomePage(host),
    createProductPage(host),
    createCollectionPage(host),
    createSalePage(host),
    createSalesPage(host),
    createAccountPage(host),
    createOfflinePage(host),
    createNewProductsFeed(host),
    createSitemapIndex(host),
    createSitemapPart(host),
    createRobots(host),
    createSecurityText(host),
  ];
}

/** Made for one visitor, or for one view of a list. */
function createRoutes(host: PagesHost, roomPages: RoomPages): readonly PageRoute[] {
  return [
    ...createBrowseRoutes(host),
    createSearchRoute(host),
    ...createCartRoutes(host),
    ...createCheckoutRoutes(host),
    ...createOrderRoutes(host),
    createWallRoute(host),
    ...createWaitingRoomRoutes(host, roomPages),
  ];
}

/** Pages that were made with another one are not shown. */
export function buildIdFor({ assets, shop, publicUrl }: Pick<PagesContext, 'assets' | 'shop' | 'publicUrl'>): string {
  return buildIdOf({
    assetsVersion: assets.version,
    shop,
    publicUrl: publicUrl(),
  });
}
