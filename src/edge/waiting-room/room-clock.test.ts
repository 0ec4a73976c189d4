import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { testDatabase } from '../../platform/testing/database.ts';
import { createRoomClock, nextAheadMs } from './room-clock.ts';
import { readTime } from './store.ts';

const startMs = 1_800_000_000_000;

/** An answer that was asked for `toMs` before the shared time was read, and got `backMs` after. */
const anyAnswer = fc.record({ toMs: fc.nat(3_000), backMs: fc.nat(3_000) });

test('however slow the answers, the time is wrong by no more than the fastest of them took', () => {
  fc.assert(
    fc.property(
      fc.array(anyAnswer, { minLength: 1 }),
      fc.integer({ min: -1e7, max: 1e7 }),
      fc.integer({ min: -1e7, max: 1e7 }),
      (answers, trueAheadMs, takenFor) => {
        let aheadMs = takenFor;
        let errorMs = Number.POSITIVE_INFINITY;
        answers.forEach(({ toMs, backMs }, index) => {
          const sharedMs = startMs + index * 10_000;
          const ownMs = sharedMs - trueAheadMs;
          aheadMs = nextAheadMs(aheadMs, { askedAtMs: ownMs - toMs, sharedMs, gotAtMs: ownMs + backMs });
          errorMs = Math.min(errorMs, toMs + backMs);
          assert(Math.abs(aheadMs - trueAheadMs) <= errorMs);
        });
      },
    ),
  );
});

test('what is right is not moved, and a clock that was set is followed at the next answer', () => {
  assert.equal(nextAheadMs(5, { askedAtMs: startMs, sharedMs: startMs + 1_000, gotAtMs: startMs + 2_000 }), 5);
  const back = nextAheadMs(5, { askedAtMs: startMs, sharedMs: startMs + 7_200_000, gotAtMs: startMs });
  assert.equal(back, 7_200_000);
});

test('a process whose clock is an hour off has the time of the database', async () => {
  const database = await testDatabase([]);
  const own = { nowMs: () => Date.now() - 3_600_000 };
  const clock = createRoomClock(own, () => readTime(database));
  const beforeMs = Date.now();
  await clock.compare();
  const nowMs = clock.nowMs();
  const afterMs = Date.now();
  // Between its own asking and getting, at either end.
  const slackMs = afterMs - beforeMs;
  assert(nowMs >= beforeMs - slackMs && nowMs <= afterMs + slackMs, `${nowMs - beforeMs} ms off`);
});
