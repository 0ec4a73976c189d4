import assert from 'node:assert/strict';
import test from 'node:test';
import { byImportance } from './meter.ts';
import type { StepReport } from './report.ts';
import { diskDoubt, generatorDoubt, judgeTargets, othersDoubt, peakDoubt } from './targets.ts';

const calm = { p50Ms: 2, p99Ms: 10 };
const usage = {
  shopCores: 1,
  databaseCores: 0.5,
  generatorCores: 0.1,
  othersCores: 0.1,
  shopRssMb: 200,
  isOtherProcess: false,
};

function step(factor: number, change: Partial<StepReport> = {}): StepReport {
  const one = { ...calm, offeredPerS: 100, wellPerS: 100, shedPerS: 0, failedPerS: 0, refusal: calm };
  return {
    factor,
    isAfter: false,
    durationMs: 10_000,
    offeredSessionsPerS: factor * 200,
    endedWellPerS: 200,
    buyersPerS: factor * 100,
    paidPerS: 100,
    of: byImportance(() => one),
    asked: {},
    failures: {},
    comebacks: 0,
    lateness: calm,
    precedence: { seconds: 10, wrongSeconds: 0 },
    usage,
    diskMsMax: 5,
    ...change,
  };
}

const unloaded = byImportance(() => calm);
const measured = { capacity: { paidPerS: 100 }, unloaded, recoveryMs: 300, steps: [step(0.5), step(1), step(5)] };

function missed(change: Partial<typeof measured>): string[] {
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
  assert.deepEqual(missed({ recoveryMs: 1100 }), ['as before, after the fall']);
});

test('figures that are the generator’s or the neighbours’ are called so', () => {
  assert.equal(generatorDoubt([step(1)]), undefined);
  assert.match(
    generatorDoubt([step(1), step(5, { lateness: { p50Ms: 1, p99Ms: 70 } })]) ?? '',
    /late at 5× \(p99 70 ms\)/,
  );
  assert.equal(othersDoubt([step(1)]), undefined);
  assert.match(othersDoubt([step(1, { usage: { ...usage, othersCores: 0.8 } })]) ?? '', /33 % .* better/);
  assert.equal(diskDoubt([step(1)]), undefined);
  assert.match(diskDoubt([step(1), step(2, { diskMsMax: 1060.2 })]) ?? '', /took 1,060 ms at 2×\)/);
  assert.match(othersDoubt([step(1, { usage: { ...usage, othersCores: 2.4 } })]) ?? '', /60 % .* more of them/);
});

test('a peak that overload outdid was found too low, and the report says so', () => {
  const doubt = (change: Partial<StepReport>, at1: Partial<StepReport> = {}) =>
    peakDoubt({ capacity: { paidPerS: 100 }, steps: [step(1, at1), step(5, change), step(0.5, { isAfter: true })] });
  assert.equal(doubt({ paidPerS: 110 }), undefined);
  assert.match(
    doubt({ paidPerS: 198 }) ?? '',
    /^The peak of 100 paid\/s was found too low \(198 at 5×\), so that 90 %/,
  );
  assert.equal(doubt({ paidPerS: 198 }, { paidPerS: 190 }), undefined, 'what the capacity sold is the peak then');
});
