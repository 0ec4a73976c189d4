import type { Client } from '../../../platform/api/contract.ts';
import { succeeded } from '../../../platform/api/peer.ts';
import type { stockApi } from '../../stock/api.ts';
import type { catalogApi, ProductInput } from '../api.ts';

export interface ExportShop {
  readonly catalog: Pick<Client<typeof catalogApi>, 'exportProducts'>;
  readonly stock: Pick<Client<typeof stockApi>, 'getLevels'>;
}

const pageMax = 500;
// What one request may ask (stock/api.ts).
const levelsMax = 5000;

/** All products with their stock, in slug order, a page at a time. Importing them again changes nothing. */
export async function* exportProducts(shop: ExportShop): AsyncGenerator<readonly ProductInput[]> {
  for (let cursor: string | undefined; ; ) {
    const query = { limit: pageMax, ...(cursor !== undefined && { cursor }) };
    const { items, nextCursor } = succeeded('catalog', await shop.catalog.exportProducts({ query })).body;
    const onHand = await loadOnHand(
      shop,
      items.flatMap(({ variants }) => variants.map(({ variantId }) => variantId)),
    );
    yield items.map(({ product, variants }) => {
      const idBySku = new Map(variants.map(({ sku, variantId }) => [sku, variantId]));
      return {
        ...product,
        variants: product.variants.map((variant) => ({
          ...variant,
          onHand: onHand.get(idBySku.get(variant.sku) ?? '') ?? 0,
        })),
      };
    });
    if (nextCursor === undefined) return;
    cursor = nextCursor;
  }
}

/**
 * Units are written of every variant, none as 0: whether one is sold out or never had stock is history, which an import does
 * not bring along, and two shops with the same products and units must export the same.
 */
async function loadOnHand(shop: ExportShop, variantIds: readonly string[]): Promise<Map<string, number>> {
  const onHand = new Map<string, number>();
  for (let at = 0; at < variantIds.length; at += levelsMax) {
    const body = { variantIds: variantIds.slice(at, at + levelsMax) };
    for (const level of succeeded('stock', await shop.stock.getLevels({ body })).body.items) {
      onHand.set(level.variantId, level.onHand);
    }
  }
  return onHand;
}
