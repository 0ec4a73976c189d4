import { type Queryable, sql } from '../../platform/database/sql.ts';
import { runPlanned } from './store-planned.ts';

// Queries come as text in tsquery's notation, of words that search-query.ts has quoted: PostgreSQL parses them as values.

/** A product that has all marks of a query, with what decides its place. */
export interface MarkedRow {
  readonly productId: string;
  readonly titleKey: string;
  readonly translatedTitleKeys: string[];
  readonly isPriced: boolean;
}

/** Published products with these marks (search-document.ts): words of the title, SKUs, barcodes. Any `countMax` of them. */
export function findByMarks(
  on: Queryable,
  query: string,
  collectionId: string | null,
  countMax: number,
): Promise<MarkedRow[]> {
  return runPlanned(
    on,
    sql`
    select product.product_id as "productId", product.title_key as "titleKey",
           product.translated_title_keys as "translatedTitleKeys",
           cardinality(product.currencies) > 0 as "isPriced"
      from catalog.product
      left join catalog.product_collection
        on product_collection.product_id = product.product_id
       and product_collection.collection_id = ${collectionId}::uuid
       and product_collection.is_published
     where product.state = 'published'
       and product.search @@ ${query}::tsquery
       and (${collectionId}::uuid is null or product_collection.is_published)
     limit ${countMax}::integer`,
  );
}

export interface WordsQuery {
  /** Words to be stemmed. */
  readonly words: string;
  /**
   * Where the last word is unfinished, its stem is unknown: what has all words but it (null: there are none) and a mark that
   * begins with it is found, too. Null: it is finished.
   */
  readonly finished: string | null;
  readonly unfinishedMarks: string | null;
}

export interface RankedRow {
  readonly productId: string;
  /** How often the words occur, and in the title rather than in the description. */
  readonly rank: number;
}

/** Published products with these words anywhere. Any `countMax` of them, ranked. */
export function findByWords(
  on: Queryable,
  { words, finished, unfinishedMarks }: WordsQuery,
  collectionId: string | null,
  countMax: number,
): Promise<RankedRow[]> {
  return runPlanned(
    on,
    sql`
    select product.product_id as "productId",
           ts_rank('{0.1, 0.3, 0.6, 1.0}', product.search, to_tsquery('catalog.words', ${words}::text), 1) as rank
      from catalog.product
      left join catalog.product_collection
        on product_collection.product_id = product.product_id
       and product_collection.collection_id = ${collectionId}::uuid
       and product_collection.is_published
     where product.state = 'published'
       and product.search @@ (to_tsquery('catalog.words', ${words}::text)
                              || coalesce(coalesce(to_tsquery('catalog.words', ${finished}::text), ''::tsquery)
                                          && ${unfinishedMarks}::tsquery, ''::tsquery))
       and (${collectionId}::uuid is null or product_collection.is_published)
     limit ${countMax}::integer`,
  );
}

/** Words of the vocabulary that look like these words, or are one of their neighbours. */
export async function findSimilarWords(
  on: Queryable,
  words: readonly string[],
  neighbours: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ word: string }>`
    select similar_word.word
      from unnest(${words}::text[]) as wanted (word)
     cross join lateral (select known.word
                           from catalog.word as known
                          where known.word % wanted.word
                          order by similarity(known.word, wanted.word) desc
                          limit 30) as similar_word
     union
    select known.word
      from catalog.word as known
     where known.word = any(${neighbours}::text[])`.execute(on);
  return rows.map((row) => row.word);
}

/** In how many published products each of these words stands; counted up to `countMax`. */
export async function countProductsWith(
  on: Queryable,
  words: readonly string[],
  countMax: number,
): Promise<Map<string, number>> {
  const { rows } = await sql<{ word: string; productCount: number }>`
    select wanted.word,
           (select count(*)
              from (select
                      from catalog.product
                     where product.state = 'published'
                       and product.search @@ plainto_tsquery('catalog.words', wanted.word)
                     limit ${countMax}::integer) as with_word) as "productCount"
      from unnest(${words}::text[]) as wanted (word)`.execute(on);
  return new Map(rows.map((row) => [row.word, row.productCount]));
}
