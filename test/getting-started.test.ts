import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startedShop } from './started-shop.ts';

const page = fileURLToPath(new URL('../docs/getting-started.md', import.meta.url));

/** The examples of a page, in their order; those marked `no-test` are left out. */
function examplesIn(markdown: string): string[] {
  return [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
}

test('docs/getting-started.md does what it says, from the first look to a sale price', async (t) => {
  const shop = await startedShop(t);
  const folder = await mkdtemp(join(tmpdir(), 'onrush-docs-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const script = examplesIn(await readFile(page, 'utf8'))
    .join('\n')
    .replaceAll('http://127.0.0.1:7070', shop.url)
    .replaceAll('/tmp/', `${folder}/`)
    // An answer that is an error fails the example.
    .replaceAll('curl -s', 'curl -sf');
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
    env: { ...process.env, ONRUSH_HOME: shop.home },
  });

  assert(stdout.includes('fellside-45-rucksack'), 'the search forgives a typing error');
  assert.match(stdout, /^placed$/m, 'an order is placed');
  assert.match(stdout, /paid$/m, 'and paid');
  assert(stdout.includes('"state":"captured"'));
  assert(stdout.trim().endsWith('1500'), "the sale's price is quoted");
});
