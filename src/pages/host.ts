import { everythingOn, type Features } from '../platform/switches/features.ts';
import type { Collection } from '../services/catalog/api.ts';
import type { Locale } from './locale.ts';
import { createMediaSizes, type MediaSizes } from './media-sizes.ts';
import { loadCollections, navigationOf } from './navigation.ts';
import type { PagesContext, PagesPeers } from './peers.ts';
import { createReads, type Reads } from './reads.ts';
import { createShells, type Shell } from './shell/shell.ts';

/** What each room of the storefront is given. */
export interface PagesHost {
  readonly ctx: PagesContext;
  readonly peers: PagesPeers;
  readonly reads: Reads;
  readonly mediaSizes: MediaSizes;
  readonly features: Features;
  /** For pages made for one visitor: with the navigation as the catalogue's cache has it. */
  shell(locale: Locale): Promise<Shell>;
  /** For pages that are kept: with the collections that they were loaded with. */
  shellWith(locale: Locale, collections: readonly Collection[]): Shell;
}

export function createHost(ctx: PagesContext, peers: PagesPeers): PagesHost {
  const { assets, shop } = ctx;
  const mediaSizes = createMediaSizes(peers.media);
  const shellOf = createShells({ assets, publicUrl: ctx.publicUrl, shopName: shop.name, currency: shop.currency });
  return {
    ctx,
    peers,
    reads: createReads(peers, mediaSizes, shop.currency),
    mediaSizes,
    features: ctx.features ?? everythingOn,
    async shell(locale) {
      return shellOf(locale, navigationOf(await loadCollections(peers.catalog), locale));
    },
    shellWith: (locale, collections) => shellOf(locale, navigationOf(collections, locale)),
  };
}
