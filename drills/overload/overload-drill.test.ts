import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readConfig } from '../../src/platform/config/config.ts';
import { serviceNames } from '../../src/runtime/service-names.ts';
import { runOverloadDrill } from './overload-drill.ts';
import { renderOverloadReport } from './render-report.ts';
import { importances } from './setup.ts';

const folder = mkdtempSync(join(tmpdir(), 'onrush-overload-test-'));
// Started by root, PostgreSQL runs as another user, who must be able to pass.
chmodSync(folder, 0o711);
after(() => rmSync(folder, { recursive: true, force: true }));

// How fast it was is no matter here: only that it was measured, and that no promise about data broke meanwhile.
test('a small overload of a real shop: what was paid is there, and everybody is accounted for', async () => {
  const temporaryFolder = join(folder, 'drill');
  mkdirSync(temporaryFolder);
  const env = { ONRUSH_HOME: join(folder, 'home'), ONRUSH_LOG_LEVEL: 'error' };
  const report = await runOverloadDrill({
    config: readConfig({ env, cwd: folder, serviceNames }),
    temporaryFolder,
    stepMs: 500,
    factors: [3],
    sessionsAtOnceMax: 64,
    seed: 7,
    watch: { stage() {}, progress() {}, event() {} },
  });
  assert.deepEqual(
    report.promises.filter(({ isKept }) => !isKept),
    [],
  );
  assert(report.ok, renderOverloadReport(report, { columns: 80, style: (_, each) => each }));
  assert(report.paidOrders > 0);
  assert.deepEqual(
    report.steps.map(({ factor, isAfter }) => [factor, isAfter]),
    [
      [0.5, false],
      [3, false],
      [0.5, true],
    ],
  );
  for (const name of importances) {
    // So short a step may happen to have none of them.
    assert(
      report.steps.some((step) => step.of[name].offeredPerS > 0),
      `nothing ${name} was asked`,
    );
    for (const step of report.steps) {
      const { offeredPerS, wellPerS, shedPerS, failedPerS } = step.of[name];
      assert(Math.abs(offeredPerS - wellPerS - shedPerS - failedPerS) < 0.5, `${step.factor}× ${name}`);
    }
  }
  assert.deepEqual(readdirSync(temporaryFolder), [], 'nothing is left behind');

  // Where it lies is as long as it is.
  const shop = 'a shop of its own in /tmp/onrush-drill';
  const text = renderOverloadReport({ ...report, shop }, { columns: 80, style: (_, each) => each });
  const tooWide = text.split('\n').filter((line) => line.length > 80);
  assert.deepEqual(tooWide, []);
});
