import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../../platform/api/contract.ts';
import { succeeded } from '../../../platform/api/peer.ts';
import { DatabaseFault } from '../../../platform/database/database.ts';
import type { stockApi } from '../../stock/api.ts';
import type { catalogApi, ProductInput } from '../api.ts';

/** A product on its way into the shop. */
export interface Parcel {
  readonly product: ProductInput;
  readonly collectionTitles: ReadonlyMap<string, string>;
}

export interface Delivery {
  /** In the order of the parcels. */
  readonly results: readonly {
    readonly outcome: 'created' | 'updated' | 'unchanged' | 'refused' | 'left';
    readonly reason?: string;
    /** SKUs whose units could not be set: more of them are promised to orders. */
    readonly stockRefused: readonly string[];
  }[];
  readonly stockChanged: number;
}

/** Where an import delivers. */
export interface Sink {
  /** Writes the parcels and the stock of their variants. Safe to repeat. */
  deliver(parcels: readonly Parcel[], options: { readonly stopAtRefused: boolean }): Promise<Delivery>;
}

// What one request may hold (stock/api.ts, catalog/api.ts).
const levelsMax = 5000;
const collectionsMax = 5000;
const attemptsMax = 4;

export function createShopSink(shop: {
  readonly catalog: Pick<Client<typeof catalogApi>, 'putProducts' | 'putCollections' | 'listCollections'>;
  readonly stock: Pick<Client<typeof stockApi>, 'countStock'>;
}): Sink {
  /** Paths that exist. Titles are given to new collections only: those of others are the merchant's. */
  let knownPaths: Promise<Set<string>> | undefined;

  async function loadPaths(): Promise<Set<string>> {
    const { items } = succeeded('catalog', await shop.catalog.listCollections({})).body;
    return new Set(items.map(({ path }) => path));
  }

  async function makeCollections(parcels: readonly Parcel[]): Promise<void> {
    if (parcels.every(({ collectionTitles }) => collectionTitles.size === 0)) return;
    knownPaths ??= loadPaths();
    const known = await knownPaths;
    const missing = new Map<string, string>();
    for (const { collectionTitles } of parcels) {
      for (const [path, title] of collectionTitles) if (!known.has(path)) missing.set(path, title);
    }
    const collections = [...missing].map(([path, title]) => ({ path, title }));
    for (let at = 0; at < collections.length; at += collectionsMax) {
      const body = { collections: collections.slice(at, at + collectionsMax) };
      succeeded('catalog', await retried(() => shop.catalog.putCollections({ body })));
    }
    for (const path of missing.keys()) known.add(path);
  }

  async function countStock(levels: readonly { variantId: string; onHand: number }[]) {
    let changedCount = 0;
    const refused = new Set<string>();
    for (let at = 0; at < levels.length; at += levelsMax) {
      const body = { levels: levels.slice(at, at + levelsMax) };
      const reply = succeeded('stock', await retried(() => shop.stock.countStock({ body })));
      changedCount += reply.body.changedCount;
      for (const variantId of reply.body.refused) refused.add(variantId);
    }
    return { changedCount, refused };
  }

  return {
    async deliver(parcels, { stopAtRefused }) {
      await makeCollections(parcels);
      const body = {
        products: parcels.map(({ product }) => withoutStock(product)),
        ...(stopAtRefused && { stopAtRefused }),
      };
      const { results } = succeeded('catalog', await retried(() => shop.catalog.putProducts({ body }))).body;

      // Counted also for what is unchanged: an import that was cut off may have written the products without their stock.
      const onHandBySku = new Map(
        parcels.flatMap(({ product }) =>
          product.variants.flatMap(({ sku, onHand }) => (onHand === undefined ? [] : [[sku, onHand] as const])),
        ),
      );
      const levels = results
        .flatMap(({ variants }) => variants)
        .flatMap(({ sku, variantId }) => {
          const onHand = onHandBySku.get(sku);
          return onHand === undefined ? [] : [{ sku, variantId, onHand }];
        });
      const counted = await countStock(levels.map(({ variantId, onHand }) => ({ variantId, onHand })));
      const refusedSkus = new Set(
        levels.filter(({ variantId }) => counted.refused.has(variantId)).map(({ sku }) => sku),
      );
      return {
        stockChanged: counted.changedCount,
        results: results.map(({ outcome, reason, variants }) => ({
          outcome,
          ...(reason !== undefined && { reason }),
          stockRefused: variants.map(({ sku }) => sku).filter((sku) => refusedSkus.has(sku)),
        })),
      };
    },
  };
}

/** Stock goes its own way: it is no part of the product, and what is sold meanwhile does not make the product another. */
function withoutStock(product: ProductInput): ProductInput {
  if (product.variants.every(({ onHand }) => onHand === undefined)) return product;
  return { ...product, variants: product.variants.map(({ onHand: _, ...variant }) => variant) };
}

/** PostgreSQL may undo one of two transactions that waited for each other and ask for it again (SQLSTATE class 40). */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isRetryable = error instanceof DatabaseFault && error.code?.startsWith('40') === true;
      if (!isRetryable || attempt === attemptsMax) throw error;
      await sleep(20 * 2 ** attempt);
    }
  }
}
