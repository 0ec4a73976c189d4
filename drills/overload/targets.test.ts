import assert from 'node:assert/strict';
import test from 'node:test';
import { byImportance } from './meter.ts';
import type { StepReport } from './report.ts';
import { judgeTargets, type Measured } from './targets.ts';
import { calm, stalled, step, usage } from './testing.ts';

const unloaded = byImportance(() => calm);
const measured: Measured = {
  capacity: { paidPerS: 100 },
  unloaded,
  recovery: { ms: 300 },
  steps: [step(0.5), step(1), step(5)],
};

function missed(change: Partial<Measured>): string[] {
  return judgeTargets({ ...measured, ...change })
    .filter(({ isReached }) => !isReached)
    .map(({ name }) => name);
}

test('nothing is missed where everything is as it should be', () => {
  assert.deepEqual(missed({}), []);
});

test('each thing that goes wrong misses its own target', () => {
  const at5 = (change: Partial<StepReport>) => ({ steps: [step(0.5), step(1), step(5, change)] });
  const core = (change: object) => {
    const { of } = step(5);
    return at5({ of: { ...of, core: { ...of.core, ...change } } });
  };
  assert.deepEqual(missed(at5({ paidPerS: 89 })), ['goodput at 5×']);
  assert.deepEqual(missed({ steps: [step(0.5), step(1, { paidPerS: 120 }), step(5)] }), ['goodput at 5×']);
  assert.deepEqual(missed(at5({ paidPerS: 60, buyersPerS: 62 })), [], 'nobody can sell more than is asked for');
  assert.deepEqual(missed(core({ p99Ms: 81 })), ['core p99 at 5×']);
  assert.deepEqual(missed(core({ p99Ms: 80 })), []);
  assert.deepEqual(missed(core({ p99Ms: null })), ['core p99 at 5×']);
  assert.deepEqual(missed(core({ shedPerS: 5, refusal: { p50Ms: 1, p99Ms: 81 } })), ['refusals p99 at 5×']);
  assert.deepEqual(missed(core({ failedPerS: 1 })), ['answered, if only refused']);
  assert.deepEqual(missed(at5({ precedence: { seconds: 10, wrongSeconds: 1 } })), ['less important refused first']);
  assert.deepEqual(missed(at5({ usage: { ...usage, shopRssMb: 365 } })), ['memory of the shop']);
  assert.deepEqual(missed(at5({ usage: { ...usage, isOtherProcess: true } })), ['no crash']);
  assert.deepEqual(missed({ recovery: { ms: 1100 } }), ['as before, after the fall']);
});

test('what the disk spoilt is left out and told beside; where it is too much, all counts', () => {
  const spoilt = { steps: [step(0.5), step(1), stalled(5, {})] };
  assert.deepEqual(missed(spoilt), []);
  const found = judgeTargets({ ...measured, ...spoilt }).map((target) => target.found);
  const without = 'without 1.2 s in which the disk stood still; with them';
  assert.deepEqual(found.slice(0, 4), [
    `100 %: 100 paid/s of 100 at the peak (${without} 80 %)`,
    `10 ms (${without} 310 ms)`,
    `nobody was refused (${without} 300 ms)`,
    'at least 5×',
  ]);
  assert.equal(found[4], `in each of 10 (${without} not in 1 of 10)`);
  assert.deepEqual(missed({ steps: [step(0.5), step(1), stalled(5)] }), [
    'goodput at 5×',
    'core p99 at 5×',
    'refusals p99 at 5×',
    'less important refused first',
  ]);
  assert.deepEqual(missed({ steps: [step(0.5), step(1), stalled(5, { paidPerS: 89 })] }), ['goodput at 5×']);
  const recovery = { ms: 1_400, without: { ms: 600, apartMs: 700 } };
  assert.equal(
    judgeTargets({ ...measured, recovery }).at(-1)?.found,
    '600 ms (without 0.7 s in which the disk stood still; with them 1,400 ms)',
  );
  assert.deepEqual(missed({ recovery }), []);
  assert.deepEqual(missed({ recovery: { ...recovery, without: { ms: null, apartMs: 700 } } }), [
    'as before, after the fall',
  ]);
});

test('the peak is the most that was ever sold before the fall', () => {
  const steps = [step(1), step(2, { paidPerS: 104, buyersPerS: 106 }), step(5, { paidPerS: 200 })];
  const after = step(0.5, { isAfter: true, paidPerS: 400 });
  const found = judgeTargets({ ...measured, steps: [...steps, after] }).map((target) => target.found);
  assert.deepEqual(found.slice(0, 2), [
    '98 %: 104 paid/s of 106 who came to buy',
    '100 %: 200 paid/s of 200 at the peak',
  ]);
  assert.deepEqual(missed({ steps: [...steps, after] }), ['what was called overload']);
});
