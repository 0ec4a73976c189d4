import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { watchDisk } from './disk-watch.ts';
import { createLateness } from './lateness.ts';
import { machineMs } from './machine-clock.ts';

test('writes are taken down one after the other, the one under way too, and nothing is left behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'onrush-disk-watch-'));
  try {
    const beganAtMs = machineMs();
    {
      await using disk = await watchDisk(folder);
      while (disk.writes().length < 3) await new Promise((resolve) => setImmediate(resolve));
      const writes = disk.writes();
      assert((writes[0]?.fromMs ?? 0) >= beganAtMs);
      for (const [index, { fromMs }] of writes.entries()) assert(fromMs >= (writes[index - 1]?.untilMs ?? 0));
    }
    assert.deepEqual(readdirSync(folder), []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a timer that comes late tells how long the process was held up, before it has come too', () => {
  const lateness = createLateness(10, 1_000);
  lateness.beat(1_010);
  lateness.beat(1_024);
  assert.equal(lateness.totalMs(1_034), 0, 'a few milliseconds are nothing');
  assert.equal(lateness.totalMs(1_334), 300, 'it should have come at 1,034');
  lateness.beat(1_334);
  assert.equal(lateness.totalMs(1_340), 300);
  lateness.beat(1_384);
  assert.equal(lateness.totalMs(1_384), 340);
});
