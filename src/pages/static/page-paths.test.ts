import assert from 'node:assert/strict';
import test from 'node:test';
import { definePageKind, type PageKind } from './page-kind.ts';
import { createPagePaths, pageRefs } from './page-paths.ts';

const kind = (name: string, path: string, isUnlocalised?: true): PageKind =>
  definePageKind({
    name,
    path,
    maxAgeS: 0,
    staleWhileRevalidateS: 0,
    ...(isUnlocalised && { isUnlocalised }),
    load: async () => [],
    render: () => '',
    async *all() {},
  });

const kinds = [
  kind('home', '/'),
  kind('product', '/products/:slug'),
  kind('collection', '/c/*'),
  kind('sitemap', '/sitemap-:number.xml', true),
];
const paths = createPagePaths(kinds);

test('a path and the page that it names are found from each other', () => {
  const cases = [
    ['/', 'home', 'en', {}],
    ['/zh', 'home', 'zh', {}],
    ['/products/river-flask', 'product', 'en', { slug: 'river-flask' }],
    ['/zh/products/river-flask', 'product', 'zh', { slug: 'river-flask' }],
    ['/products/zh', 'product', 'en', { slug: 'zh' }],
    ['/c/desk/paper', 'collection', 'en', { '*': 'desk/paper' }],
    ['/products/%E5%B1%B1', 'product', 'en', { slug: '山' }],
    ['/sitemap-3.xml', 'sitemap', 'en', { number: '3' }],
  ] as const;
  for (const [path, name, locale, params] of cases) {
    const ref = paths.find(path);
    assert.deepEqual([ref?.kind.name, ref?.locale, { ...ref?.params }, ref?.path], [name, locale, params, path]);
  }
});

test('a path of no kind names no page', () => {
  for (const path of [
    '/zhx',
    '/products',
    '/products/',
    '/products/a/b',
    '/c/',
    '/zh/sitemap-3.xml',
    '/products/%',
    '',
  ]) {
    assert.equal(paths.find(path), undefined, path);
  }
});

test('a page is one in each language that its kind has', () => {
  const all = kinds.flatMap((each) => pageRefs(each, { slug: 'a', '*': 'b/ü', number: '1' }));
  assert.deepEqual(
    all.map(({ path }) => path),
    ['/', '/zh', '/products/a', '/zh/products/a', '/c/b/%C3%BC', '/zh/c/b/%C3%BC', '/sitemap-1.xml'],
  );
});
