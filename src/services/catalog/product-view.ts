import type {
  Collection,
  Price,
  Product,
  ProductInput,
  ProductSummary,
  ProductTranslation,
  SellableVariant,
  Variant,
} from './api.ts';
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
    ...(!isEmpty(row.translations) && { translations: row.translations }),
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

/** Frozen through and through: all callers in this process are given the one copy. */
export function sellableView(row: SellableRow): SellableVariant {
  const option = optionTitle(row.options);
  return deepFrozen({
    variantId: row.variantId,
    productId: row.productId,
    productSlug: row.productSlug,
    sku: row.sku,
    title: option === undefined ? row.productTitle : `${row.productTitle} – ${option}`,
    productTitle: row.productTitle,
    options: row.options,
    ...(row.media !== null && { media: row.media }),
    ...translatedVariant(row),
    collections: row.collections,
    prices: row.prices.map(priceView),
    isPublished: row.isPublished,
  });
}

/** In each language that has any of it: the product's title, and all of the variant's options. */
function translatedVariant({
  options,
  translations,
}: Pick<SellableRow, 'options' | 'translations'>): Pick<SellableVariant, 'translations'> {
  const byTag = Object.entries(translations).flatMap(([tag, { title, options: glossary }]) => {
    const translated = glossary && translatedOptions(options, glossary);
    const translation = { ...(title && { title }), ...(translated && { options: translated }) };
    return isEmpty(translation) ? [] : [[tag, translation] as const];
  });
  return byTag.length === 0 ? {} : { translations: Object.fromEntries(byTag) };
}

/** Names and values as the glossary has them, else as they are; undefined where it has none of them. */
function translatedOptions(
  options: Record<string, string>,
  glossary: NonNullable<ProductTranslation['options']>,
): Record<string, string> | undefined {
  const has = (text: string) => Object.hasOwn(glossary, text);
  const translated = (text: string) => (has(text) ? (glossary[text] ?? text) : text);
  const entries = Object.entries(options);
  if (!entries.flat().some(has)) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [translated(name), translated(value)]));
}

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0;
}

function deepFrozen<T extends object>(value: T): T {
  for (const each of Object.values(value)) if (typeof each === 'object' && each !== null) deepFrozen(each);
  return Object.freeze(value);
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
    translations: isEmpty(row.translations) ? undefined : row.translations,
    variants: row.variants.map((variant) => ({
      ...variant,
      prices: variant.prices.map(priceView),
      weightGrams: variant.weightGrams ?? undefined,
    })),
  });
  return { product, variants: row.variants.map(({ sku, variantId }) => ({ sku, variantId })) };
}

export function collectionView(row: CollectionRow): Collection {
  const { parentPath, description, media, translations, ...rest } = row;
  return {
    ...rest,
    ...(description !== '' && { description }),
    ...(media !== null && { media }),
    ...(!isEmpty(translations) && { translations }),
    ...(parentPath !== null && { parentPath }),
  };
}

export function summaryView({ vendor, media, fromPrice, translations, ...row }: SummaryRow): ProductSummary {
  return {
    ...row,
    ...(translations !== null && { translations }),
    ...(vendor !== null && { vendor }),
    ...(media !== null && { media }),
    ...(fromPrice !== null && { fromPrice: priceView(fromPrice) }),
  };
}
