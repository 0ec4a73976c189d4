import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextRestart } from './restart-delay.ts';

test('the first restart comes at once, those after short lives ever later, up to ten seconds', () => {
  let shortLives = 0;
  const delays = Array.from({ length: 9 }, () => {
    const next = nextRestart(shortLives, 100);
    shortLives = next.shortLives;
    return next.delayMs;
  });
  assert.deepEqual(delays, [0, 200, 500, 1_000, 2_000, 5_000, 10_000, 10_000, 10_000]);
});

test('a long life makes up for the short ones before it', () => {
  assert.deepEqual(nextRestart(6, 60_000), { delayMs: 0, shortLives: 1 });
});
