import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Client, InputOf } from '../../platform/api/contract.ts';
import { connectInProcess } from '../../platform/api/in-process.ts';
import { isProblem } from '../../platform/api/problem.ts';
import { createValidation } from '../../platform/api/validation.ts';
import { type TestContext, testContext } from '../../platform/testing/context.ts';
import type { catalogApi, ProductInput, ProductSummary, PutResult } from './api.ts';
import { catalogMigrations } from './migrations.ts';
import { createCatalog } from './service.ts';

/** A catalogue on a database of its own, asked as other services ask it; what it is asked and answers fits its contract. */
export interface TestCatalog {
  readonly ctx: TestContext;
  readonly catalog: Client<typeof catalogApi>;
  put(...products: ProductInput[]): Promise<PutResult[]>;
  /** All pages of a list, by slug. */
  list(query?: InputOf<(typeof catalogApi)['routes']['listProducts']>['query']): Promise<string[]>;
  /** The first page of what a text finds. */
  search(q: string, query?: { collection?: string; limit?: number }): Promise<ProductSummary[]>;
  export(): Promise<ProductInput[]>;
}

export async function testCatalog(): Promise<TestCatalog> {
  const ctx = await testContext([catalogMigrations]);
  return asTestCatalog(ctx, connect(ctx));
}

/** Another process of the same shop: what it keeps is its own. */
export function connect(ctx: TestContext): Client<typeof catalogApi> {
  return connectInProcess(createCatalog(ctx), { validation: createValidation() });
}

export function asTestCatalog(ctx: TestContext, catalog: Client<typeof catalogApi>): TestCatalog {
  return {
    ctx,
    catalog,
    async put(...products) {
      return ok(await catalog.putProducts({ body: { products } })).body.results;
    },
    async list(query = {}) {
      const slugs: string[] = [];
      for (let cursor: string | undefined, pageCount = 0; ; pageCount++) {
        const { body } = ok(await catalog.listProducts({ query: { ...query, ...(cursor && { cursor }) } }));
        slugs.push(...body.items.map((item) => item.slug));
        cursor = body.nextCursor;
        if (cursor === undefined) return slugs;
        assert(pageCount < 1000, 'the list ends');
      }
    },
    async search(q, query = {}) {
      return ok(await catalog.search({ query: { q, ...query } })).body.items;
    },
    async export() {
      const products: ProductInput[] = [];
      for (let cursor: string | undefined; ; ) {
        const { body } = ok(await catalog.exportProducts({ query: { limit: 3, ...(cursor && { cursor }) } }));
        products.push(...body.items.map((item) => item.product));
        cursor = body.nextCursor;
        if (cursor === undefined) return products;
      }
    },
  };
}

/** The reply where only success makes sense. */
export function ok<Reply extends { readonly status: number }>(
  reply: Reply,
): Exclude<Reply, { readonly problem: unknown }> {
  assert(!isProblem(reply), JSON.stringify(reply));
  return reply as Exclude<Reply, { readonly problem: unknown }>;
}

/** A product with one variant, whose SKU is its slug in capitals. */
export function product(slug: string, fields: Partial<ProductInput> = {}, amountMinor = 1000): ProductInput {
  const prices = [{ currency: 'USD', amountMinor }];
  return { slug, title: slug, variants: [{ sku: slug.toUpperCase(), prices }], ...fields };
}

// What has a meaning to PostgreSQL, JSON or HTML, and some of what the world writes with.
const characters = fc.constantFrom(...`abZ 09.-'"\\<>%_&|!:*(){},$/\u0301\u00adéßøÆИ耳机한ไイ😀\u{1f469}\u200d`);

/** Text of every kind: accents, other scripts, markup, quotes, backslashes. */
export const anyText = fc.oneof(
  fc.string({ unit: characters, maxLength: 30 }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    "'; drop table catalog.product; --",
    'back\\slash \\u0041',
    'Ünïcödé ﬁ',
    '無線イヤホン',
    '"quoted"',
    '{}',
    'NULL',
    '$1',
  ),
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: the contract refuses them
const controlCharacters = /[\u0000-\u001f\u007f]/g;

/** As the contract has it: without control characters and halves of characters. */
export function clean(text: string, lengthMax: number): string {
  return [...text.replace(controlCharacters, '').toWellFormed()].slice(0, lengthMax).join('');
}

const cleanText = (lengthMax: number) => anyText.map((text) => clean(text, lengthMax));
const anyName = cleanText(40).filter((name) => name !== '' && name !== '__proto__');
const anyAmountMinor = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constant(1_000_000_000_000));

const anyPrices = fc.uniqueArray(
  fc.record(
    {
      currency: fc.constantFrom('USD', 'EUR', 'JPY', 'KWD'),
      amountMinor: anyAmountMinor,
      compareAtMinor: anyAmountMinor,
    },
    { requiredKeys: ['currency', 'amountMinor'] },
  ),
  { selector: (price) => price.currency, maxLength: 3 },
);

export const anySlug = fc.stringMatching(/^[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,2}$/);
export const anyPath = fc
  .array(fc.constantFrom('shoes', 'running', 'trail-9', 'a', 'b'), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'));

const anyAttributes = fc.dictionary(
  anyName,
  fc.oneof(cleanText(20), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true })),
  { maxKeys: 4, noNullPrototype: true },
);

const anyTranslation = fc.record(
  {
    title: cleanText(20),
    description: cleanText(60),
    attributes: anyAttributes,
    options: fc.dictionary(fc.oneof(fc.constantFrom('Size', 'Colour'), anyName), cleanText(8), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  },
  { requiredKeys: [] },
);

/** Anything that `PUT /v1/admin/products` takes, with SKUs that begin with its slug. */
export const anyProduct: fc.Arbitrary<ProductInput> = anySlug.chain((slug) =>
  fc
    .record(
      {
        title: cleanText(60).map((title) => (title.trim() === '' ? 'Untitled' : title)),
        description: cleanText(60),
        vendor: cleanText(20),
        state: fc.constantFrom('draft', 'published', 'archived'),
        collections: fc.array(anyPath, { maxLength: 3 }),
        optionNames: fc.uniqueArray(anyName, { maxLength: 2 }),
        media: fc.array(
          fc.record(
            {
              url: fc.nat().map((n) => `https://example.com/${n}.jpg`),
              alt: cleanText(10),
              width: fc.integer({ min: 1, max: 100_000 }),
              height: fc.integer({ min: 1, max: 100_000 }),
            },
            { requiredKeys: ['url'] },
          ),
          { maxLength: 2 },
        ),
        attributes: anyAttributes,
        variants: fc.uniqueArray(
          fc.record(
            {
              sku: cleanText(10).map((end) => `${slug}/${end}`),
              options: fc.dictionary(fc.constantFrom('Size', 'Colour', '7'), cleanText(8), { noNullPrototype: true }),
              barcodes: fc.array(fc.stringMatching(/^\d{0,13}$/), { maxLength: 3 }),
              prices: anyPrices,
              weightGrams: fc.nat(100_000),
              onHand: fc.nat(1000),
            },
            { requiredKeys: ['sku', 'prices'] },
          ),
          { selector: (variant) => variant.sku, minLength: 1, maxLength: 4 },
        ),
        translations: fc.dictionary(fc.constantFrom('zh-hans', 'de', 'pt-BR', 'AR'), anyTranslation, {
          maxKeys: 3,
          noNullPrototype: true,
        }),
      },
      { requiredKeys: ['title', 'variants'] },
    )
    .map((fields) => ({ slug, ...fields }) as ProductInput),
);
