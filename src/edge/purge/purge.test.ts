import assert from 'node:assert/strict';
import test from 'node:test';
import { cachePurged } from './events.ts';
import { createPurgeRules, findFaults, pathOf, urlsElsewhere } from './purge.ts';

const { topics, purgeOf } = createPurgeRules({
  topics: ['product.changed'],
  tagsTouchedBy: ({ payload }) => [`product:${payload.slug}`, 'products'],
});
const change = (slug: string) => ({ topic: 'product.changed', payload: { version: 1, slug } });

test('changes are purged by what they touch, together with what there was no room for', () => {
  assert.deepEqual(topics, ['product.changed', 'cache.purged']);
  assert.deepEqual(purgeOf([change('a'), change('b')]), {
    tags: ['product:a', 'products', 'product:b', 'crowd'],
    groups: [],
    urls: [],
    everything: false,
  });
});

test('purges by hand say themselves what is meant', () => {
  const byHand = [{ tags: ['media'], urls: ['/a'] }, { groups: ['sales'], urls: ['/a'] }, { everything: true }];
  const events = byHand.map((input) => cachePurged('id', input));
  assert.deepEqual(purgeOf(events), { tags: ['media', 'crowd'], groups: ['sales'], urls: ['/a'], everything: true });
  assert.equal(purgeOf(events.slice(0, 2)).everything, false);
});

test('an address of the shop is its path and query, written as requests have it', () => {
  assert.equal(pathOf('/v1/products?sort=price'), '/v1/products?sort=price');
  assert.equal(pathOf('https://shop.example/products/größe'), '/products/gr%C3%B6%C3%9Fe');
  assert.equal(pathOf('/a/../b'), '/b');
  for (const url of [
    'product:a',
    'products',
    '//evil.example/a',
    '',
    'ftp://shop.example/a',
    'http://',
    'javascript:a',
  ]) {
    assert.equal(pathOf(url), undefined, url);
  }
});

test('an address of another host is known where the shop knows its own', () => {
  const urls = [
    '/a',
    'https://shop.example/a',
    'http://SHOP.example/b',
    'https://shop.example:8443/a',
    'https://b.example/a',
  ];
  const elsewhere = ['https://shop.example:8443/a', 'https://b.example/a'];
  assert.deepEqual(urlsElsewhere(urls, 'https://shop.example'), elsewhere);
  assert.deepEqual(urlsElsewhere(urls, undefined), []);
});

test('a purge of nothing or of nowhere is told what is wrong', () => {
  assert.match(findFaults({})[0]?.detail ?? '', /names nothing/);
  assert.match(findFaults({ tags: [], everything: false })[0]?.detail ?? '', /names nothing/);
  assert.deepEqual(
    findFaults({ urls: ['/a', 'nowhere'] }).map(({ pointer }) => pointer),
    ['/urls/1'],
  );
  assert.deepEqual(findFaults({ everything: true }), []);
});

test('a tag that nothing can carry is told so', () => {
  const pointers = (tags: string[], groups: string[] = []) =>
    findFaults({ tags, groups }).map(({ pointer }) => pointer);
  const long = 'a'.repeat(501);
  assert.deepEqual(pointers(['product:a,product:b', 'media', 'product:a product:b', '\t', long]), [
    '/tags/0',
    '/tags/2',
    '/tags/3',
    '/tags/4',
  ]);
  assert.deepEqual(pointers(['product:größe', `list:${'a'.repeat(300)}`, 'hash-0f']), []);
  // A group is a string of RFC 9651, which may have blanks.
  assert.deepEqual(pointers([], ['all of it', long]), ['/groups/1']);
});
