import type { PutResult } from './api.ts';
import type { NormalProduct, NormalVariant } from './product-input.ts';

/** One product of a request, after normalisation. */
export type Wanted =
  | { readonly kind: 'normal'; readonly slug: string; readonly product: NormalProduct; readonly contentHash: Buffer }
  | { readonly kind: 'refused'; readonly slug: string; readonly reason: string };

export interface KnownProduct {
  readonly productId: string;
  readonly slug: string;
  readonly version: number;
  readonly contentHash: Buffer;
  /** Paths of the collections that it is in by name. */
  readonly collections: readonly string[];
}

export interface KnownVariant {
  readonly variantId: string;
  readonly sku: string;
  /** Undefined: no product lists it now. */
  readonly ownerSlug: string | undefined;
}

export interface ProductWrite {
  readonly productId: string;
  readonly isNew: boolean;
  readonly version: number;
  readonly contentHash: Buffer;
  readonly product: NormalProduct;
  readonly variants: readonly (NormalVariant & { readonly variantId: string })[];
  /** Variants that it had and no longer lists. */
  readonly retiredVariantIds: readonly string[];
  /** Paths of the collections that it was in by name and no longer is. */
  readonly leftCollections: readonly string[];
}

export interface PutPlan {
  /** In the order of the request. */
  readonly results: readonly PutResult[];
  readonly writes: readonly ProductWrite[];
  /** Variants that no product lists any more after this. */
  readonly retiredVariantIds: readonly string[];
}

/**
 * What a request changes: as if its products were put one after the other, except that a slug may stand in it only once.
 * A SKU that a product gives up is free for the products after it.
 */
export function planPut(
  wanted: readonly Wanted[],
  known: { readonly products: readonly KnownProduct[]; readonly variants: readonly KnownVariant[] },
  makeId: (slug: string) => string,
  { stopAtRefused = false }: { stopAtRefused?: boolean | undefined } = {},
): PutPlan {
  const productBySlug = new Map(known.products.map((product) => [product.slug, product]));
  const variantIdBySku = new Map(known.variants.map(({ sku, variantId }) => [sku, variantId]));
  const ownerBySku = new Map(known.variants.map(({ sku, ownerSlug }) => [sku, ownerSlug]));
  const skusBySlug = Map.groupBy(known.variants, ({ ownerSlug }) => ownerSlug);
  const taken = new Set<string>();
  const writes: ProductWrite[] = [];

  let isStopped = false;

  const results = wanted.map((item): PutResult => {
    if (isStopped) return { slug: item.slug, outcome: 'left', variants: [] };
    const result = put(item);
    isStopped = stopAtRefused && result.outcome === 'refused';
    return result;
  });

  function put(item: Wanted): PutResult {
    if (item.kind === 'refused') return refused(item.slug, item.reason);
    const { slug, product, contentHash } = item;
    if (taken.has(slug))
      return refused(slug, `The slug “${slug}” stands in this request twice; the first one was taken.`);

    const before = productBySlug.get(slug);
    if (before?.contentHash.equals(contentHash)) {
      taken.add(slug);
      const variants = product.variants.map(({ sku }) => ({ sku, variantId: variantIdBySku.get(sku) ?? '' }));
      return { slug, outcome: 'unchanged', productId: before.productId, variants };
    }
    const foreign = product.variants.find(({ sku }) => (ownerBySku.get(sku) ?? slug) !== slug);
    if (foreign) {
      return refused(slug, `The SKU “${foreign.sku}” belongs to the product “${ownerBySku.get(foreign.sku)}”.`);
    }

    taken.add(slug);
    const listed = new Set(product.variants.map(({ sku }) => sku));
    const dropped = (skusBySlug.get(slug) ?? []).filter(({ sku }) => !listed.has(sku));
    for (const { sku } of dropped) ownerBySku.set(sku, undefined);
    const variants = product.variants.map((variant) => {
      const variantId = variantIdBySku.get(variant.sku) ?? makeId(slug);
      variantIdBySku.set(variant.sku, variantId);
      ownerBySku.set(variant.sku, slug);
      return { ...variant, variantId };
    });
    const productId = before?.productId ?? makeId(slug);
    writes.push({
      productId,
      isNew: before === undefined,
      version: (before?.version ?? 0) + 1,
      contentHash,
      product,
      variants,
      retiredVariantIds: dropped.map(({ variantId }) => variantId),
      leftCollections: (before?.collections ?? []).filter((path) => !product.collections.includes(path)),
    });
    return {
      slug,
      outcome: before === undefined ? 'created' : 'updated',
      productId,
      variants: variants.map(({ sku, variantId }) => ({ sku, variantId })),
    };
  }

  const retiredVariantIds = known.variants
    .filter(({ sku, ownerSlug }) => ownerSlug !== undefined && ownerBySku.get(sku) === undefined)
    .map(({ variantId }) => variantId);
  return { results, writes, retiredVariantIds };
}

function refused(slug: string, reason: string): PutResult {
  return { slug, outcome: 'refused', reason, variants: [] };
}
