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

test('a real queue at a real shop whose process is killed in the middle: every promise is kept', async () => {
  const env = { ONRUSH_HOME: join(temporaryFolder, 'home'), ONRUSH_LOG_LEVEL: 'error' };
  const report = await runQueueDrill({
    config: readConfig({ env, cwd: temporaryFolder, serviceNames }),
    temporaryFolder,
    waiterCount: 160,
    earlyCount: 100,
    stock: 30,
    pacePerS: 20,
    kills: true,
    seed: 3,
    // As many kinds of people as in the big one, in a hurry.
    pollMsMax: 400,
    times: { leaveAfterMs: 12_000, claimWithinMs: 4_000, passTtlMs: 3_000 },
    earlyMs: 3_000,
    laterMs: 1_500,
    afterwardsMs: 4_000,
    watch: silent,
  });
  const page = { columns: 120, style: (_: string, text: string) => text };
  assert(report.ok, renderQueueReport(report, page));
  const { waiters, early, passes, orders, attempts, kill } = report;
  assert.deepEqual([waiters, early], [160, 100]);
  assert(orders >= 10 && orders <= 30, `${orders} orders`);
  assert(passes >= orders && attempts > 20, `${passes} passes, ${attempts} attempts`);
  assert(kill?.outageMs != null && kill.outageMs > 0);
  assert.deepEqual(readdirSync(temporaryFolder), [], 'nothing is left behind');
});
