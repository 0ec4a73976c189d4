import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../src/platform/config/config.ts';
import { readRunFile } from '../../src/runtime/run-file.ts';
import { serviceNames } from '../../src/runtime/service-names.ts';
import { DrillFault } from './drill-fault.ts';
import type { SaleReport } from './report.ts';
import { runSaleDrill, type SaleDrillOptions, type SaleWatch } from './sale-drill.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-drill-test-'));
// Started by root, PostgreSQL runs as another user, who must be able to pass.
chmodSync(folder, 0o711);
after(() => rmSync(folder, { recursive: true, force: true }));

/** A folder in which a test sees what it leaves behind. */
function folderOf(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

const silent: SaleWatch = { stage() {}, opened() {}, progress() {}, event() {} };

/** A sale that is long enough to be killed in its middle. */
function optionsIn(temporaryFolder: string): SaleDrillOptions {
  const env = { ONRUSH_HOME: join(temporaryFolder, 'home'), ONRUSH_LOG_LEVEL: 'error' };
  return {
    config: readConfig({ env, cwd: temporaryFolder, serviceNames }),
    isHomeNamed: true,
    temporaryFolder,
    buyerCount: 400,
    stock: 150,
    concurrency: 12,
    cartCount: 0,
    seed: 7,
    watch: silent,
  };
}

function brokenPromises({ promises }: SaleReport): string {
  return JSON.stringify(
    promises.filter(({ isKept }) => !isKept),
    null,
    2,
  );
}

/** What scripts rely on. */
const promisedKeys = [
  'buyers',
  'stock',
  'sold',
  'oversold',
  'lostAcknowledged',
  'duplicateOrders',
  'ledgerSum',
  'acknowledgedPerSecond',
  'p50Ms',
  'p99Ms',
  'soldOutMs',
  'errors',
  'ok',
];

// Each on a shop of its own, and mostly waiting: for a bank that is slow, for a lease that runs out.
suite('a real sale on a real shop', { concurrency: true }, () => {
  test('from the command line, with carts beside it: every promise is kept, and nothing is left behind', async () => {
    const temporaryFolder = folderOf('mix');
    const args = '--buyers 400 --stock 50 --concurrency 40 --mix --json --seed 7'.split(' ');
    const { code, out, err } = await onrush(['drill', 'sale', ...args], { TMPDIR: temporaryFolder });
    assert.equal(code, 0, err + out);
    const report = JSON.parse(out) as SaleReport;
    for (const key of promisedKeys) assert(key in report, key);
    const { buyers, stock, sold, oversold, lostAcknowledged, duplicateOrders, ledgerSum, errors, ok } = report;
    assert.deepEqual([buyers, stock, sold], [400, 50, 50]);
    assert.deepEqual([oversold, lostAcknowledged, duplicateOrders, ledgerSum, errors, ok], [0, 0, 0, 0, 0, true]);
    assert(report.soldOutMs !== null && report.soldOutMs > 0);
    assert(report.carts > 0 && report.acknowledgedOrders > 50, `${report.acknowledgedOrders} orders`);
    assert.deepEqual(readdirSync(temporaryFolder), []);
  });

  test('the database is killed in the middle: everything acknowledged is there when it is back', async (t) => {
    const options = optionsIn(folderOf('database'));
    const report = await runSaleDrill({ ...options, victim: 'database' });
    assert(report.ok, brokenPromises(report));
    assert.equal(report.sold, 150);
    assert.equal(report.kill?.process, 'database');
    assert(report.kill.sold >= 50 && report.kill.sold < 150, `killed at ${report.kill.sold}`);
    assert(report.kill.outageMs !== null && report.kill.outageMs > 0);
    assert(report.retries > 0);

    await t.test('broken off in the middle, a drill stops what it started', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const watch: SaleWatch = { ...silent, progress: () => controller.abort(reason) };
      await assert.rejects(runSaleDrill({ ...options, watch, signal: controller.signal }), reason);
      assert.equal(readRunFile(options.config.home), undefined);
      // Its home has a name, and stays.
      assert.deepEqual(readdirSync(options.temporaryFolder), ['home']);
    });
  });

  test('the shop’s process is killed in the middle: everything acknowledged is there when it is back', async () => {
    const report = await runSaleDrill({ ...optionsIn(folderOf('app')), victim: 'app' });
    assert(report.ok, brokenPromises(report));
    assert.equal(report.sold, 150);
    assert.equal(report.kill?.process, 'app');
    assert(report.missingAnswers > 0);
  });
});

test('a shop elsewhere needs its database and its token, and must be there', async () => {
  const config = optionsIn(folderOf('nowhere'));
  const options = { ...config, url: 'http://127.0.0.1:9' };
  const faultWith = (pattern: RegExp) => (error: unknown) => error instanceof DrillFault && pattern.test(error.message);
  await assert.rejects(runSaleDrill(options), faultWith(/--database-url/));
  const databaseUrl = 'postgresql://nobody@127.0.0.1:9/none';
  await assert.rejects(runSaleDrill({ ...options, databaseUrl }), faultWith(/ONRUSH_ADMIN_TOKEN/));
  const withToken = { ...options.config, adminToken: 'token-of-somebody' };
  await assert.rejects(runSaleDrill({ ...options, databaseUrl, config: withToken }), faultWith(/does not answer/));
});

function onrush(
  line: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; out: string; err: string }> {
  const program = fileURLToPath(new URL('../../bin/onrush.ts', import.meta.url));
  const child = spawn(process.execPath, [program, ...line], {
    env: { PATH: process.env.PATH, ONRUSH_HOME: join(folder, 'unused'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    said.err += String(chunk);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...said }));
  });
}
