import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { identify, isRunning, type ProcessIdentity } from '../../src/engines/os-process.ts';
import { readConfig } from '../../src/platform/config/config.ts';
import { homeAt } from '../../src/runtime/home.ts';
import { readRunFile, writeRunFile } from '../../src/runtime/run-file.ts';
import { serviceNames } from '../../src/runtime/service-names.ts';
import { DrillFault } from './drill-fault.ts';
import type { SaleReport } from './report.ts';
import { runSaleDrill, type SaleDrillOptions, type SaleWatch } from './sale-drill.ts';
import { openDrilledShop } from './shop-access.ts';

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
    isHere: false,
    temporaryFolder,
    buyerCount: 400,
    stock: 150,
    concurrency: 12,
    cartCount: 0,
    seed: 7,
    watch: silent,
  };
}

/** What a running shop leaves for others to find; its supervisor is this very process. */
function pretendShopRuns(home: string) {
  const supervisor = identify(process.pid);
  assert(supervisor);
  const url = 'http://127.0.0.1:9';
  const database = { kind: 'embedded', url: 'postgresql://nobody@127.0.0.1:9/none', pid: process.pid } as const;
  mkdirSync(dirname(homeAt(home).runFile), { recursive: true });
  writeRunFile(home, { supervisor, startedAtMs: Date.now(), state: 'ready', url, database, processes: [] });
  return { url, database };
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
    // A shop runs in the owner's home, as far as the drill can tell. It has no part in this: its database is nowhere.
    const home = join(folderOf('owners'), 'home');
    pretendShopRuns(home);
    const args = '--buyers 400 --stock 50 --concurrency 40 --mix --json --seed 7'.split(' ');
    const { code, out, err } = await onrush(['drill', 'sale', ...args], { TMPDIR: temporaryFolder, ONRUSH_HOME: home });
    assert.equal(code, 0, err + out);
    const report = JSON.parse(out) as SaleReport;
    for (const key of promisedKeys) assert(key in report, key);
    const { buyers, stock, sold, oversold, lostAcknowledged, duplicateOrders, ledgerSum, errors, ok } = report;
    assert.deepEqual([buyers, stock], [400, 50]);
    // What is given back when nobody is left to want it stays; that no more is left than that is one of the promises.
    assert(sold > 40 && sold <= 50, `${sold} sold`);
    assert.deepEqual([oversold, lostAcknowledged, duplicateOrders, ledgerSum, errors, ok], [0, 0, 0, 0, 0, true]);
    assert(report.soldOutMs !== null && report.soldOutMs > 0);
    assert(report.carts > 0 && report.acknowledgedOrders > 50, `${report.acknowledgedOrders} orders`);
    assert.deepEqual(readdirSync(temporaryFolder), []);
  });

  test('the database is killed in the middle: everything acknowledged is there when it is back', async (t) => {
    const options = optionsIn(folderOf('database'));
    const report = await runSaleDrill({ ...options, victim: 'database' });
    assert(report.ok, brokenPromises(report));
    assert(report.sold > 130 && report.sold <= 150, `${report.sold} sold`);
    assert.equal(report.kill?.process, 'database');
    assert(report.kill.sold >= 50 && report.kill.sold < 150, `killed at ${report.kill.sold}`);
    assert(report.kill.outageMs !== null && report.kill.outageMs > 0);
    assert(report.retries > 0);

    await t.test('broken off in the middle, a drill stops what it started', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      let supervisor: ProcessIdentity | undefined;
      let home = '';
      const watch: SaleWatch = {
        ...silent,
        progress() {
          const name = readdirSync(options.temporaryFolder).find((each) => each.startsWith('onrush-drill-'));
          if (name !== undefined && home === '') home = join(options.temporaryFolder, name);
          supervisor ??= readRunFile(home)?.supervisor;
          controller.abort(reason);
        },
      };
      await assert.rejects(runSaleDrill({ ...options, watch, signal: controller.signal }), reason);
      assert(supervisor !== undefined && !isRunning(supervisor));
      assert.deepEqual(readdirSync(options.temporaryFolder), []);
    });
  });

  test('the shop’s process is killed in the middle: everything acknowledged is there when it is back', async () => {
    const report = await runSaleDrill({ ...optionsIn(folderOf('app')), victim: 'app' });
    assert(report.ok, brokenPromises(report));
    assert(report.sold > 130 && report.sold <= 150, `${report.sold} sold`);
    assert.equal(report.kill?.process, 'app');
    assert(report.missingAnswers > 0);
  });
});

test('the shop that runs in the home is drilled where it is asked for, and killed only where it is meant by name', async () => {
  const { config, temporaryFolder } = optionsIn(folderOf('here'));
  const choice = { config: { ...config, adminToken: 'token' }, temporaryFolder, tell() {} };
  const none = (error: unknown) => error instanceof DrillFault && /^No shop runs in .*--here/.test(error.message);
  await assert.rejects(openDrilledShop({ ...choice, isHere: true }), none);
  const { url, database } = pretendShopRuns(config.home);
  const here = await openDrilledShop({ ...choice, isHere: true });
  assert.deepEqual([here.url, here.databaseUrl(), here.pidOf('database')], [url, database.url, database.pid]);
  const byUrl = await openDrilledShop({ ...choice, isHere: false, url });
  assert.deepEqual([byUrl.url, byUrl.databaseUrl(), byUrl.pidOf('database')], [url, database.url, undefined]);
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
  // Compiled code is kept for all processes of a run: each loads half a shop.
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [program, ...line], {
    env: { PATH, NODE_COMPILE_CACHE, ONRUSH_HOME: join(folder, 'unused'), ...env },
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
