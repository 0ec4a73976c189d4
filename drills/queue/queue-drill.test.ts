import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readConfig } from '../../src/platform/config/config.ts';
import { serviceNames } from '../../src/runtime/service-names.ts';
import { type QueueWatch, runQueueDrill } from './queue-drill.ts';
import { renderQueueReport } from './render-report.ts';

const temporaryFolder = mkdtempSync(join(tmpdir(), 'onrush-queue-test-'));
// Started by root, PostgreSQL runs as another user, who must be able to pass.
chmodSync(temporaryFolder, 0o711);
after(() => rmSync(temporaryFolder, { recursive: true, force: true }));

const silent: QueueWatch = { stage() {}, opened() {}, progress() {}, event() {} };

test('a real queue at a real shop that is killed in the middle: every promise is kept, and nothing is left behind', async () => {
  const env = { ONRUSH_HOME: join(temporaryFolder, 'home'), ONRUSH_LOG_LEVEL: 'error' };
  const report = await runQueueDrill({
    config: readConfig({ env, cwd: temporaryFolder, serviceNames }),
    temporaryFolder,
    waiterCount: 160,
    earlyCount: 100,
    stock: 40,
    pacePerS: 30,
    kills: true,
    seed: 3,
    // As many kinds of people as in the big one, in a hurry.
    pollMsMax: 400,
    times: { leaveAfterMs: 12_000, claimWithinMs: 2_500, passTtlMs: 2_500 },
    earlyMs: 2_500,
    laterMs: 700,
    // More than it takes, unless the machine is busy.
    afterwardsMs: 8_000,
    watch: silent,
  });
  const page = { columns: 120, style: (_: string, text: string) => text };
  assert(report.ok, renderQueueReport(report, page));
  const { waiters, early, passes, orders, attempts } = report;
  assert.deepEqual([waiters, early, report.kill?.process], [160, 100, 'app']);
  assert(orders > 0 && orders <= 40, `${orders} orders`);
  assert(passes >= orders && attempts > 0, `${passes} passes, ${attempts} attempts`);
  assert.deepEqual(readdirSync(temporaryFolder), []);
});
