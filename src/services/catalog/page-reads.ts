import type { RequestOf } from '../../platform/api/contract.ts';
import type { Context } from '../../platform/context/context.ts';
import type { catalogApi, Facets, Product, ProductSummary } from './api.ts';
import { productView, summaryView } from './product-view.ts';
import { findCollectionId, loadSummaries } from './store-list.ts';
import {
  findRelated,
  loadFacetTotals,
  loadPublishedProducts,
  loadSlugsAfter,
  loadVendorCounts,
} from './store-pages.ts';

type BodyOf<Name extends 'listSlugs' | 'getRelated' | 'getFacets'> = RequestOf<
  (typeof catalogApi)['routes'][Name]
>['body'];

const vendorsMax = 50;

/** What pages are built from, read from the database as it is at the call. */
export function createPageReads({ database, shop }: Pick<Context, 'database' | 'shop'>) {
  return {
    async readProducts(slugs: readonly string[]): Promise<Product[]> {
      return (await loadPublishedProducts(database, slugs)).map(productView);
    },

    listSlugs: ({ afterSlug, limit }: BodyOf<'listSlugs'>) => loadSlugsAfter(database, afterSlug, limit),

    async getRelated({
      slugs,
      limit,
      currency = shop.currency,
    }: BodyOf<'getRelated'>): Promise<{ slug: string; related: ProductSummary[] }[]> {
      const rows = await findRelated(database, slugs, limit);
      const productIds = [...new Set(rows.flatMap(({ relatedIds }) => relatedIds))];
      const summaries = productIds.length === 0 ? [] : await loadSummaries(database, productIds, currency);
      const summaryById = new Map(summaries.map((row) => [row.productId, summaryView(row)]));
      return rows.map(({ slug, relatedIds }) => ({
        slug,
        related: relatedIds.flatMap((productId) => summaryById.get(productId) ?? []),
      }));
    },

    async getFacets({ collection, currency }: BodyOf<'getFacets'>): Promise<Facets> {
      const collectionId = collection === undefined ? null : await findCollectionId(database, collection);
      if (collectionId === undefined) return { productCount: 0, vendors: [] };
      const [{ productCount, priceMinMinor, priceMaxMinor }, vendors] = await Promise.all([
        loadFacetTotals(database, collectionId, currency),
        loadVendorCounts(database, collectionId, vendorsMax),
      ]);
      return {
        productCount,
        vendors,
        ...(priceMinMinor !== null && { priceMinMinor }),
        ...(priceMaxMinor !== null && { priceMaxMinor }),
      };
    },
  };
}
