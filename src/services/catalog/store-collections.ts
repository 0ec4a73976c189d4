import type { Tx } from '../../platform/database/database.ts';
import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';
import type { CollectionTranslation, Media } from './api.ts';

/** What is said of a collection; undefined: nothing about this, what is stored stays. */
export interface CollectionFacts {
  readonly path: string;
  readonly title: string;
  readonly description?: string | undefined;
  readonly media?: Media | undefined;
  readonly translations?: Readonly<Record<string, CollectionTranslation>> | undefined;
}

export interface NewCollection extends CollectionFacts {
  readonly collectionId: string;
  readonly parentPath: string | undefined;
}

export interface WrittenCollection {
  readonly collectionId: string;
  readonly path: string;
  readonly title: string;
}

/** Which of these collections are missing. */
export async function missingCollectionPaths(on: Queryable, paths: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ path: string }>`
    select wanted.path
      from unnest(${paths}::text[]) as wanted (path)
      left join catalog.collection on collection.path = wanted.path
     where collection.path is null
     order by wanted.path collate "C"`.execute(on);
  return rows.map((row) => row.path);
}

/** Makes collections that do not exist; returns those that it made. Sorted by path: parents first, and no circles of waiting. */
export async function insertCollections(tx: Tx, collections: readonly NewCollection[]): Promise<WrittenCollection[]> {
  const { rows } = await sql<{ collectionId: string; path: string; title: string }>`
    insert into catalog.collection (collection_id, path, parent_path, title, description, media, translations)
    select collection_id, path, parent_path, title, coalesce(description, ''), media, coalesce(translations, '{}')
      from unnest(${plainArray(collections.map(({ collectionId }) => collectionId))}::uuid[],
                  ${collections.map(({ path }) => path)}::text[],
                  ${collections.map(({ parentPath }) => parentPath ?? null)}::text[],
                  ${collections.map(({ title }) => title)}::text[],
                  ${collections.map(({ description }) => description ?? null)}::text[],
                  ${collections.map(({ media }) => jsonOrNull(media))}::jsonb[],
                  ${collections.map(({ translations }) => jsonOrNull(translations))}::jsonb[])
        as given (collection_id, path, parent_path, title, description, media, translations)
     order by path collate "C"
        on conflict on constraint collection_path_unique do nothing
    returning collection_id as "collectionId", path, title`.execute(tx);
  return rows;
}

/** Writes what is said of existing collections; returns those of which anything was otherwise. */
export async function changeCollections(tx: Tx, collections: readonly CollectionFacts[]): Promise<WrittenCollection[]> {
  const { rows } = await sql<{ collectionId: string; path: string; title: string }>`
    with wanted as materialized (
      select collection.collection_id, given.title,
             coalesce(given.description, collection.description) as description,
             coalesce(given.media, collection.media) as media,
             coalesce(given.translations, collection.translations) as translations
        from unnest(${collections.map(({ path }) => path)}::text[],
                    ${collections.map(({ title }) => title)}::text[],
                    ${collections.map(({ description }) => description ?? null)}::text[],
                    ${collections.map(({ media }) => jsonOrNull(media))}::jsonb[],
                    ${collections.map(({ translations }) => jsonOrNull(translations))}::jsonb[])
          as given (path, title, description, media, translations)
        join catalog.collection on collection.path = given.path
       where collection.title <> given.title
          or collection.description <> given.description
          or collection.media is distinct from coalesce(given.media, collection.media)
          or collection.translations <> given.translations
       order by collection.path
         for no key update of collection
    )
    update catalog.collection
       set title = wanted.title,
           description = wanted.description,
           media = wanted.media,
           translations = wanted.translations
      from wanted
     where collection.collection_id = wanted.collection_id
    returning collection.collection_id as "collectionId", collection.path, collection.title`.execute(tx);
  return rows;
}

function jsonOrNull(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
