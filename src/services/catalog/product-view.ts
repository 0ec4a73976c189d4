import type { Collection, Price, Product, ProductInput, ProductSummary, SellableVariant, Variant } from './api.ts';
import { asInput } from './product-input.ts';
import type { CollectionRow, ProductRow, SellableRow, VariantRow } from './store.ts';
import type { SummaryRow } from './store-list.ts';

/** How rows look to those who ask. */

export function productView(row: ProductRow): Product {
  return {
    productId: row.productId,
    slug: row.slug,
    title: row.title,
    description: row.description,
    ...(row.vendor !== null && { vendor: row.vendor }),
    state: row.state,
    collections: row.collections,
    optionNames: row.optionNames,
    media: row.media,
    attributes: row.attributes,
    variants: row.variants.map((variant) => variantView(variant, row.title)),
    updatedAtMs: row.updatedAtMs,
    version: row.version,
  };
}

function variantView(row: VariantRow, productTitle: string): Variant {
  return {
    variantId: row.variantId,
    sku: row.sku,
    title: optionTitle(row.options) ?? productTitle,
    options: row.options,
    barcodes: row.barcodes,
    prices: row.prices.map(priceView),
    ...(row.weightGrams !== null && { weightGrams: row.weightGrams }),
  };
}

export function priceView(row: VariantRow['prices'][number]): Price {
  const { currency, amountMinor, compareAtMinor } = row;
  return compareAtMinor === null ? { currency, amountMinor } : { currency, amountMinor, compareAtMinor };
}

/** Frozen, prices and collections too: all callers in this process are given the one copy. */
export function sellableView(row: SellableRow): SellableVariant {
  const option = optionTitle(row.options);
  return Object.freeze({
    variantId: row.variantId,
    productId: row.productId,
    productSlug: row.productSlug,
    sku: row.sku,
    title: option === undefined ? row.productTitle : `${row.productTitle} – ${option}`,
    collections: Object.freeze(row.collections) as string[],
    prices: Object.freeze(row.prices.map((price) => Object.freeze(priceView(price)))) as Price[],
    isPublished: row.isPublished,
  });
}

function optionTitle(options: Record<string, string>): string | undefined {
  const values = Object.values(options);
  return values.length === 0 ? undefined : values.join(' / ');
}

/** The product as it would be put, and which id each SKU has. */
export function exportView(row: ProductRow): { product: ProductInput; variants: { sku: string; variantId: string }[] } {
  const product = asInput({
    ...row,
    vendor: row.vendor ?? undefined,
    variants: row.variants.map((variant) => ({
      ...variant,
      prices: variant.prices.map(priceView),
      weightGrams: variant.weightGrams ?? undefined,
    })),
  });
  return { product, variants: row.variants.map(({ sku, variantId }) => ({ sku, variantId })) };
}

export function collectionView({ parentPath, ...row }: CollectionRow): Collection {
  return parentPath === null ? row : { ...row, parentPath };
}

export function summaryView({ vendor, media, fromPrice, ...row }: SummaryRow): ProductSummary {
  return {
    ...row,
    ...(vendor !== null && { vendor }),
    ...(media !== null && { media }),
    ...(fromPrice !== null && { fromPrice: priceView(fromPrice) }),
  };
}
