import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { askAgainAfterMs, nextStartMs, type Startable, startDue } from './start.ts';

const anyHeld = fc.record({
  minor: fc.constant(undefined),
  price: fc.constant(''),
  was: fc.constant(''),
  soldFrom: fc.option(
    fc.record(
      { atMs: fc.nat(1000), minor: fc.nat(9000), price: fc.constant('$9'), was: fc.constant('$12') },
      { noNullPrototype: true },
    ),
    { nil: undefined },
  ),
});

test('at each instant exactly what has started is on sale, at the price that was said, and the rest waits', () => {
  fc.assert(
    fc.property(fc.array(anyHeld, { maxLength: 6 }), fc.nat(1000), (held, nowMs) => {
      const variants: Startable[] = structuredClone(held);
      const hasStarted = startDue(variants, nowMs);
      assert.equal(
        hasStarted,
        held.some(({ soldFrom }) => soldFrom !== undefined && soldFrom.atMs <= nowMs),
      );
      for (const [index, { soldFrom }] of held.entries()) {
        const { minor, price, was, soldFrom: waits } = variants[index] as Startable;
        if (soldFrom === undefined || soldFrom.atMs > nowMs) {
          assert.deepEqual([minor, price, waits], [undefined, '', soldFrom]);
        } else assert.deepEqual([minor, price, was, waits], [soldFrom.minor, '$9', '$12', undefined]);
      }
      const nextMs = nextStartMs(variants);
      assert(nextMs === undefined || nextMs > nowMs);
      assert.equal(startDue(variants, nowMs), false);
    }),
  );
});

test('pages that wait for one start ask spread out, a few times before it and within five seconds after it', () => {
  const spread = (leftMs: number) => [askAgainAfterMs(leftMs, 0), askAgainAfterMs(leftMs, 1)];
  assert.deepEqual(spread(0), [0, 5000]);
  assert.deepEqual(spread(60_000), [11_250, 18_750]);
  assert.deepEqual(spread(86_400_000), [45_000, 75_000]);
});
