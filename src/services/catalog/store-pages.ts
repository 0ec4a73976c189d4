import { type Queryable, sql } from '../../platform/database/sql.ts';
import { type ProductRow, withVariants } from './store.ts';
import type { ListFilter } from './store-list.ts';
import { runPlanned } from './store-planned.ts';

/** The published products of these slugs, in the order of the slugs. */
export async function loadPublishedProducts(on: Queryable, slugs: readonly string[]): Promise<ProductRow[]> {
  const { rows } = await sql<ProductRow>`
    select product_id as "productId", slug, state, title, description, vendor, option_names as "optionNames", media,
           attributes, translations, version, updated_at as "updatedAtMs", array[]::text[] as collections,
           '[]'::json as variants
      from catalog.product
     where slug = any(${slugs}::text[])
       and state = 'published'
     order by array_position(${slugs}::text[], slug)`.execute(on);
  return withVariants(on, rows);
}

/** Published products in the order of their slugs, those after `afterSlug`. */
export async function loadSlugsAfter(
  on: Queryable,
  afterSlug: string | undefined,
  countMax: number,
): Promise<{ slug: string; updatedAtMs: number }[]> {
  const { rows } = await sql<{ slug: string; updatedAtMs: number }>`
    select slug, updated_at as "updatedAtMs"
      from catalog.product
     where slug > ${afterSlug ?? ''}::text
       and state = 'published'
     order by slug
     limit ${countMax}::integer`.execute(on);
  return rows;
}

export interface RelatedRow {
  readonly slug: string;
  /** The best first, `countMax` at most. */
  readonly relatedIds: string[];
}

/**
 * Beside each of these published products, others of its collections: of the deepest one first, and of those above it where
 * that has too few. In each, the next older ones come first and the newest after the oldest, as on a ring: every product is
 * shown beside some others, and a new one changes little of what stands beside those before it.
 */
export async function findRelated(on: Queryable, slugs: readonly string[], countMax: number): Promise<RelatedRow[]> {
  const { rows } = await sql<{ slug: string; relatedIds: string[] }>`
    select product.slug,
           array(select neighbour.product_id
                   from (select product_collection.collection_id,
                                row_number() over (order by cardinality(string_to_array(collection.path, '/')) desc,
                                                            product_collection.is_direct desc, collection.path) as place
                           from catalog.product_collection
                           join catalog.collection using (collection_id)
                          where product_collection.product_id = product.product_id
                          order by place
                          -- Enough to fill a row; a product may be in hundreds.
                          limit 5) as shared
                  cross join lateral (
                        (select older.product_id, 0 as lap
                           from catalog.product_collection as older
                          where older.collection_id = shared.collection_id
                            and older.is_published
                            and older.product_id < product.product_id
                          order by older.product_id desc
                          limit ${countMax}::integer)
                         union all
                        (select newer.product_id, 1 as lap
                           from catalog.product_collection as newer
                          where newer.collection_id = shared.collection_id
                            and newer.is_published
                            and newer.product_id > product.product_id
                          order by newer.product_id desc
                          limit ${countMax}::integer)) as neighbour
                  group by neighbour.product_id
                  -- Its lap in the collection of its place: both are smallest together, since laps are the same in all.
                  order by min(shared.place), min(neighbour.lap), neighbour.product_id desc
                  limit ${countMax}::integer) as "relatedIds"
      from catalog.product
     where product.slug = any(${slugs}::text[])
       and product.state = 'published'
     order by array_position(${slugs}::text[], product.slug)`.execute(on);
  return rows;
}

export interface FacetTotals {
  readonly productCount: number;
  /** Null: none has a price in the currency. */
  readonly priceMinMinor: number | null;
  readonly priceMaxMinor: number | null;
}

/** How many published products a collection (null: the shop) has, and from which lowest price to which. */
export async function loadFacetTotals(
  on: Queryable,
  collectionId: string | null,
  currency: string,
): Promise<FacetTotals> {
  const [row] = await runPlanned<FacetTotals>(
    on,
    sql`
    select count(*) as "productCount", min(from_price.amount_minor) as "priceMinMinor",
           max(from_price.amount_minor) as "priceMaxMinor"
      from catalog.product
      left join catalog.from_price
        on from_price.product_id = product.product_id
       and from_price.currency = ${currency}::text
      left join catalog.product_collection
        on product_collection.product_id = product.product_id
       and product_collection.collection_id = ${collectionId}::uuid
       and product_collection.is_published
     where product.state = 'published'
       and (${collectionId}::uuid is null or product_collection.is_published)`,
  );
  return row ?? { productCount: 0, priceMinMinor: null, priceMaxMinor: null };
}

/** The vendors of a collection (null: of the shop) with the most published products. */
export function loadVendorCounts(
  on: Queryable,
  collectionId: string | null,
  countMax: number,
): Promise<{ vendor: string; productCount: number }[]> {
  return runPlanned(
    on,
    sql`
    select product.vendor, count(*) as "productCount"
      from catalog.product
      left join catalog.product_collection
        on product_collection.product_id = product.product_id
       and product_collection.collection_id = ${collectionId}::uuid
       and product_collection.is_published
     where product.state = 'published'
       and product.vendor is not null
       and (${collectionId}::uuid is null or product_collection.is_published)
     group by product.vendor
     order by "productCount" desc, product.vendor collate "C"
     limit ${countMax}::integer`,
  );
}

/** How many products a list has, counted up to `countMax`; with `isPriced`, those with a price in its currency alone. */
export async function countListed(
  on: Queryable,
  filter: ListFilter,
  { countMax, isPriced }: { readonly countMax: number; readonly isPriced: boolean },
): Promise<number> {
  const [row] = await runPlanned<{ count: number }>(
    on,
    sql`
    select count(*) as count
      from (select
              from catalog.product
              left join catalog.from_price
                on from_price.product_id = product.product_id
               and from_price.currency = ${filter.currency}::text
              left join catalog.product_collection
                on product_collection.product_id = product.product_id
               and product_collection.collection_id = ${filter.collectionId}::uuid
               and product_collection.is_published
             where product.state = 'published'
               and (not ${isPriced}::boolean or from_price.product_id is not null)
               and (${filter.collectionId}::uuid is null or product_collection.is_published)
               and (${filter.vendor}::text is null or product.vendor = ${filter.vendor}::text)
               and (${filter.priceMinMinor}::bigint is null or from_price.amount_minor >= ${filter.priceMinMinor}::bigint)
               and (${filter.priceMaxMinor}::bigint is null or from_price.amount_minor <= ${filter.priceMaxMinor}::bigint)
             limit ${countMax}::integer) as listed`,
  );
  return row?.count ?? 0;
}
