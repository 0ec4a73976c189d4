import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { carriedTags, purgedTags } from '../../platform/api/cache-labels.ts';
import { cdnLabels } from './labels.ts';

const label = { tags: ['product:river-flask', 'list:desk/paper'], isAnnounced: true };
const headersOf = (kind: 'cloudflare' | 'fastly' | 'akamai', given = label) => {
  const lines = cdnLabels({ kind, maxAgeS: 3600 }).headers(given);
  return Object.fromEntries(lines.flatMap((name, index) => (index % 2 === 0 ? [[name, lines[index + 1] ?? '']] : [])));
};

test('each CDN finds tags where it looks for them', () => {
  const standard = 'product:river-flask,list:desk/paper';
  assert.equal(headersOf('cloudflare')['cache-tag'], standard);
  assert.equal(headersOf('fastly')['surrogate-key'], 'product:river-flask list:desk/paper');
  assert.equal(headersOf('akamai')['edge-cache-tag'], 'product~3ariver-flask,list~3adesk~2fpaper');
  // The caches of the shop's own processes read the standard header, whatever stands before them.
  for (const kind of ['cloudflare', 'fastly', 'akamai'] as const) assert.equal(headersOf(kind)['cache-tag'], standard);
});

test('only what events tell every change of may be kept for longer than browsers keep it', () => {
  const keep = 'max-age=3600, stale-while-revalidate=60, stale-if-error=86400';
  assert.equal(headersOf('cloudflare')['cdn-cache-control'], keep);
  assert.equal(headersOf('akamai')['cdn-cache-control'], keep);
  assert.equal(headersOf('fastly')['surrogate-control'], keep);
  const unannounced = headersOf('cloudflare', { ...label, isAnnounced: false });
  assert.equal(unannounced['cdn-cache-control'], undefined);
});

test('property: Akamai is told to forget a tag by the name under which it has it, within its limits', () => {
  const { headers, tag } = cdnLabels({ kind: 'akamai', maxAgeS: 60 });
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 200 }), { minLength: 1, maxLength: 100 }), fc.nat(), (tags, pick) => {
      const lines = headers({ tags, isAnnounced: false });
      const carried = (lines[lines.indexOf('edge-cache-tag') + 1] ?? '').split(',');
      assert.equal(carried.length, carriedTags(tags).length);
      assert(carried.every((each) => /^[A-Za-z0-9._~-]{1,128}$/.test(each)));
      const changed = tags[pick % tags.length] as string;
      assert(purgedTags([changed]).some((each) => carried.includes(tag(each))));
    }),
  );
});

test('property: two tags are never one at Akamai', () => {
  const { tag } = cdnLabels({ kind: 'akamai', maxAgeS: 60 });
  const anyTag = fc.stringMatching(/^[!-~]{1,40}$/);
  fc.assert(fc.property(anyTag, anyTag, (a, b) => assert.equal(tag(a) === tag(b), a === b)));
});
