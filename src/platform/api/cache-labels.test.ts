import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { carriedTags, crowdTag, purgedTags, standardLabels } from './cache-labels.ts';

const headersOf = (tags: readonly string[]) => {
  const lines = standardLabels({ tags, isAnnounced: false });
  return Object.fromEntries(lines.flatMap((name, index) => (index % 2 === 0 ? [[name, lines[index + 1] ?? '']] : [])));
};

test('tags stand in Cache-Tag, and those that RFC 9875 has room for in Cache-Groups as strings', () => {
  const long = `product:${'river-'.repeat(6)}flask`;
  assert.deepEqual(headersOf(['products', long, 'products']), {
    'cache-tag': `products,${long}`,
    'cache-groups': '"products"',
  });
  assert.deepEqual(headersOf([]), {});
});

test('what cannot stand in a header is carried, and purged, as the same hash', () => {
  for (const tag of ['two words', 'a,b', 'line\r\nset-cookie: a=1', 'größe', '"quoted"', 'x'.repeat(121), '']) {
    const [carried = ''] = carriedTags([tag]);
    assert.match(carried, /^hash-[0-9a-f]{32}$/);
    assert(purgedTags([tag]).includes(carried));
  }
});

// Tags as nobody would write them, and so many that there is no room for all.
const anyTags = fc.array(fc.oneof(fc.string({ maxLength: 200 }), fc.constantFrom('products', 'variant:a')), {
  maxLength: 150,
});

test('property: whichever tag of an answer is purged, the answer is among what is purged', () => {
  fc.assert(
    fc.property(anyTags, fc.nat(), (tags, pick) => {
      fc.pre(tags.length > 0);
      const changed = tags[pick % tags.length] as string;
      const carried = new Set(carriedTags(tags));
      assert(purgedTags([changed]).some((tag) => carried.has(tag)));
    }),
  );
});

test('property: however many and however long, the headers stay within what every CDN takes', () => {
  fc.assert(
    fc.property(anyTags, (tags) => {
      const { 'cache-tag': cacheTag = '', 'cache-groups': groups = '' } = headersOf(tags);
      assert(cacheTag.length <= 16 * 1024);
      assert(cacheTag.split(',').length <= 128);
      assert.match(cacheTag, /^[\x21-\x7e]*$/);
      assert(cacheTag.split(',').every((tag) => tag.length <= 128));
      assert(groups.split(', ').length <= 32);
      assert.match(groups, /^(?:"[\x21\x23-\x5b\x5d-\x7e]{1,32}"(?:, |$))*$/);
    }),
  );
});

test('what there is no room for is carried as the crowd, which every purge meets', () => {
  const tags = Array.from({ length: 70 }, (_, index) => `variant:${index}`);
  const carried = carriedTags(tags);
  assert.equal(carried.length, 64);
  assert.equal(carried.at(-1), crowdTag);
  assert(purgedTags(['variant:69']).includes(crowdTag));
  assert.deepEqual(purgedTags([]), []);
});
