import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { acceptedEncoding } from '../../platform/api/accepted-encoding.ts';
import { compressed } from './compress.ts';

const headers = [
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['GZIP;q=0.5', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['br;q=0, *;q=0', 'identity'],
  ['*', 'br'],
  ['identity', 'identity'],
  ['', 'identity'],
  [undefined, 'identity'],
  ['br;q=nonsense', 'identity'],
] as const;

for (const [header, encoding] of headers) {
  test(`${header ?? 'no header'} gets ${encoding}`, () => assert.equal(acceptedEncoding(header), encoding));
}

test('what is compressed is what was said, and what is small stays as it is', async () => {
  for (const paragraphCount of [500, 50_000]) {
    const page = Buffer.from('<p>a page</p>'.repeat(paragraphCount));
    assert.deepEqual(brotliDecompressSync((await compressed(page, 'br')).body), page);
    assert.deepEqual(gunzipSync((await compressed(page, 'gzip')).body), page);
  }
  assert.equal((await compressed(Buffer.from('small'), 'br')).encoding, 'identity');
});
