import assert from 'node:assert/strict';
import test from 'node:test';
import { createLot } from '../../src/edge/waiting-room/lot.ts';
import { placeOf } from './lot-check.ts';

test('two who never saw each other’s code draw the same places', () => {
  for (const [seed, count] of [
    ['ab'.repeat(32), 1],
    ['00'.repeat(32), 2],
    ['5c'.repeat(32), 137],
    ['f1'.repeat(32), 4_096],
    ['3e'.repeat(32), 1_000_003],
  ] as const) {
    const place = createLot(Buffer.from(seed, 'hex'), count);
    const asked = Array.from({ length: Math.min(count, 200) }, (_, index) =>
      Math.floor((index * count) / Math.min(count, 200)),
    );
    assert.deepEqual(
      asked.map((ticket) => placeOf(seed, count, ticket)),
      asked.map((ticket) => place(ticket)),
    );
  }
});
