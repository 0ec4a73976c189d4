import assert from 'node:assert/strict';
import test from 'node:test';
import { createCacheProxy } from '../../src/edge/cache/proxy.ts';
import { listening } from '../../src/edge/cache/testing.ts';
import { runQuickChecks } from './http-cache-suite.ts';

// docs/edge-cache.md says why.
const notPassed = [
  'partial-store-partial-complete',
  'partial-store-partial-reuse-partial',
  'partial-store-partial-reuse-partial-absent',
  'partial-store-partial-reuse-partial-byterange',
  'partial-store-partial-reuse-partial-suffix',
];

test('the checks of an independent suite that need no waiting are passed, but for those that contradict themselves', async () => {
  const { count, failed } = await runQuickChecks(async (upstream) => {
    const proxy = createCacheProxy({ clock: { nowMs: Date.now }, upstream, bytesMax: 16 * 1024 * 1024 });
    const port = await listening(proxy.server);
    return { url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: () => proxy.close(0) };
  });
  assert.deepEqual(failed, notPassed);
  assert.ok(count > 100, `${count} checks`);
});
