import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { createLog } from '../telemetry/log.ts';
import { createPoller, type PollerOptions } from './poller.ts';

/** A poller on a clock of the test's own, and when it looked. `look` decides by the number of the look, from 0. */
function simulated(
  t: TestContext,
  look: (index: number) => boolean,
  options: Partial<Pick<PollerOptions, 'pollMs' | 'restMsMax'>> = { restMsMax: 200 },
) {
  let nowMs = 0;
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.mock.method(performance, 'now', () => nowMs);
  const lookedAtMs: number[] = [];
  const poller = createPoller({
    async look() {
      return look(lookedAtMs.push(nowMs) - 1);
    },
    pollMs: 1_000,
    log: createLog({ level: 'silent', destination: { write() {} }, clock: { nowMs: () => nowMs } }),
    name: 'test',
    ...options,
  });
  /** A millisecond at a time, and all that follows from each. */
  async function pass(ms: number, each?: () => void): Promise<void> {
    for (let left = ms; left > 0; left--) {
      nowMs += 1;
      t.mock.timers.tick(1);
      await settled();
      each?.();
    }
  }
  return { poller, lookedAtMs, pass };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const gaps = (atMs: readonly number[]) => atMs.slice(1).map((each, index) => each - (atMs[index] ?? 0));

test('while there is more all the time it rests longer and longer, up to the most it may', async (t) => {
  const { poller, lookedAtMs, pass } = simulated(t, () => true);
  poller.start();
  await settled();
  await pass(1_000);
  assert.deepEqual(gaps(lookedAtMs), [40, 60, 90, 135, 200, 200, 200]);
  await poller.stop();
});

test('however often it is nudged, it rests as long', async (t) => {
  const { poller, lookedAtMs, pass } = simulated(t, () => false);
  poller.start();
  await settled();
  await pass(800, poller.nudge);
  assert.deepEqual(gaps(lookedAtMs), [40, 60, 90, 135, 200, 200]);
  await poller.stop();
});

test('one quiet look, and the rests are short again', async (t) => {
  const quietLook = 5;
  const { poller, lookedAtMs, pass } = simulated(t, (index) => index !== quietLook);
  poller.start();
  await settled();
  await pass(1_500);
  assert.deepEqual(gaps(lookedAtMs).slice(0, quietLook), [40, 60, 90, 135, 200]);
  assert.deepEqual(gaps(lookedAtMs).slice(quietLook + 1, quietLook + 4), [40, 60, 90]);
  await poller.stop();
});

test('while nothing happens it looks less and less often, and a nudge has it look at once', async (t) => {
  const { poller, lookedAtMs, pass } = simulated(t, () => false);
  poller.start();
  await settled();
  await pass(5_000);
  assert.deepEqual(gaps(lookedAtMs).slice(0, 6), [80, 160, 320, 640, 1_000, 1_000]);
  const lookCount = lookedAtMs.length;
  await pass(100);
  assert.equal(lookedAtMs.length, lookCount);
  poller.nudge();
  await settled();
  assert.equal(lookedAtMs.length, lookCount + 1);
  await poller.stop();
});

for (const [options, restMs] of [
  [{}, 40],
  [{ pollMs: 25, restMsMax: 200 }, 25],
] as const) {
  test(`it rests ${restMs} ms however long there is more, if it may rest or poll no longer`, async (t) => {
    const { poller, lookedAtMs, pass } = simulated(t, () => true, options);
    poller.start();
    await settled();
    await pass(4 * restMs);
    assert.deepEqual(gaps(lookedAtMs), [restMs, restMs, restMs, restMs]);
    await poller.stop();
  });
}

test('a stop does not wait for the end of a rest', async (t) => {
  const { poller, lookedAtMs, pass } = simulated(t, () => true);
  poller.start();
  await settled();
  await pass(500);
  const lookCount = lookedAtMs.length;
  await poller.stop();
  await pass(500);
  assert.equal(lookedAtMs.length, lookCount);
});
