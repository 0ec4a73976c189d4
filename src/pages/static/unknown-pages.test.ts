import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { standardLabels } from '../../platform/api/cache-labels.ts';
import { Refusal } from '../../platform/api/refusal.ts';
import { createDirectoryStore } from '../../platform/storage/directory-store.ts';
import { createMetrics } from '../../platform/telemetry/metrics.ts';
import { rememberingLog } from '../../platform/testing/log.ts';
import { blobKey, encodeBlob } from './blob.ts';
import type { PageKind } from './page-kind.ts';
import type { PageRef } from './page-paths.ts';
import { createShelf } from './shelf.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-unknown-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const kind = { name: 'thing', path: '/things/:slug' } as PageKind;
const refOf = (slug: string): PageRef => ({ kind, params: { slug }, locale: 'en', path: `/things/${slug}` });

test('a flood of made-up addresses is built no faster than its budget, and pages that are there, or were, do not wait for it', async () => {
  const files = createDirectoryStore(folder);
  const built: string[] = [];
  const shelf = createShelf({
    files,
    log: rememberingLog(),
    metrics: createMetrics({ withProcess: false }),
    buildId: () => 'build-2',
    labelHeaders: standardLabels,
    cacheName: 'Pages',
    buildNow: async ({ path }) => {
      built.push(path);
      return { kind: 'none' };
    },
  });
  for (const [slug, buildId] of [
    ['there', 'build-2'],
    ['of-another-release', 'build-1'],
  ] as const) {
    const { path } = refOf(slug);
    const page = { path, buildId, etag: slug, contentType: 'text/html', cacheControl: 'no-store', identityBytes: 1 };
    await files.write(blobKey(path), encodeBlob({ ...page, brotli: Buffer.from('b'), gzip: gzipSync('b') }));
  }

  const startedAtMs = performance.now();
  let refused = 0;
  for (let batch = 0; batch < 30; batch++) {
    const looks = Array.from({ length: 100 }, (_, index) => shelf.find(refOf(`made-up-${batch}-${index}`)));
    for (const result of await Promise.allSettled(looks)) {
      if (result.status === 'fulfilled') assert.equal(result.value, undefined);
      else {
        assert(result.reason instanceof Refusal);
        assert.equal(result.reason.reply.problem.type, '/problems/overloaded');
        refused++;
      }
    }
  }
  const budget = 1_000 + ((performance.now() - startedAtMs) / 1000) * 200;
  assert(built.length <= budget, `${built.length} of ${budget}`);
  assert.equal(built.length + refused, 3_000);
  assert.equal((await shelf.find(refOf('there')))?.page.etag, 'there');
  assert.equal(await shelf.find(refOf('of-another-release')), undefined);
  assert.equal(built.at(-1), '/things/of-another-release');

  // One after the other: at the same time they would share one look.
  const before = built.length;
  for (let look = 0; look < 500; look++) assert.equal(await shelf.find(refOf('of-another-release')), undefined);
  assert(built.length - before < 250, `${built.length - before} of 500: that it is not there was not remembered`);
});
