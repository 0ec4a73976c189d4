import { crc32 } from 'node:zlib';
import type { Tx } from '../../platform/database/database.ts';
import { plainArray, sql } from '../../platform/database/sql.ts';
import { pathsDownTo } from './collection-path.ts';
import { fromPrices } from './from-price.ts';
import type { KnownProduct, KnownVariant, ProductWrite } from './put-plan.ts';
import { type SearchDocument, searchDocument } from './search-document.ts';
import { titleKeyOf } from './search-text.ts';

// Classes of advisory locks (two 32-bit keys); any numbers that no other room uses: "cat" and 1, "cat" and 2.
const slugLockClass = 0x63617401;
const skuLockClass = 0x63617402;
// As many as an import of hundreds of products takes anyhow, and few enough for PostgreSQL's table of locks.
const stripeCount = 64;

/**
 * Holds these slugs and SKUs, whether they exist yet or not, until the transaction ends: whoever writes one holds its
 * stripe. Slugs before SKUs, each in order, so that two imports never wait for each other in a circle.
 */
export async function lockForPut(tx: Tx, slugs: readonly string[], skus: readonly string[]): Promise<void> {
  const slugStripes = stripes(slugs);
  const skuStripes = stripes(skus);
  await sql`
    select pg_advisory_xact_lock(lock_class, stripe)
      from unnest(${plainArray([...slugStripes.map(() => slugLockClass), ...skuStripes.map(() => skuLockClass)])}::integer[],
                  ${plainArray([...slugStripes, ...skuStripes])}::integer[]) as lock (lock_class, stripe)`.execute(tx);
}

function stripes(keys: readonly string[]): number[] {
  return [...new Set(keys.map((key) => crc32(key) % stripeCount))].sort((one, other) => one - other);
}

/** What stands under these slugs and SKUs now. True until the transaction ends only under `lockForPut`. */
export async function loadKnown(
  tx: Tx,
  slugs: readonly string[],
  skus: readonly string[],
): Promise<{ products: KnownProduct[]; variants: KnownVariant[] }> {
  const [products, variants] = await Promise.all([
    sql<KnownProduct & Record<string, unknown>>`
      select product_id as "productId", slug, version, content_hash as "contentHash",
             array(select collection.path
                     from catalog.product_collection
                     join catalog.collection using (collection_id)
                    where product_collection.product_id = product.product_id
                      and product_collection.is_direct
                    order by collection.path) as collections
        from catalog.product
       where slug = any(${slugs}::text[])`.execute(tx),
    sql<{ variantId: string; sku: string; ownerSlug: string | null }>`
      select variant.variant_id as "variantId", variant.sku, product.slug as "ownerSlug"
        from catalog.variant
        left join catalog.product using (product_id)
       where variant.sku = any(${skus}::text[])
       union
      select variant.variant_id, variant.sku, product.slug
        from catalog.product
        join catalog.variant using (product_id)
       where product.slug = any(${slugs}::text[])`.execute(tx),
  ]);
  return {
    products: products.rows,
    variants: variants.rows.map((row) => ({ ...row, ownerSlug: row.ownerSlug ?? undefined })),
  };
}

/** Writes a plan's products. The statements go out together: none needs another's answer. */
export async function writeProducts(
  tx: Tx,
  writes: readonly ProductWrite[],
  retiredVariantIds: readonly string[],
  nowMs: number,
): Promise<void> {
  const documents = writes.map(({ product }) => searchDocument(product));
  const changed = writes.filter((write) => !write.isNew);
  await Promise.all([
    ...(changed.length === 0 ? [] : clearDerived(tx, changed, retiredVariantIds)),
    upsertProducts(tx, writes, documents, nowMs),
    upsertVariants(tx, writes),
    insertPrices(tx, writes),
    insertFromPrices(tx, writes),
    insertProductCollections(tx, writes),
    insertWords(tx, documents),
  ]);
}

function clearDerived(
  tx: Tx,
  changed: readonly ProductWrite[],
  retiredVariantIds: readonly string[],
): Promise<unknown>[] {
  const productIds = plainArray(changed.map((write) => write.productId));
  const variantIds = changed.flatMap((write) => write.variants.map(({ variantId }) => variantId));
  return [
    sql`
      update catalog.variant
         set product_id = null
       where variant_id = any(${plainArray(retiredVariantIds)}::uuid[])`.execute(tx),
    sql`
      delete from catalog.price
       where variant_id = any(${plainArray([...variantIds, ...retiredVariantIds])}::uuid[])`.execute(tx),
    sql`
      delete from catalog.from_price
       where product_id = any(${productIds}::uuid[])`.execute(tx),
    sql`
      delete from catalog.product_collection
       where product_id = any(${productIds}::uuid[])`.execute(tx),
  ];
}

// Between the elements of an array within an array (chr(31)): the normal form keeps control characters out of all texts.
const unitSeparator = '\u001f';

async function upsertProducts(
  tx: Tx,
  writes: readonly ProductWrite[],
  documents: readonly SearchDocument[],
  nowMs: number,
): Promise<void> {
  await sql`
    insert into catalog.product (product_id, slug, state, title, title_key, description, vendor, option_names, media,
                                 attributes, translations, currencies, content_hash, version, created_at, updated_at, search,
                                 translated_title_keys)
    select product_id, slug, state, title, title_key, description, vendor,
           string_to_array(option_names, chr(31)), media, attributes, translations, string_to_array(currencies, chr(31)),
           decode(content_hash, 'hex'), version, written_at, written_at,
           setweight(to_tsvector('catalog.words', title_words), 'A')
             || setweight(to_tsvector('catalog.words', vendor_words), 'B')
             || setweight(to_tsvector('catalog.words', detail_words), 'C')
             || setweight(to_tsvector('catalog.words', description_words), 'D')
             || array_to_tsvector(string_to_array(marks, chr(31))),
           string_to_array(translated_title_keys, chr(31))
      from unnest(${plainArray(writes.map((write) => write.productId))}::uuid[],
                  ${writes.map(({ product }) => product.slug)}::text[],
                  ${plainArray(writes.map(({ product }) => product.state))}::text[],
                  ${writes.map(({ product }) => product.title)}::text[],
                  ${writes.map(({ product }) => titleKeyOf(product.title))}::text[],
                  ${writes.map(({ product }) => product.description)}::text[],
                  ${writes.map(({ product }) => product.vendor ?? null)}::text[],
                  ${writes.map(({ product }) => product.optionNames.join(unitSeparator))}::text[],
                  ${writes.map(({ product }) => JSON.stringify(product.media))}::json[],
                  ${writes.map(({ product }) => JSON.stringify(product.attributes))}::json[],
                  ${writes.map(({ product }) => JSON.stringify(product.translations ?? {}))}::json[],
                  ${writes.map(({ variants }) =>
                    fromPrices(variants)
                      .map((price) => price.currency)
                      .join(unitSeparator),
                  )}::text[],
                  ${plainArray(writes.map((write) => write.contentHash.toString('hex')))}::text[],
                  ${plainArray(writes.map((write) => write.version))}::bigint[],
                  ${documents.map((document) => document.title)}::text[],
                  ${documents.map((document) => document.vendor)}::text[],
                  ${documents.map((document) => document.detail)}::text[],
                  ${documents.map((document) => document.description)}::text[],
                  ${documents.map((document) => document.marks.join(unitSeparator))}::text[],
                  ${writes.map(({ product }) => translatedTitleKeys(product).join(unitSeparator))}::text[])
        as given (product_id, slug, state, title, title_key, description, vendor, option_names, media, attributes,
                  translations, currencies, content_hash, version, title_words, vendor_words, detail_words, description_words, marks,
                  translated_title_keys)
     cross join to_timestamp(${nowMs}::bigint / 1000.0) as written_at
        on conflict on constraint product_pkey do update
       set state = excluded.state,
           title = excluded.title,
           title_key = excluded.title_key,
           description = excluded.description,
           vendor = excluded.vendor,
           option_names = excluded.option_names,
           media = excluded.media,
           attributes = excluded.attributes,
           translations = excluded.translations,
           currencies = excluded.currencies,
           search = excluded.search,
           translated_title_keys = excluded.translated_title_keys,
           content_hash = excluded.content_hash,
           version = excluded.version,
           updated_at = excluded.updated_at`.execute(tx);
}

function translatedTitleKeys({ translations = {} }: ProductWrite['product']): string[] {
  return Object.values(translations).flatMap(({ title }) => (title === undefined ? [] : [titleKeyOf(title)]));
}

async function upsertVariants(tx: Tx, writes: readonly ProductWrite[]): Promise<void> {
  const variants = writes.flatMap(({ productId, variants }) =>
    variants.map((variant, position) => ({ ...variant, productId, position })),
  );
  await sql`
    insert into catalog.variant (variant_id, sku, product_id, position, options, barcodes, weight_grams)
    select variant_id, sku, product_id, position, options, string_to_array(barcodes, chr(31)), weight_grams
      from unnest(${plainArray(variants.map(({ variantId }) => variantId))}::uuid[],
                  ${variants.map(({ sku }) => sku)}::text[],
                  ${plainArray(variants.map(({ productId }) => productId))}::uuid[],
                  ${plainArray(variants.map(({ position }) => position))}::integer[],
                  ${variants.map(({ options }) => JSON.stringify(options))}::json[],
                  ${variants.map(({ barcodes }) => barcodes.join(unitSeparator))}::text[],
                  ${plainArray(variants.map(({ weightGrams }) => weightGrams ?? null))}::integer[])
        as given (variant_id, sku, product_id, position, options, barcodes, weight_grams)
        on conflict on constraint variant_pkey do update
       set product_id = excluded.product_id,
           position = excluded.position,
           options = excluded.options,
           barcodes = excluded.barcodes,
           weight_grams = excluded.weight_grams
     where (variant.product_id, variant.position, variant.options::text, variant.barcodes, variant.weight_grams)
           is distinct from
           (excluded.product_id, excluded.position, excluded.options::text, excluded.barcodes, excluded.weight_grams)`.execute(
    tx,
  );
}

async function insertPrices(tx: Tx, writes: readonly ProductWrite[]): Promise<void> {
  const prices = writes.flatMap(({ variants }) =>
    variants.flatMap(({ variantId, prices }) => prices.map((price) => ({ ...price, variantId }))),
  );
  await sql`
    insert into catalog.price (variant_id, currency, amount_minor, compare_at_minor)
    select variant_id, currency, amount_minor, compare_at_minor
      from unnest(${plainArray(prices.map(({ variantId }) => variantId))}::uuid[],
                  ${plainArray(prices.map(({ currency }) => currency))}::text[],
                  ${plainArray(prices.map(({ amountMinor }) => amountMinor))}::bigint[],
                  ${plainArray(prices.map(({ compareAtMinor }) => compareAtMinor ?? null))}::bigint[])
        as given (variant_id, currency, amount_minor, compare_at_minor)`.execute(tx);
}

async function insertFromPrices(tx: Tx, writes: readonly ProductWrite[]): Promise<void> {
  const prices = writes
    .filter(({ product }) => product.state === 'published')
    .flatMap(({ productId, variants }) => fromPrices(variants).map((price) => ({ ...price, productId })));
  await sql`
    insert into catalog.from_price (product_id, currency, amount_minor, compare_at_minor)
    select product_id, currency, amount_minor, compare_at_minor
      from unnest(${plainArray(prices.map(({ productId }) => productId))}::uuid[],
                  ${plainArray(prices.map(({ currency }) => currency))}::text[],
                  ${plainArray(prices.map(({ amountMinor }) => amountMinor))}::bigint[],
                  ${plainArray(prices.map(({ compareAtMinor }) => compareAtMinor ?? null))}::bigint[])
        as given (product_id, currency, amount_minor, compare_at_minor)`.execute(tx);
}

/** Into the collections that each product names, and into all above them. */
async function insertProductCollections(tx: Tx, writes: readonly ProductWrite[]): Promise<void> {
  const placed = writes.flatMap(({ productId, product }) => {
    const named = new Set(product.collections);
    const paths = new Set(product.collections.flatMap(pathsDownTo));
    const isPublished = product.state === 'published';
    return [...paths].map((path) => ({ productId, path, isDirect: named.has(path), isPublished }));
  });
  await sql`
    insert into catalog.product_collection (product_id, collection_id, is_direct, is_published)
    select placed.product_id, collection.collection_id, placed.is_direct, placed.is_published
      from unnest(${plainArray(placed.map(({ productId }) => productId))}::uuid[],
                  ${placed.map(({ path }) => path)}::text[],
                  ${placed.map(({ isDirect }) => isDirect)}::boolean[],
                  ${placed.map(({ isPublished }) => isPublished)}::boolean[])
        as placed (product_id, path, is_direct, is_published)
      join catalog.collection on collection.path = placed.path`.execute(tx);
}

async function insertWords(tx: Tx, documents: readonly SearchDocument[]): Promise<void> {
  // In order, so that two transactions that bring the same new words never wait for each other in a circle.
  const words = [...new Set(documents.flatMap((document) => document.vocabulary))].sort();
  await sql`
    insert into catalog.word (word)
    select word
      from unnest(${words}::text[]) as word
        on conflict on constraint word_pkey do nothing`.execute(tx);
}
