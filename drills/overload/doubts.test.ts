import assert from 'node:assert/strict';
import test from 'node:test';
import { acceptDoubt, diskDoubt, generatorDoubt, othersDoubt, peakDoubt } from './doubts.ts';
import { arrivalsText } from './format.ts';
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

test('clients that the system put off before the shop saw them are told', () => {
  assert.equal(acceptDoubt([step(1), step(2, { usage: { ...usage, putOffCount: null } })]), undefined);
  assert.match(acceptDoubt([step(1), step(5, { usage: { ...usage, putOffCount: 1_200 } })]) ?? '', /: 1,200 at 5×\./);
});

test('a disk that stood still is told, and what was made of it', () => {
  assert.equal(diskDoubt([step(1)], []), undefined);
  assert.equal(
    diskDoubt([step(1), stalled(2, {}), stalled(5)], ['unloaded']),
    'The disk stood still at times: a write of 8 kB took up to 412 ms. Judged without 1.2 s at 2×. Too much to leave out, ' +
      'so judged with it: 1.2 s at 5×. It spoilt what is compared with, too: unloaded.',
  );
});

test('a capacity that was outdone was found too low, and the report says how little the load was', () => {
  const steps = [step(1), step(2, { paidPerS: 104, buyersPerS: 106 }), step(5, { paidPerS: 200 })];
  const capacity = { paidPerS: 50 };
  assert.match(
    peakDoubt({ capacity, steps }) ?? '',
    /200 paid\/s were sold later, of 50; 2× was rather 0\.5×; 5× was rather 1\.3×\. .* nothing is proved\.$/,
  );
  assert.match(peakDoubt({ capacity: { paidPerS: 150 }, steps }) ?? '', /2× was rather 1\.5×; .* ever sold\.$/);
  assert.equal(peakDoubt({ capacity: { paidPerS: 190 }, steps }), undefined);
  const after = step(0.5, { isAfter: true, paidPerS: 400 });
  assert.equal(peakDoubt({ capacity: { paidPerS: 100 }, steps: [step(1), after] }), undefined);
});

test('the load that a capacity was found with is told as it came', () => {
  assert.equal(arrivalsText({ kind: 'closed', sessions: 1024 }), '1,024 sessions at once');
  assert.equal(arrivalsText({ kind: 'open', sessionsPerS: 856.4 }), '856 sessions/s coming');
});
