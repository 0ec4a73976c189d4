import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PagesHost } from '../host.ts';
import { createSitemapIndex, createSitemapPart, productsPerPart } from './sitemap.ts';

/** A catalogue of so many products, which counts how many slugs were read of it. */
function catalogueOf(productCount: number) {
  let readCount = 0;
  const all = Array.from({ length: productCount }, (_, n) => ({
    slug: `p${String(n).padStart(6, '0')}`,
    updatedAtMs: n,
  }));
  const reads: Partial<PagesHost['reads']> = {
    facets: async () => ({ productCount }) as Awaited<ReturnType<PagesHost['reads']['facets']>>,
    collections: async () => [],
    async slugs(afterSlug, limit) {
      const from = afterSlug === undefined ? 0 : all.findIndex(({ slug }) => slug === afterSlug) + 1;
      readCount += Math.min(limit, productCount - from);
      return all.slice(from, from + limit);
    },
  };
  const ctx = { clock: { nowMs: () => 0 }, publicUrl: () => 'https://shop.example' };
  return { host: { reads, ctx } as unknown as PagesHost, readCount: () => readCount };
}

test('every product is in exactly one part, and the index names the parts that there are', async () => {
  const { host, readCount } = catalogueOf(2 * productsPerPart + 3);
  const [index] = await createSitemapIndex(host).load([{}]);
  const names = [
    ...createSitemapIndex(host)
      .render(index?.data, 'en')
      .matchAll(/sitemaps\/(\d+\.xml)/g),
  ];
  assert.deepEqual(
    names.map(([, name]) => name),
    ['1.xml', '2.xml', '3.xml'],
  );
  const parts = await createSitemapPart(host).load(names.map(([, part = '']) => ({ part })));
  const products = parts.flatMap((part) =>
    ((part?.data ?? []) as { path: string }[]).map(({ path }) => path).filter((path) => path.startsWith('/products/')),
  );
  assert.equal(products.length, 2 * productsPerPart + 3);
  assert.equal(new Set(products).size, products.length);
  assert.equal(readCount(), 2 * productsPerPart + 3, 'each slug is read once for all of them');
  const [first] = parts;
  assert((createSitemapPart(host).render(first?.data, 'en').match(/<url>/g) ?? []).length <= 50_000);
});

test('for a part that there is not, nothing is read', async () => {
  const catalogue = catalogueOf(3 * productsPerPart);
  const loaded = await createSitemapPart(catalogue.host).load(
    ['9999.xml', '4.xml', '0.xml', '-1.xml', '1', 'x.xml'].map((part) => ({ part })),
  );
  assert(loaded.every((each) => each === undefined));
  assert.equal(catalogue.readCount(), 0);
});
