import type { Room } from '../edge/waiting-room/api.ts';
import type { InputOf } from '../platform/api/contract.ts';
import { succeeded } from '../platform/api/peer.ts';
import type { Collection, catalogApi, Facets, Product, ProductSummary } from '../services/catalog/api.ts';
import type { MediaSizes } from './media-sizes.ts';
import type { PagesPeers } from './peers.ts';
import { createSaleBook, type SaleBook } from './sale-book.ts';

/** What kept pages are made from: read from the database as it is, never from a cache (see `PageKind.load`). */
export interface Reads {
  products(slugs: readonly string[]): Promise<Map<string, Product>>;
  /** The published product of each variant. */
  productsOfVariants(variantIds: readonly string[]): Promise<Map<string, Product>>;
  /** Published products in the order of their slugs, those after `afterSlug`. */
  slugs(
    afterSlug: string | undefined,
    limit: number,
  ): Promise<readonly { readonly slug: string; readonly updatedAtMs: number }[]>;
  related(slugs: readonly string[], limit: number): Promise<Map<string, ProductSummary[]>>;
  collections(): Promise<readonly Collection[]>;
  cards(list: CardList): Promise<{ readonly items: readonly ProductSummary[]; readonly totalCount: number }>;
  facets(collection: string | undefined): Promise<Facets>;
  /** Units that can be had, of `granted` in all; variants that never had stock are left out. */
  stock(variantIds: readonly string[]): Promise<ReadonlyMap<string, StockHint>>;
  sales(): Promise<SaleBook>;
  /** The waiting rooms that are on or announced. */
  rooms(): Promise<readonly Room[]>;
}

export interface StockHint {
  readonly available: number;
  readonly granted: number;
}

export type CardList = Omit<InputOf<(typeof catalogApi)['routes']['listCards']>['body'], 'currency'>;

/** With the sizes of all pictures that are ours. */
export function createReads(peers: PagesPeers, mediaSizes: MediaSizes, currency: string): Reads {
  const { catalog, checkout, promotion } = peers;

  async function products(slugs: readonly string[]) {
    const { body } = succeeded('catalog', await catalog.readProducts({ body: { slugs: [...slugs] } }));
    return new Map((await mediaSizes.fill(body.items)).map((product) => [product.slug, product]));
  }

  return {
    products,

    async productsOfVariants(variantIds) {
      const found = new Map<string, Product>();
      for (let from = 0; from < variantIds.length; from += 200) {
        const body = { variantIds: variantIds.slice(from, from + 200) };
        // Which product a variant is of never changes, so that this much may come from a cache.
        const { items } = succeeded('catalog', await catalog.getVariants({ body })).body;
        for (const product of (await products([...new Set(items.map(({ productSlug }) => productSlug))])).values()) {
          for (const { variantId } of product.variants) found.set(variantId, product);
        }
      }
      return found;
    },

    async slugs(afterSlug, limit) {
      const body = { limit, ...(afterSlug !== undefined && { afterSlug }) };
      return succeeded('catalog', await catalog.listSlugs({ body })).body.items;
    },

    async related(slugs, limit) {
      const asked = { slugs: [...slugs], limit, currency };
      const { body } = succeeded('catalog', await catalog.getRelated({ body: asked }));
      const sized = await mediaSizes.fill(body.items.flatMap(({ related }) => related));
      const sizedById = new Map(sized.map((product) => [product.productId, product]));
      return new Map(
        body.items.map(({ slug, related }) => [slug, related.map((each) => sizedById.get(each.productId) ?? each)]),
      );
    },

    async collections() {
      return mediaSizes.fill(succeeded('catalog', await catalog.readCollections({})).body.items);
    },

    async cards(list) {
      const { body } = succeeded('catalog', await catalog.listCards({ body: { ...list, currency } }));
      return { ...body, items: await mediaSizes.fill(body.items) };
    },

    async facets(collection) {
      const body = { ...(collection !== undefined && { collection }), currency };
      return succeeded('catalog', await catalog.getFacets({ body })).body;
    },

    async stock(variantIds) {
      if (variantIds.length === 0) return new Map();
      const hints = new Map<string, StockHint>();
      for (let from = 0; from < variantIds.length; from += 5000) {
        const subjectIds = variantIds.slice(from, from + 5000);
        const { body } = succeeded('checkout', await checkout.getAllotments({ body: { subjectIds } }));
        for (const { subjectId, granted, reserved, sold } of body.items) {
          hints.set(subjectId, { available: Math.max(0, granted - reserved - sold), granted });
        }
      }
      return hints;
    },

    async rooms() {
      return succeeded('waiting-room', await peers.waitingRoom.listRooms({})).body.items;
    },

    async sales() {
      const { body } = succeeded('promotion', await promotion.readSales({}));
      return createSaleBook(body.items, currency, body.nowMs);
    },
  };
}
