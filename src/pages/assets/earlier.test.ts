import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Assets } from './assets.ts';
import { earlierBundles } from './earlier.ts';
import { loadAssets } from './load.ts';

const cacheDir = mkdtempSync(join(tmpdir(), 'onrush-assets-'));
after(() => rmSync(cacheDir, { recursive: true, force: true }));
const dayMs = 24 * 60 * 60_000;
const nowMs = Date.now();

function bundle(name: string, madeAtMs: number): string {
  const folder = join(cacheDir, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}-hash.js`), `export const of = '${name}';`);
  writeFileSync(join(folder, 'manifest.json'), '{}');
  utimesSync(join(folder, 'manifest.json'), madeAtMs / 1000, madeAtMs / 1000);
  return folder;
}

const current = (assets: Assets, url: string) => assets.file(url.replace('/assets/', ''));

test('the newest few are served, and only old ones beyond what is kept are deleted', async () => {
  const ages = Array.from({ length: 14 }, (_, days) => bundle(`v${days}`, nowMs - days * dayMs));
  mkdirSync(join(cacheDir, '.draft-x'));
  const [current = ''] = ages;
  assert.deepEqual(await earlierBundles(current, nowMs), ages.slice(1, 4));
  assert.deepEqual(
    ages.map((folder) => existsSync(folder)),
    ages.map((_, index) => index <= 10),
  );
  assert(existsSync(join(cacheDir, '.draft-x')), 'somebody may be bundling into it');
});

test('what was bundled before is still served beside what is bundled now', async () => {
  const assets = await loadAssets({ cacheDir });
  assert.match(assets.file('v0-hash.js')?.identity.toString() ?? '', /of = 'v0'/);
  assert(current(assets, assets.entry('storefront').script) !== undefined);
  assert.equal(assets.file('v9-hash.js'), undefined);
});

test('texts are there in every encoding, when they have just been bundled as later', async () => {
  for (const assets of [await loadAssets({ cacheDir }), await loadAssets({ cacheDir })]) {
    const { script, styles, fonts } = assets.entry('storefront');
    for (const url of [script, ...styles]) {
      const { identity, brotli, gzip } = current(assets, url) ?? assert.fail(`${url} is there`);
      assert(brotli !== undefined && gzip !== undefined, url);
      assert.deepEqual([brotliDecompressSync(brotli), gunzipSync(gzip)], [identity, identity]);
    }
    for (const url of fonts) assert.deepEqual(Object.keys(current(assets, url) ?? {}), ['contentType', 'identity']);
  }
});
