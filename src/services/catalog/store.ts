import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';
import type { CollectionTranslation, Media, Price, Product, ProductTranslation } from './api.ts';

/** A product with its variants as they stand in the tables. */
export interface ProductRow {
  readonly productId: string;
  readonly slug: string;
  readonly state: Product['state'];
  readonly title: string;
  readonly description: string;
  readonly vendor: string | null;
  readonly optionNames: string[];
  readonly media: Media[];
  readonly attributes: Product['attributes'];
  readonly version: number;
  readonly updatedAtMs: number;
  readonly collections: string[];
  readonly variants: VariantRow[];
  readonly translations: Record<string, ProductTranslation>;
}

export interface VariantRow {
  readonly variantId: string;
  readonly sku: string;
  readonly options: Record<string, string>;
  readonly barcodes: string[];
  readonly weightGrams: number | null;
  readonly prices: PriceRow[];
}

type PriceRow = Pick<Price, 'currency' | 'amountMinor'> & { readonly compareAtMinor: number | null };

/** The published product of this slug. */
export async function loadPublished(on: Queryable, slug: string): Promise<ProductRow | undefined> {
  const { rows } = await sql<ProductRow>`
    select product_id as "productId", slug, state, title, description, vendor, option_names as "optionNames", media,
           attributes, translations, version, updated_at as "updatedAtMs", array[]::text[] as collections,
           '[]'::json as variants
      from catalog.product
     where slug = ${slug}::text
       and state = 'published'`.execute(on);
  const [product] = await withVariants(on, rows);
  return product;
}

/** Products in the order of their slugs, those after `afterSlug`. */
export async function loadProductsAfter(
  on: Queryable,
  afterSlug: string | undefined,
  countMax: number,
): Promise<ProductRow[]> {
  const { rows } = await sql<ProductRow>`
    select product_id as "productId", slug, state, title, description, vendor, option_names as "optionNames", media,
           attributes, translations, version, updated_at as "updatedAtMs", array[]::text[] as collections,
           '[]'::json as variants
      from catalog.product
     where slug > ${afterSlug ?? ''}::text
     order by slug
     limit ${countMax}::integer`.execute(on);
  return withVariants(on, rows);
}

export async function withVariants(on: Queryable, products: readonly ProductRow[]): Promise<ProductRow[]> {
  if (products.length === 0) return [];
  const productIds = products.map((product) => product.productId);
  const [variants, collections] = await Promise.all([
    loadVariants(on, productIds),
    loadCollectionPaths(on, productIds),
  ]);
  return products.map((product) => ({
    ...product,
    collections: collections.get(product.productId) ?? [],
    variants: variants.get(product.productId) ?? [],
  }));
}

async function loadVariants(on: Queryable, productIds: readonly string[]): Promise<Map<string, VariantRow[]>> {
  const { rows } = await sql<VariantRow & { productId: string }>`
    select variant.product_id as "productId", variant.variant_id as "variantId", variant.sku, variant.options,
           variant.barcodes, variant.weight_grams as "weightGrams",
           coalesce((select json_agg(json_build_object('currency', currency, 'amountMinor', amount_minor,
                                                       'compareAtMinor', compare_at_minor) order by currency)
                       from catalog.price
                      where price.variant_id = variant.variant_id), '[]'::json) as prices
      from catalog.variant
     where variant.product_id = any(${plainArray(productIds)}::uuid[])
     order by variant.product_id, variant.position`.execute(on);
  return Map.groupBy(rows, (row) => row.productId);
}

/** The paths of the collections that merchants named, sorted. */
async function loadCollectionPaths(on: Queryable, productIds: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ productId: string; paths: string[] }>`
    select product_collection.product_id as "productId", array_agg(collection.path order by collection.path) as paths
      from catalog.product_collection
      join catalog.collection using (collection_id)
     where product_collection.product_id = any(${plainArray(productIds)}::uuid[])
       and product_collection.is_direct
     group by product_collection.product_id`.execute(on);
  return new Map(rows.map((row) => [row.productId, row.paths]));
}

export interface SellableRow {
  readonly variantId: string;
  readonly productId: string;
  readonly productSlug: string;
  readonly sku: string;
  readonly productTitle: string;
  readonly options: Record<string, string>;
  readonly media: Media | null;
  readonly translations: Record<string, Pick<ProductTranslation, 'title' | 'options'>>;
  readonly collections: string[];
  readonly prices: PriceRow[];
  readonly isPublished: boolean;
}

/** What is sold of these variants; retired and unknown ones are left out. */
export async function loadSellable(on: Queryable, variantIds: readonly string[]): Promise<SellableRow[]> {
  const { rows } = await sql<SellableRow>`
    select variant.variant_id as "variantId", product.product_id as "productId", product.slug as "productSlug",
           variant.sku, product.title as "productTitle", variant.options, product.media->0 as media,
           -- Without descriptions and attributes, which may be long.
           coalesce((select json_object_agg(tag, json_build_object('title', translation->'title',
                                                                   'options', translation->'options'))
                       from json_each(product.translations) as each_language (tag, translation)), '{}'::json)
             as translations,
           array(select collection.path
                   from catalog.product_collection
                   join catalog.collection using (collection_id)
                  where product_collection.product_id = product.product_id
                    and product_collection.is_direct
                  order by collection.path) as collections,
           coalesce((select json_agg(json_build_object('currency', currency, 'amountMinor', amount_minor,
                                                       'compareAtMinor', compare_at_minor) order by currency)
                       from catalog.price
                      where price.variant_id = variant.variant_id), '[]'::json) as prices,
           product.state = 'published' as "isPublished"
      from catalog.variant
      join catalog.product using (product_id)
     where variant.variant_id = any(${plainArray(variantIds)}::uuid[])`.execute(on);
  return rows;
}

export interface CollectionRow {
  readonly collectionId: string;
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly media: Media | null;
  readonly translations: Record<string, CollectionTranslation>;
  readonly parentPath: string | null;
  readonly productCount: number;
}

/** The whole tree, parents before children, with how many published products are in each and below it. */
export async function loadCollections(on: Queryable): Promise<CollectionRow[]> {
  const { rows } = await sql<CollectionRow>`
    select collection.collection_id as "collectionId", collection.path, collection.title,
           collection.description, collection.media, collection.translations,
           collection.parent_path as "parentPath", coalesce(counted.product_count, 0) as "productCount"
      from catalog.collection
      left join (select collection_id, count(*) as product_count
                   from catalog.product_collection
                  where is_published
                  group by collection_id) as counted using (collection_id)
     order by collection.path`.execute(on);
  return rows;
}

export async function loadCollectionsByPath(on: Queryable, paths: readonly string[]): Promise<CollectionRow[]> {
  const { rows } = await sql<CollectionRow>`
    select collection.collection_id as "collectionId", collection.path, collection.title,
           collection.description, collection.media, collection.translations,
           collection.parent_path as "parentPath",
           (select count(*)
              from catalog.product_collection
             where product_collection.collection_id = collection.collection_id
               and product_collection.is_published) as "productCount"
      from catalog.collection
     where collection.path = any(${paths}::text[])
     order by collection.path`.execute(on);
  return rows;
}
