import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { blobKey, decodeBlob } from '../pages/static/blob.ts';
import { dismissKeeper, keepAlive } from '../pages/static/store-keeper.ts';
import { createDirectoryStore } from '../platform/storage/directory-store.ts';
import { testDatabase } from '../platform/testing/database.ts';
import { homeAt } from '../runtime/home.ts';
import { runCommandLine } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-pages-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const database = await testDatabase([]);
const home = join(folder, 'home');
const env = { ONRUSH_HOME: home, DATABASE_URL: database.url };
const files = createDirectoryStore(homeAt(home).filesDir);

async function onrush(...line: string[]) {
  return runCommandLine(line, { env, cwd: folder });
}

async function put(products: readonly { slug: string; title: string }[]): Promise<void> {
  const path = join(folder, 'products.jsonl');
  const lines = products.map(({ slug, title }) => {
    const prices = [{ currency: 'EUR', amountMinor: 1200 }];
    return JSON.stringify({ slug, title, state: 'published', variants: [{ sku: slug, prices, onHand: 2 }] });
  });
  writeFileSync(path, `${lines.join('\n')}\n`);
  const { code, err } = await onrush('import', path);
  assert.equal(code, 0, err);
}

async function build(...options: string[]) {
  const { code, out, err } = await onrush('pages', 'build', '--processes', '2', '--json', ...options);
  assert.equal(code, 0, err);
  return JSON.parse(out) as { builtCount: number; freshCount: number };
}

async function htmlOf(path: string): Promise<string> {
  const bytes = await files.read(blobKey(path));
  const page = bytes && decodeBlob(bytes);
  assert(page !== undefined, `${path} is stored`);
  const html = gunzipSync(page.gzip).toString();
  assert.equal(brotliDecompressSync(page.brotli).toString(), html);
  return html;
}

test('before anything is stored, status says how to begin', async () => {
  const { code, out } = await onrush('pages', 'status');
  assert.equal(code, 0);
  assert.match(out, /No page is stored yet/);
});

test('a build stores every page in every language, a second one finds them as they should be', async () => {
  await put([
    { slug: 'lamp', title: 'Lamp' },
    { slug: 'hostile', title: '<script>alert(1)</script>"><img src=x onerror=alert(2)>' },
  ]);
  const first = await build();
  assert(first.builtCount >= 6, `${first.builtCount} pages`);
  assert.match(await htmlOf('/products/lamp'), /<html lang="en"/);
  assert.match(await htmlOf('/zh/products/lamp'), /<html lang="zh-Hans"/);
  assert.deepEqual(await build().then(({ builtCount, freshCount }) => [builtCount, freshCount]), [0, first.builtCount]);
  assert.equal((await build('--all')).builtCount, first.builtCount);

  const { out } = await onrush('pages', 'status', '--json');
  const { kinds, stale } = JSON.parse(out) as { kinds: { kind: string; storedCount: number }[]; stale: unknown[] };
  assert.equal(kinds.find(({ kind }) => kind === 'product')?.storedCount, 4);
  assert.deepEqual(stale, []);
});

test('a product whose name is markup is shown as its name', async () => {
  for (const path of ['/products/hostile', '/zh/products/hostile', '/', '/new.rss']) {
    const html = await htmlOf(path);
    assert(!/<script>alert|<img src=x/.test(html), path);
  }
  assert.match(await htmlOf('/products/hostile'), /&lt;script>alert\(1\)|&lt;script&gt;alert\(1\)/);
});

test('after an import while the shop is closed, a build makes anew what it changed and leaves the rest', async () => {
  await put([{ slug: 'lamp', title: 'Brass lamp' }]);
  const { builtCount, freshCount } = await build();
  assert.match(await htmlOf('/products/lamp'), /Brass lamp/);
  assert(builtCount >= 2 && freshCount >= 2, `${builtCount} built, ${freshCount} as they should be`);
});

test('while a shop with other settings runs, its pages are left to it', async () => {
  const keeper = { keeperId: '01900000-0000-7000-8000-000000000001', buildId: 'another' };
  await keepAlive(database, keeper, Date.now(), 30_000);
  const { code, out, err } = await onrush('pages', 'build', '--processes', '1', '--json');
  assert.deepEqual([code, out], [1, '']);
  assert.match(err, /A shop of another version or with other settings is running/);
  await dismissKeeper(database, keeper.keeperId);
  assert.equal((await build()).builtCount, 0);
});

test('what makes no sense is told in a sentence', async () => {
  for (const line of [['pages'], ['pages', 'burn'], ['pages', 'build', '--processes', '0']]) {
    const { code, err } = await onrush(...line);
    assert.equal(code, 2);
    assert.match(err, /onrush pages|--processes/);
  }
});
