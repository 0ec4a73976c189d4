import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';
import type { Media, Price } from './api.ts';
import { runPlanned } from './store-planned.ts';

/** What a list is cut down to; null: by nothing. */
export interface ListFilter {
  /** Of this collection, those below it included. */
  readonly collectionId: string | null;
  readonly vendor: string | null;
  readonly currency: string;
  /** A product is in a price range by its lowest price. */
  readonly priceMinMinor: number | null;
  readonly priceMaxMinor: number | null;
}

/** A row of a list with what it was sorted by. */
export interface ListedRow<Key> {
  readonly productId: string;
  readonly key: Key;
}

/** A list goes on behind this row; or, for numbered pages, behind an offset. */
export type After<Key> = ListedRow<Key> | undefined;

/** Newest first: ids begin with the instant at which they were made. */
export function listNewest(
  on: Queryable,
  filter: ListFilter,
  after: After<null>,
  countMax: number,
  offset = 0,
): Promise<ListedRow<null>[]> {
  return runPlanned(
    on,
    sql`
    select product.product_id as "productId", null as key
      from catalog.product
      left join catalog.from_price
        on from_price.product_id = product.product_id
       and from_price.currency = ${filter.currency}::text
      left join catalog.product_collection
        on product_collection.product_id = product.product_id
       and product_collection.collection_id = ${filter.collectionId}::uuid
       and product_collection.is_published
     where product.state = 'published'
       and (${filter.collectionId}::uuid is null or product_collection.is_published)
       and (${filter.vendor}::text is null or product.vendor = ${filter.vendor}::text)
       and (${filter.priceMinMinor}::bigint is null or from_price.amount_minor >= ${filter.priceMinMinor}::bigint)
       and (${filter.priceMaxMinor}::bigint is null or from_price.amount_minor <= ${filter.priceMaxMinor}::bigint)
       and (${after?.productId ?? null}::uuid is null or product.product_id < ${after?.productId ?? null}::uuid)
     order by product.product_id desc
     limit ${countMax}::integer
    offset ${offset}::integer`,
  );
}

/** By title, without regard to case and accents. */
export function listByTitle(
  on: Queryable,
  filter: ListFilter,
  after: After<string>,
  countMax: number,
  offset = 0,
): Promise<ListedRow<string>[]> {
  return runPlanned(
    on,
    sql`
    select product.product_id as "productId", product.title_key as key
      from catalog.product
      left join catalog.from_price
        on from_price.product_id = product.product_id
       and from_price.currency = ${filter.currency}::text
      left join catalog.product_collection
        on product_collection.product_id = product.product_id
       and product_collection.collection_id = ${filter.collectionId}::uuid
       and product_collection.is_published
     where product.state = 'published'
       and (${filter.collectionId}::uuid is null or product_collection.is_published)
       and (${filter.vendor}::text is null or product.vendor = ${filter.vendor}::text)
       and (${filter.priceMinMinor}::bigint is null or from_price.amount_minor >= ${filter.priceMinMinor}::bigint)
       and (${filter.priceMaxMinor}::bigint is null or from_price.amount_minor <= ${filter.priceMaxMinor}::bigint)
       and (${after?.productId ?? null}::uuid is null
            or (product.title_key, product.product_id) > (${after?.key ?? null}::text, ${after?.productId ?? null}::uuid))
     order by product.title_key, product.product_id
     limit ${countMax}::integer
    offset ${offset}::integer`,
  );
}

/** The cheapest first, of those that have a price in the currency. */
export function listByPrice(
  on: Queryable,
  filter: ListFilter,
  after: After<number>,
  countMax: number,
  offset = 0,
): Promise<ListedRow<number>[]> {
  return runPlanned(
    on,
    sql`
    select product.product_id as "productId", from_price.amount_minor as key
      from catalog.product
      join catalog.from_price
        on from_price.product_id = product.product_id
       and from_price.currency = ${filter.currency}::text
      left join catalog.product_collection
        on product_collection.product_id = product.product_id
       and product_collection.collection_id = ${filter.collectionId}::uuid
       and product_collection.is_published
     where product.state = 'published'
       and (${filter.collectionId}::uuid is null or product_collection.is_published)
       and (${filter.vendor}::text is null or product.vendor = ${filter.vendor}::text)
       and (${filter.priceMinMinor}::bigint is null or from_price.amount_minor >= ${filter.priceMinMinor}::bigint)
       and (${filter.priceMaxMinor}::bigint is null or from_price.amount_minor <= ${filter.priceMaxMinor}::bigint)
       and (${after?.productId ?? null}::uuid is null
            or (from_price.amount_minor, from_price.product_id) > (${after?.key ?? null}::bigint, ${after?.productId ?? null}::uuid))
     order by from_price.amount_minor, from_price.product_id
     limit ${countMax}::integer
    offset ${offset}::integer`,
  );
}

/** The dearest first, of those that have a price in the currency. */
export function listByPriceDown(
  on: Queryable,
  filter: ListFilter,
  after: After<number>,
  countMax: number,
  offset = 0,
): Promise<ListedRow<number>[]> {
  return runPlanned(
    on,
    sql`
    select product.product_id as "productId", from_price.amount_minor as key
      from catalog.product
      join catalog.from_price
        on from_price.product_id = product.product_id
       and from_price.currency = ${filter.currency}::text
      left join catalog.product_collection
        on product_collection.product_id = product.product_id
       and product_collection.collection_id = ${filter.collectionId}::uuid
       and product_collection.is_published
     where product.state = 'published'
       and (${filter.collectionId}::uuid is null or product_collection.is_published)
       and (${filter.vendor}::text is null or product.vendor = ${filter.vendor}::text)
       and (${filter.priceMinMinor}::bigint is null or from_price.amount_minor >= ${filter.priceMinMinor}::bigint)
       and (${filter.priceMaxMinor}::bigint is null or from_price.amount_minor <= ${filter.priceMaxMinor}::bigint)
       and (${after?.productId ?? null}::uuid is null
            or (from_price.amount_minor, from_price.product_id) < (${after?.key ?? null}::bigint, ${after?.productId ?? null}::uuid))
     order by from_price.amount_minor desc, from_price.product_id desc
     limit ${countMax}::integer
    offset ${offset}::integer`,
  );
}

/** Those without a price in the currency, newest first: what lists by price end with. */
export function listUnpriced(
  on: Queryable,
  filter: ListFilter,
  after: After<null>,
  countMax: number,
  offset = 0,
): Promise<ListedRow<null>[]> {
  return runPlanned(
    on,
    sql`
    select product.product_id as "productId", null as key
      from catalog.product
      left join catalog.product_collection
        on product_collection.product_id = product.product_id
       and product_collection.collection_id = ${filter.collectionId}::uuid
       and product_collection.is_published
     where product.state = 'published'
       and not product.currencies @> array[${filter.currency}::text]
       and (${filter.collectionId}::uuid is null or product_collection.is_published)
       and (${filter.vendor}::text is null or product.vendor = ${filter.vendor}::text)
       and (${after?.productId ?? null}::uuid is null or product.product_id < ${after?.productId ?? null}::uuid)
     order by product.product_id desc
     limit ${countMax}::integer
    offset ${offset}::integer`,
  );
}

export async function findCollectionId(on: Queryable, path: string): Promise<string | undefined> {
  const { rows } = await sql<{ collectionId: string }>`
    select collection_id as "collectionId"
      from catalog.collection
     where path = ${path}::text`.execute(on);
  return rows[0]?.collectionId;
}

export interface SummaryRow {
  readonly productId: string;
  readonly slug: string;
  readonly title: string;
  readonly vendor: string | null;
  readonly media: Media | null;
  readonly fromPrice: (Pick<Price, 'currency' | 'amountMinor'> & { readonly compareAtMinor: number | null }) | null;
  readonly variantCount: number;
  readonly createdAtMs: number;
  /** Null: no language has a title of its own. */
  readonly translations: Record<string, { readonly title: string }> | null;
}

/** What lists and search results show of these products, in their order, with prices in this currency. */
export async function loadSummaries(
  on: Queryable,
  productIds: readonly string[],
  currency: string,
): Promise<SummaryRow[]> {
  const { rows } = await sql<SummaryRow>`
    select product.product_id as "productId", product.slug, product.title, product.vendor, product.media->0 as media,
           case when from_price.currency is not null
                then json_build_object('currency', from_price.currency, 'amountMinor', from_price.amount_minor,
                                       'compareAtMinor', from_price.compare_at_minor) end as "fromPrice",
           (select count(*) from catalog.variant where variant.product_id = product.product_id) as "variantCount",
           product.created_at as "createdAtMs",
           (select json_object_agg(tag, json_build_object('title', translation->'title') order by tag)
              from json_each(product.translations) as each_language (tag, translation)
             where translation->'title' is not null) as translations
      from unnest(${plainArray(productIds)}::uuid[]) with ordinality as wanted (product_id, place)
      join catalog.product using (product_id)
      left join catalog.from_price
        on from_price.product_id = product.product_id
       and from_price.currency = ${currency}::text
     where product.state = 'published'
     order by wanted.place`.execute(on);
  return rows;
}
