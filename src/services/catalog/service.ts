import assert from 'node:assert/strict';
import { Type } from 'typebox';
import { createCursorCodec, pageOfRows } from '../../platform/api/cursor.ts';
import { type ProblemReply, problem } from '../../platform/api/problem.ts';
import { Slug } from '../../platform/api/schema.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Service } from '../../platform/context/service.ts';
import type { PublishedEvent } from '../../platform/events/event.ts';
import { type Collection, catalogApi, type Product, type SellableVariant } from './api.ts';
import { type CachedJson, cachedJson, jsonReply } from './cached-json.ts';
import { type NormalisedCollection, normaliseCollection } from './collection-input.ts';
import type { ProductChanged } from './events.ts';
import { createPages, type Page, type PageRequest } from './list.ts';
import { createPageReads } from './page-reads.ts';
import { collectionView, exportView, productView, sellableView } from './product-view.ts';
import { putCollections, putProducts } from './put.ts';
import { findHits, type Hit } from './search.ts';
import { loadCollections, loadCollectionsByPath, loadProductsAfter, loadPublished, loadSellable } from './store.ts';
import { createThrottle } from './throttle.ts';

export type CatalogContext = Pick<Context, 'clock' | 'log' | 'database' | 'events' | 'cache' | 'signer' | 'shop'>;

const minuteMs = 60_000;
// Products and variants are kept fresh by events; this bounds how long a lost one could matter.
const kept = { ttlMs: 5 * minuteMs, staleMs: 5 * minuteMs } as const;
// Lists change with every product in them: they may be as old as the contract lets any cache keep them.
const listed = { ttlMs: 5_000, staleMs: minuteMs } as const;
// An import changes products many times a second; that often, lists would be read from the database instead of from here.
const listsClearedEveryMs = 2_000;

export interface CatalogOptions {
  /** The lists in memory were forgotten: what was made of them before may be out of date. */
  readonly onListsCleared?: () => void;
}

/** What the shop sells, and how it is found. */
export function createCatalog(ctx: CatalogContext, options: CatalogOptions = {}): Service<typeof catalogApi> {
  const { database, cache } = ctx;
  const currencies = new Set(Intl.supportedValuesOf('currency'));
  const isCurrency = (code: string) => currencies.has(code);

  const products = cache.namespace<CachedJson>('catalog-product', { ...kept, entriesMax: 10_000 });
  const sellable = cache.namespace<SellableVariant>('catalog-variant', { ...kept, entriesMax: 50_000 });
  const pages = cache.namespace<CachedJson>('catalog-page', { ...listed, entriesMax: 1_000 });
  const hits = cache.namespace<readonly Hit[]>('catalog-hits', { ...listed, entriesMax: 300 });
  const listTag = () => ['lists'];

  const pageReads = createPageReads(ctx);
  const { listPage, cardPage, searchPage } = createPages(ctx, async (text, collectionId) => {
    const load = () => findHits(database, text, collectionId);
    return (await hits.getOrLoad(`${collectionId} ${text}`, load, listTag)) ?? [];
  });
  const exportCursors = createCursorCodec(Type.Tuple([Slug]), ctx.signer);

  const logFailure = (error: unknown) => ctx.log.warn({ err: error }, 'the catalogue cache was not cleared');
  const clearLists = createThrottle(listsClearedEveryMs, () => {
    Promise.all([pages.invalidateTags(listTag()), hits.invalidateTags(listTag())]).catch(logFailure);
    options.onListsCleared?.();
  });

  async function forgetProducts(changes: readonly Pick<ProductChanged, 'slug' | 'variantIds' | 'retiredVariantIds'>[]) {
    clearLists.run();
    await Promise.all([
      products.invalidate(changes.map((change) => change.slug)),
      sellable.invalidate(changes.flatMap((change) => [...change.variantIds, ...change.retiredVariantIds])),
    ]);
  }

  const stopListening = ctx.events.listen({
    topics: ['product.changed', 'collection.changed'],
    hear(events: readonly PublishedEvent[]) {
      const changes = events
        .filter((event) => event.topic === 'product.changed')
        .map((event) => event.payload as unknown as ProductChanged);
      forgetProducts(changes).catch(logFailure);
    },
  });

  async function loadProduct(slug: string): Promise<CachedJson | undefined> {
    const row = await loadPublished(database, slug);
    return row && cachedJson(productView(row));
  }

  async function page(key: string, request: () => PageRequest) {
    const known = pages.peek(key);
    if (known !== undefined) return jsonReply<Page>(known);
    const asked = request();
    if (asked.kind === 'refused') return asked.reply;
    const loaded = await pages.getOrLoad(key, async () => cachedJson(await asked.load()), listTag);
    assert(loaded !== undefined, 'a page is made even of nothing');
    return jsonReply<Page>(loaded);
  }

  async function loadCollectionTree() {
    return cachedJson({ items: (await loadCollections(database)).map(collectionView) });
  }

  /** Those that are not at hand are loaded with one statement, however many they are. */
  async function sellableVariants(variantIds: readonly string[]): Promise<SellableVariant[]> {
    const known = variantIds.map((variantId) => sellable.peek(variantId));
    if (!known.includes(undefined)) return known as SellableVariant[];
    const missing = variantIds.filter((_, index) => known[index] === undefined);
    let loading: Promise<Map<string, SellableVariant>> | undefined;
    const load = async () =>
      new Map((await loadSellable(database, missing)).map((row) => [row.variantId, sellableView(row)]));
    const items = await Promise.all(
      variantIds.map(
        (variantId, index) =>
          known[index] ??
          sellable.getOrLoad(variantId, async () => {
            loading ??= load();
            return (await loading).get(variantId);
          }),
      ),
    );
    return items.filter((item) => item !== undefined);
  }

  return {
    contract: catalogApi,
    importance: 'core',
    async stop() {
      stopListening();
      clearLists.stop();
    },
    handlers: {
      async getProduct({ params: { slug } }) {
        const product = products.peek(slug) ?? (await products.getOrLoad(slug, () => loadProduct(slug)));
        return product === undefined ? notFound : jsonReply<Product>(product);
      },

      listProducts: async ({ query }) => page(`list ${JSON.stringify(query)}`, () => listPage(query)),

      search: async ({ query }) => page(`search ${JSON.stringify(query)}`, () => searchPage(query)),

      async listCollections() {
        const tree = pages.peek('collections') ?? (await pages.getOrLoad('collections', loadCollectionTree, listTag));
        assert(tree !== undefined, 'the tree is made even of nothing');
        return jsonReply<{ items: Collection[] }>(tree);
      },

      async getVariants({ body: { variantIds } }) {
        return { status: 200, body: { items: await sellableVariants(variantIds) } };
      },

      async readProducts({ body: { slugs } }) {
        return { status: 200, body: { items: await pageReads.readProducts(slugs) } };
      },

      async readCollections() {
        return { status: 200, body: { items: (await loadCollections(database)).map(collectionView) } };
      },

      async listSlugs({ body }) {
        return { status: 200, body: { items: await pageReads.listSlugs(body) } };
      },

      async getRelated({ body }) {
        return { status: 200, body: { items: await pageReads.getRelated(body) } };
      },

      async getFacets({ body }) {
        return { status: 200, body: await pageReads.getFacets(body) };
      },

      async listCards({ body }) {
        return { status: 200, body: await cardPage(body) };
      },

      async putProducts({ body }) {
        const { results, writes } = await putProducts(ctx, body.products, isCurrency, body);
        if (writes.length > 0) {
          await forgetProducts(
            writes.map(({ product: { slug }, variants, retiredVariantIds }) => ({
              slug,
              variantIds: variants.map(({ variantId }) => variantId),
              retiredVariantIds,
            })),
          );
        }
        return { status: 200, body: { results: [...results] } };
      },

      async putCollections({ body: { collections } }) {
        const normalised = collections.map(normaliseCollection);
        const refusal = collectionRefusal(normalised);
        if (refusal !== undefined) return refusal;
        const facts = normalised.flatMap((each) => (each.kind === 'normal' ? [each.facts] : []));
        if (await putCollections(ctx, facts)) clearLists.run();
        const rows = await loadCollectionsByPath(
          database,
          collections.map(({ path }) => path),
        );
        return { status: 200, body: { items: rows.map(collectionView) } };
      },

      async exportProducts({ query }) {
        const cursor = exportCursors.parse(query.cursor);
        if (cursor.kind === 'bad') return cursor.reply;
        const limit = query.limit ?? 500;
        const afterSlug = cursor.kind === 'after' ? cursor.after[0] : undefined;
        const rows = await loadProductsAfter(database, afterSlug, limit + 1);
        const body = pageOfRows(rows, limit, { item: exportView, cursor: ({ slug }) => exportCursors.encode([slug]) });
        return { status: 200, body };
      },
    },
  };
}

const notFound = problem('not-found', { detail: 'There is no published product with this slug.' });

/** Names the first that is refused; undefined where none is. */
function collectionRefusal(normalised: readonly NormalisedCollection[]): ProblemReply | undefined {
  const index = normalised.findIndex(({ kind }) => kind === 'refused');
  const refused = normalised[index];
  if (refused?.kind !== 'refused') return undefined;
  const { field, detail } = refused;
  return problem('bad-request', {
    detail: field === 'path' ? 'A path is not one of a collection.' : 'A collection cannot be taken as it is.',
    errors: [{ pointer: `/collections/${index}/${field}`, detail }],
  });
}
