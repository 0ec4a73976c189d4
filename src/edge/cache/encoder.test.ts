import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from '../../platform/testing/until.ts';
import { createEncoder } from './encoder.ts';
import type { KeptAnswer } from './kept-answer.ts';

const answer = (place: KeptAnswer['place']) =>
  ({ body: Buffer.from('lamp '.repeat(1000)), encoded: new Map(), place }) as unknown as KeptAnswer;

test('of a scan only so much is compressed, one body after the other, and nothing that was thrown out', async () => {
  let resizedCount = 0;
  const encoder = createEncoder({ resize: () => void resizedCount++ });
  const scan = Array.from({ length: 500 }, (_, index) => answer(index === 1 ? undefined : 'small'));
  for (const kept of scan) encoder.add(kept);
  await until(() => scan[64]?.encoded.size === 2);
  assert.equal(scan.filter(({ encoded }) => encoded.size > 0).length, 64);
  assert.equal(scan[1]?.encoded.size, 0);
  const later = answer('main');
  encoder.add(later);
  await until(() => later.encoded.size === 2);
  assert.equal(resizedCount, 2 * 65);
});
