import assert from 'node:assert/strict';
import test from 'node:test';
import { createDeparted } from './departed.ts';

test('of those who left before the lot some more are known each time, and before it nobody', () => {
  const departed = createDeparted(0);
  departed.add(Array.from({ length: 1_200 }, (_, number) => ({ number, place: undefined })));
  departed.reckon(() => undefined);
  const known = () => departed.countWithin(0, 1_200);
  const counts = [known()];
  for (let round = 0; round < 4; round++) {
    departed.reckon((number) => 1_199 - number);
    counts.push(known());
  }
  assert.deepEqual(counts, [0, 500, 1_000, 1_200, 1_200]);
  assert(departed.has(1_199));
  assert(!departed.has(1_200));
});
