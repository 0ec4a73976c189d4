import assert from 'node:assert/strict';
import test from 'node:test';
import { byImportance, emptySlot } from './meter.ts';
import type { Stage } from './setup.ts';
import type { Stretch } from './stalls.ts';
import { createSteadyLoad } from './steady-load.ts';

const bounds = byImportance(() => 50);
const stageOf = (name: string): Stage => ({
  name,
  durationMs: 4_000,
  settleMs: 1_000,
  arrivals: { kind: 'closed', sessions: 64 },
});

/** Runs begin ten seconds apart; in each of these the disk stands still for so long, from two seconds after its beginning. */
function steadyLoad(stallsMs: readonly number[], repeatMsMax = 100_000) {
  let runs = 0;
  const writes: Stretch[] = [];
  const repeats: number[] = [];
  const steady = createSteadyLoad({
    load: {
      async run() {
        const beganAtMs = 10_000 * runs;
        const fromMs = beganAtMs + 2_000;
        writes.push({ fromMs, untilMs: fromMs + (stallsMs[runs] ?? 5) });
        runs += 1;
        return { stages: [], beganAtMs, slots: Array.from({ length: 50 }, () => emptySlot()) };
      },
    },
    disk: { writes: () => writes },
    repeatMsMax,
    onRepeat: (_, stalledMs) => repeats.push(stalledMs),
  });
  return {
    steady,
    repeats,
    get runs() {
      return runs;
    },
  };
}

test('what was measured while the disk did what it should is taken as it is', async () => {
  const one = steadyLoad([90]);
  assert.equal((await one.steady.measure(stageOf('unloaded'), bounds)).length, 30);
  assert.deepEqual([one.runs, one.repeats, [...one.steady.spoilt]], [1, [], []]);
});

test('what the disk stood still in is measured again, three times in all', async () => {
  const twice = steadyLoad([300]);
  assert.equal((await twice.steady.measure(stageOf('unloaded'), bounds)).length, 30);
  assert.deepEqual([twice.runs, twice.repeats], [2, [300]]);

  const always = steadyLoad([300, 800, 200, 300, 300, 700]);
  assert.equal(
    (await always.steady.measure(stageOf('unloaded'), bounds)).length,
    25,
    'without what the last one spoilt',
  );
  assert.deepEqual([always.runs, always.repeats, [...always.steady.spoilt]], [3, [300, 800], []]);
  assert.equal((await always.steady.measure(stageOf('capacity'), bounds)).length, 30, 'too much to leave out');
  assert.deepEqual([always.runs, [...always.steady.spoilt]], [6, ['capacity']]);
});

test('all repetitions together take no longer than they may', async () => {
  const { steady, ...given } = steadyLoad([200, 200, 200, 200], 7_000);
  await steady.measure(stageOf('unloaded'), bounds);
  await steady.measure(stageOf('capacity'), bounds);
  assert.deepEqual(given.repeats, [200]);
});
