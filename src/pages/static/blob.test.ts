import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { blobKey, decodeBlob, encodeBlob } from './blob.ts';

const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const anyPage = fc.record(
  {
    path: fc.webPath(),
    buildId: fc.string(),
    etag: fc.string(),
    contentType: fc.string(),
    cacheControl: fc.string(),
    identityBytes: fc.nat(),
    brotli: anyBytes,
    gzip: anyBytes,
  },
  { noNullPrototype: true },
);

test('a stored page is read as it was written', () => {
  fc.assert(fc.property(anyPage, (page) => assert.deepEqual(decodeBlob(encodeBlob(page)), page)));
});

test('what a power cut left of a page is no page', () => {
  fc.assert(
    fc.property(anyPage, fc.nat(), fc.boolean(), (page, at, isZeroed) => {
      const whole = encodeBlob(page);
      const cut = at % whole.length;
      const left = isZeroed
        ? Buffer.concat([whole.subarray(0, cut), Buffer.alloc(whole.length - cut)])
        : whole.subarray(0, cut);
      fc.pre(!left.equals(whole));
      assert.equal(decodeBlob(left), undefined);
    }),
  );
});

test('every path has a key of its own', () => {
  const keys = ['/', '/zh', '/products/a', '/products/A', `/products/${'x'.repeat(400)}`, '/p/ü'].map(blobKey);
  assert.equal(new Set(keys).size, keys.length);
  for (const key of keys) assert.match(key, /^pages\/[0-9a-f]{2}\/[0-9a-f]{38}$/);
});
