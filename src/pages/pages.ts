import type { FastifyInstance } from 'fastify';
import type { Site, SiteHost } from '../platform/api/site.ts';
import { attachAssets } from './assets/attach.ts';
import { errorPage } from './errors/error-page.tsx';
import { createHomePage } from './home/home-page.tsx';
import { createHost } from './host.ts';
import type { PagesContext, PagesPeers } from './peers.ts';
import { attachRoutes, takeForms } from './site/attach-routes.ts';
import type { PageRoute } from './site/page-request.ts';
import { attachKinds } from './static/direct.ts';
import type { PageKind } from './static/page-kind.ts';

/** The storefront: static pages, pages for one visitor, and what their scripts ask. */
export function createPages(ctx: PagesContext, peers: PagesPeers): Site {
  const host = createHost(ctx, peers);
  const kinds: readonly PageKind[] = [createHomePage(host)];
  const routes: readonly PageRoute[] = [];
  return {
    attach(scope: FastifyInstance, siteHost: SiteHost) {
      takeForms(scope);
      attachAssets(scope, ctx.assets);
      attachKinds(scope, kinds);
      attachRoutes(scope, routes, { ...siteHost, clock: ctx.clock });
    },
    errorPage: (request, status) => errorPage(host, request, status),
  };
}
