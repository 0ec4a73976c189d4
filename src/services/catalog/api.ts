import { type Static, type TSchema, Type } from 'typebox';
import { defineContract } from '../../platform/api/contract.ts';
import {
  AmountMinor,
  CurrencyCode,
  Cursor,
  InstantMs,
  Limit,
  Slug,
  strict,
  text,
  Uuid,
} from '../../platform/api/schema.ts';

export const Price = strict(
  {
    currency: CurrencyCode,
    amountMinor: AmountMinor,
    compareAtMinor: Type.Optional(AmountMinor),
  },
  { title: 'Price', description: '`compareAtMinor` is the struck-out price beside it.' },
);
export type Price = Static<typeof Price>;

const Pixels = Type.Integer({ minimum: 1, maximum: 100_000 });

export const Media = strict(
  {
    url: Type.String({ maxLength: 2048 }),
    alt: Type.Optional(text(500)),
    width: Type.Optional(Pixels),
    height: Type.Optional(Pixels),
  },
  {
    title: 'Media',
    description: '`width` and `height` in pixels let a page keep its place before the picture is there.',
  },
);
export type Media = Static<typeof Media>;

export const Attributes = Type.Record(
  Type.String({ maxLength: 120 }),
  // Real feeds write whole paragraphs into one attribute (Icecat: up to 6,900 characters).
  Type.Union([text(10_000), Type.Number(), Type.Boolean()]),
  { description: 'Typed facts about the product: text, number, yes or no.', maxProperties: 300 },
);

/** What something is called in other languages, by their BCP 47 tags. */
function translationsOf<T extends TSchema>(translation: T) {
  // Which keys are tags is not for a pattern to say: a wrong one deserves a sentence (language-tag.ts).
  return Type.Record(Type.String(), translation, {
    maxProperties: 20,
    description: 'By language: BCP 47 tags, such as `zh-Hans`. What a language lacks is shown untranslated.',
  });
}

export const ProductTranslation = strict(
  {
    title: Type.Optional(text(500)),
    description: Type.Optional(text(50_000)),
    // All of them, names and values: a page in this language shows these in place of the product's own.
    attributes: Type.Optional(Attributes),
    options: Type.Optional(
      Type.Record(Type.String(), text(120), {
        maxProperties: 1500,
        description: 'A glossary: from the name or a value of an option to what it is in this language.',
      }),
    ),
  },
  { title: 'ProductTranslation' },
);
export type ProductTranslation = Static<typeof ProductTranslation>;

export const CollectionTranslation = strict(
  { title: Type.Optional(text(200)), description: Type.Optional(text(2000)) },
  { title: 'CollectionTranslation' },
);
export type CollectionTranslation = Static<typeof CollectionTranslation>;

/** What is bought: has a SKU, a price per currency, and a value for each of the product's options. */
export const VariantInput = strict(
  {
    sku: text(100, { minLength: 1 }),
    options: Type.Optional(Type.Record(Type.String({ maxLength: 60 }), text(120))),
    // A product that changed its packaging often has many: 127 in Icecat's catalogue.
    barcodes: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { maxItems: 200 })),
    prices: Type.Array(Price, { maxItems: 50, description: 'No price: shown, but not for sale.' }),
    weightGrams: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000_000 })),
    onHand: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 2_000_000_000, description: 'Units counted; import sets the stock to it.' }),
    ),
  },
  { title: 'VariantInput' },
);
export type VariantInput = Static<typeof VariantInput>;

export const PublishState = Type.Union([Type.Literal('draft'), Type.Literal('published'), Type.Literal('archived')]);

/** One line of Onrush's own JSON Lines format, and what `PUT /v1/admin/products` takes. The slug is the key. */
export const ProductInput = strict(
  {
    slug: Slug,
    title: text(500, { minLength: 1 }),
    description: Type.Optional(text(50_000)),
    vendor: Type.Optional(text(200)),
    state: Type.Optional(PublishState),
    collections: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z0-9]+(?:[-/][a-z0-9]+)*$', maxLength: 300 }), {
        maxItems: 50,
        description: 'Paths in the collection tree, such as `shoes/running`; missing ones are made.',
      }),
    ),
    optionNames: Type.Optional(Type.Array(Type.String({ maxLength: 60 }), { maxItems: 5 })),
    media: Type.Optional(Type.Array(Media, { maxItems: 250 })),
    attributes: Type.Optional(Attributes),
    variants: Type.Array(VariantInput, { minItems: 1, maxItems: 250 }),
    translations: Type.Optional(translationsOf(ProductTranslation)),
  },
  { title: 'ProductInput' },
);
export type ProductInput = Static<typeof ProductInput>;

export const Variant = strict(
  {
    variantId: Uuid,
    sku: Type.String(),
    title: Type.String({ description: "The option values, or the product's title where there are none." }),
    options: Type.Record(Type.String(), Type.String()),
    barcodes: Type.Array(Type.String()),
    prices: Type.Array(Price),
    weightGrams: Type.Optional(Type.Integer()),
  },
  { title: 'Variant' },
);
export type Variant = Static<typeof Variant>;

export const ProductSummary = strict(
  {
    productId: Uuid,
    slug: Slug,
    title: Type.String(),
    vendor: Type.Optional(Type.String()),
    media: Type.Optional(Media),
    fromPrice: Type.Optional(Price),
    variantCount: Type.Integer(),
    createdAtMs: InstantMs,
    translations: Type.Optional(translationsOf(strict({ title: Type.Optional(Type.String()) }))),
  },
  { title: 'ProductSummary' },
);
export type ProductSummary = Static<typeof ProductSummary>;

export const Product = strict(
  {
    productId: Uuid,
    slug: Slug,
    title: Type.String(),
    description: Type.String(),
    vendor: Type.Optional(Type.String()),
    state: PublishState,
    collections: Type.Array(Type.String()),
    optionNames: Type.Array(Type.String()),
    media: Type.Array(Media),
    attributes: Attributes,
    variants: Type.Array(Variant),
    translations: Type.Optional(translationsOf(ProductTranslation)),
    updatedAtMs: InstantMs,
    version: Type.Integer(),
  },
  { title: 'Product' },
);
export type Product = Static<typeof Product>;

export const Collection = strict(
  {
    collectionId: Uuid,
    path: Type.String(),
    title: Type.String(),
    description: Type.Optional(Type.String()),
    media: Type.Optional(Media),
    translations: Type.Optional(translationsOf(CollectionTranslation)),
    parentPath: Type.Optional(Type.String()),
    productCount: Type.Integer({ description: 'Published products in it and below it.' }),
  },
  { title: 'Collection' },
);
export type Collection = Static<typeof Collection>;

export const CollectionInput = strict(
  {
    path: Type.String({ maxLength: 300 }),
    title: text(200, { minLength: 1 }),
    description: Type.Optional(text(2000)),
    media: Type.Optional(Media),
    translations: Type.Optional(translationsOf(CollectionTranslation)),
  },
  { title: 'CollectionInput', description: 'Fields that are left out stay as they are.' },
);
export type CollectionInput = Static<typeof CollectionInput>;

const Sort = Type.Union(
  [Type.Literal('newest'), Type.Literal('title'), Type.Literal('price'), Type.Literal('-price')],
  { default: 'newest' },
);

/** What a list is of, and in which order. */
const listFields = {
  collection: Type.Optional(
    Type.String({ maxLength: 300, description: 'A collection path; includes those below it.' }),
  ),
  vendor: Type.Optional(Type.String({ maxLength: 200 })),
  currency: Type.Optional(CurrencyCode),
  priceMinMinor: Type.Optional(AmountMinor),
  priceMaxMinor: Type.Optional(AmountMinor),
  sort: Type.Optional(Sort),
  limit: Type.Optional(Limit),
};

const ProductPage = strict(
  { items: Type.Array(ProductSummary), nextCursor: Type.Optional(Type.String()) },
  { title: 'ProductPage' },
);

/** What cart and quote need of a variant, in one copy per process, kept fresh by events. */
export const SellableVariant = strict(
  {
    variantId: Uuid,
    productId: Uuid,
    productSlug: Slug,
    sku: Type.String(),
    title: Type.String({ description: 'Product title and option values.' }),
    productTitle: Type.String(),
    options: Type.Record(Type.String(), Type.String()),
    media: Type.Optional(Media),
    translations: Type.Optional(
      translationsOf(
        strict({
          title: Type.Optional(Type.String({ description: "The product's title." })),
          options: Type.Optional(
            Type.Record(Type.String(), Type.String(), {
              description: "All of the variant's options, names and values translated where the glossary has them.",
            }),
          ),
        }),
      ),
    ),
    collections: Type.Array(Type.String()),
    prices: Type.Array(Price),
    isPublished: Type.Boolean(),
  },
  { title: 'SellableVariant' },
);
export type SellableVariant = Static<typeof SellableVariant>;

export const PutResult = strict(
  {
    slug: Slug,
    outcome: Type.Union([
      Type.Literal('created'),
      Type.Literal('updated'),
      Type.Literal('unchanged'),
      Type.Literal('refused'),
      Type.Literal('left'),
    ]),
    reason: Type.Optional(
      Type.String({ description: 'Why it was refused: for instance a SKU that another product has.' }),
    ),
    productId: Type.Optional(Uuid),
    variants: Type.Array(strict({ sku: Type.String(), variantId: Uuid })),
  },
  { title: 'PutResult' },
);
export type PutResult = Static<typeof PutResult>;

export const Facets = strict(
  {
    productCount: Type.Integer(),
    vendors: Type.Array(strict({ vendor: Type.String(), productCount: Type.Integer() }), {
      description: 'Those with the most products first, fifty at most.',
    }),
    priceMinMinor: Type.Optional(AmountMinor),
    priceMaxMinor: Type.Optional(AmountMinor),
  },
  { title: 'Facets', description: 'Prices are the lowest ones of products, in the currency asked for.' },
);
export type Facets = Static<typeof Facets>;

const CardPage = strict(
  {
    items: Type.Array(ProductSummary),
    totalCount: Type.Integer({ description: 'How many products the list has, counted up to 10,000.' }),
  },
  { title: 'CardPage' },
);

const pageSlugs = Type.Array(Slug, { maxItems: 500 });

// Of each change `product.changed` or `collection.changed` tells.
const shared = { maxAgeS: 5, staleWhileRevalidateS: 60, shared: true, isAnnounced: true } as const;
// Whatever made-up products a crowd or a scraper asks for. That one has come to be is told like any change of it.
const notFoundMaxAgeS = 5;

/**
 * Carried by every answer that comes from the lists which the catalogue keeps in memory: they are made anew a moment after the
 * change, and what was made of them in between is out of date too (`onListsCleared` of service.ts).
 */
export const listsTag = 'lists';

/** Carried by what was found for words. */
export const searchesTag = 'searches';

const collectionPath = /^[a-z0-9]+(?:[-/][a-z0-9]+)*$/;

/** A list of one collection changes with the products in it and below it, any other with every product. */
function listTags({ query: { collection } }: { query: Record<string, unknown> }): string[] {
  const isOfOne = typeof collection === 'string' && collectionPath.test(collection);
  return [listsTag, isOfOne ? `list:${collection}` : 'products'];
}

export const catalogApi = defineContract({
  name: 'catalog',
  routes: {
    listProducts: {
      method: 'GET',
      path: '/v1/products',
      summary: 'List published products',
      scope: 'public',
      importance: 'standard',
      idempotency: 'safe',
      cache: { ...shared, tags: listTags },
      costUnits: 2,
      query: strict({
        ...listFields,
        cursor: Type.Optional(Cursor),
      }),
      responses: { 200: ProductPage },
    },
    getProduct: {
      method: 'GET',
      path: '/v1/products/:slug',
      summary: 'Read one published product',
      scope: 'public',
      importance: 'core',
      idempotency: 'safe',
      cache: { ...shared, notFoundMaxAgeS, tags: ({ params }) => [`product:${params.slug}`] },
      params: strict({ slug: Slug }),
      responses: { 200: Product },
      problems: ['not-found'],
    },
    listCollections: {
      method: 'GET',
      path: '/v1/collections',
      summary: 'Read the collection tree',
      scope: 'public',
      importance: 'standard',
      idempotency: 'safe',
      // With how many products are in each.
      cache: { ...shared, tags: () => [listsTag, 'collections', 'products'] },
      responses: { 200: strict({ items: Type.Array(Collection) }) },
    },
    search: {
      method: 'GET',
      path: '/v1/search',
      summary: 'Search published products; small typing errors are forgiven',
      scope: 'public',
      importance: 'deferrable',
      feature: 'search',
      idempotency: 'safe',
      cache: { ...shared, tags: (request) => [...listTags(request), searchesTag] },
      costUnits: 5,
      query: strict({
        q: text(200, { minLength: 1 }),
        collection: Type.Optional(Type.String({ maxLength: 300 })),
        limit: Type.Optional(Limit),
        cursor: Type.Optional(Cursor),
      }),
      responses: { 200: ProductPage },
      problems: ['challenge-required'],
    },
    putProducts: {
      method: 'PUT',
      path: '/v1/admin/products',
      summary: 'Create or replace products by slug; what is equal is left alone',
      scope: 'admin',
      importance: 'deferrable',
      idempotency: 'by-nature',
      bodyLimitBytes: 16 * 1024 * 1024,
      body: strict({
        products: Type.Array(ProductInput, { minItems: 1, maxItems: 1000 }),
        stopAtRefused: Type.Optional(
          Type.Boolean({ description: 'Leave all products after the first refused one as they are (`left`).' }),
        ),
      }),
      responses: { 200: strict({ results: Type.Array(PutResult) }) },
    },
    putCollections: {
      method: 'PUT',
      path: '/v1/admin/collections',
      summary: 'Create or change collections by path; missing parents are made',
      scope: 'admin',
      importance: 'deferrable',
      idempotency: 'by-nature',
      body: strict({
        collections: Type.Array(CollectionInput, { minItems: 1, maxItems: 5000 }),
      }),
      bodyLimitBytes: 4 * 1024 * 1024,
      responses: { 200: strict({ items: Type.Array(Collection) }) },
    },
    exportProducts: {
      method: 'GET',
      path: '/v1/admin/products',
      summary: 'Read all products in the import format, in slug order',
      scope: 'admin',
      importance: 'deferrable',
      idempotency: 'safe',
      query: strict({
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 500 })),
        cursor: Type.Optional(Cursor),
      }),
      responses: {
        200: strict({
          items: Type.Array(
            strict({ product: ProductInput, variants: Type.Array(strict({ sku: Type.String(), variantId: Uuid })) }),
          ),
          nextCursor: Type.Optional(Type.String()),
        }),
      },
    },
    getVariants: {
      method: 'POST',
      path: '/internal/catalog/variants',
      summary: 'What cart and quote need of some variants; unknown ones are left out',
      scope: 'internal',
      importance: 'core',
      idempotency: 'safe',
      body: strict({ variantIds: Type.Array(Uuid, { maxItems: 200 }) }),
      responses: { 200: strict({ items: Type.Array(SellableVariant) }) },
    },
    // What pages are built from. Never kept: a page is built because something has changed.
    readProducts: {
      method: 'POST',
      path: '/internal/catalog/products',
      summary: 'Read published products by slug, in the order asked; others are left out',
      scope: 'internal',
      importance: 'standard',
      idempotency: 'safe',
      body: strict({ slugs: pageSlugs }),
      responses: { 200: strict({ items: Type.Array(Product) }) },
    },
    readCollections: {
      method: 'POST',
      path: '/internal/catalog/collections',
      summary: 'Read the collection tree as it is now',
      scope: 'internal',
      importance: 'standard',
      idempotency: 'safe',
      responses: { 200: strict({ items: Type.Array(Collection) }) },
    },
    listSlugs: {
      method: 'POST',
      path: '/internal/catalog/slugs',
      summary: 'List published products in slug order',
      scope: 'internal',
      importance: 'standard',
      idempotency: 'safe',
      body: strict({
        afterSlug: Type.Optional(Slug),
        limit: Type.Integer({ minimum: 1, maximum: 5000 }),
      }),
      responses: { 200: strict({ items: Type.Array(strict({ slug: Slug, updatedAtMs: InstantMs })) }) },
    },
    getRelated: {
      method: 'POST',
      path: '/internal/catalog/related',
      summary: 'Read which published products go beside these: those of the most specific collections they share',
      scope: 'internal',
      importance: 'standard',
      idempotency: 'safe',
      body: strict({
        slugs: pageSlugs,
        limit: Type.Integer({ minimum: 1, maximum: 12 }),
        currency: Type.Optional(CurrencyCode),
      }),
      responses: {
        200: strict({ items: Type.Array(strict({ slug: Slug, related: Type.Array(ProductSummary) })) }),
      },
    },
    getFacets: {
      method: 'POST',
      path: '/internal/catalog/facets',
      summary: 'Read by what the published products of a collection, or of the shop, can be narrowed down',
      scope: 'internal',
      importance: 'standard',
      idempotency: 'safe',
      body: strict({ collection: Type.Optional(Type.String({ maxLength: 300 })), currency: CurrencyCode }),
      responses: { 200: Facets },
    },
    listCards: {
      method: 'POST',
      path: '/internal/catalog/cards',
      summary: 'List published products by offset, for numbered pages',
      scope: 'internal',
      importance: 'standard',
      idempotency: 'safe',
      body: strict({
        ...listFields,
        offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000, default: 0 })),
      }),
      responses: { 200: CardPage },
    },
  },
});
