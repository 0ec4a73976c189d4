import assert from 'node:assert/strict';
import test from 'node:test';
import { diskDoubt, generatorDoubt, othersDoubt, peakDoubt } from './doubts.ts';
import type { StepReport } from './report.ts';
import { stalled, step, usage } from './testing.ts';

test('figures that are the generator’s or the neighbours’ are called so', () => {
  assert.equal(generatorDoubt([step(1)]), undefined);
  assert.match(
    generatorDoubt([step(1), step(5, { lateness: { p50Ms: 1, p99Ms: 70 } })]) ?? '',
    /late at 5× \(p99 70 ms\)/,
  );
  assert.equal(othersDoubt([step(1)]), undefined);
  assert.match(othersDoubt([step(1, { usage: { ...usage, othersCores: 0.8 } })]) ?? '', /33 % .* better/);
  assert.match(othersDoubt([step(1, { usage: { ...usage, othersCores: 2.4 } })]) ?? '', /60 % .* more of them/);
  assert.equal(othersDoubt([step(1, { usage: { ...usage, stealShare: 0.05 } })]), undefined);
  const stolen = step(2, { usage: { ...usage, stealShare: 0.12 } });
  assert.equal(
    othersDoubt([step(1), stolen]),
    'The host gave the processors to other machines: 12 % of the time at 2×.',
  );
  assert.match(
    othersDoubt([step(1, { usage: { ...usage, othersCores: 0.8 } }), stolen]) ?? '',
    /33 % .* 12 % of the time at 2×/,
  );
});

test('a disk that stood still is told, and what was made of it', () => {
  assert.equal(diskDoubt([step(1)], []), undefined);
  assert.equal(
    diskDoubt([step(1), stalled(2, {}), stalled(5)], ['unloaded']),
    'The disk stood still at times: a write of 8 kB took up to 412 ms. Judged without 1.2 s at 2×. Too much to leave out, ' +
      'so judged with it: 1.2 s at 5×. It spoilt what is compared with, too: unloaded.',
  );
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
