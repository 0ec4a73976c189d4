import assert from 'node:assert/strict';
import test from 'node:test';
import { byImportance, createMeter, emptySlot, type Slot, slotsBetween } from './meter.ts';
import { precedenceOf } from './precedence.ts';
import { quickShareOf, recoveryMs, recoveryOf } from './recovery.ts';
import { answersOf, percentilesOf, sessionsPerSecond } from './report.ts';
import type { Stage } from './setup.ts';

const stage = (name: string, durationMs: number, settleMs: number): Stage => ({
  name,
  durationMs,
  settleMs,
  arrivals: { kind: 'open', sessionsPerS: 1 },
});

test('a request counts where it was meant to be sent, however late it left and however late it was answered', () => {
  const meter = createMeter(
    [stage('one', 1000, 0), stage('two', 1000, 300)],
    byImportance(() => 50),
  );
  meter.sent('core', 990, 1040);
  meter.well('core', 'order', 990, 1100);
  meter.sent('core', 1200, 1200);
  meter.well('core', 'order', 1200, 1210);
  meter.sent('core', 1500, 1500);
  meter.shed('core', 1500, 1502);
  meter.failed('standard', 1600, 'lost');
  const { stages, slots } = meter.reading();
  const [one, two] = stages;
  assert(one && two);
  assert(Math.abs((percentilesOf(one.lateness).p50Ms ?? 0) - 50) < 1);
  assert.deepEqual(Object.keys(two.asked), [], 'the moments in which a stage settles are not counted');
  assert.deepEqual(two.failures, { lost: 1 });
  assert.deepEqual([two.fromMs, two.untilMs], [1300, 2000]);
  assert.deepEqual(slots[9]?.tookMs.core, { well: [110], shed: [] }, 'from when it was meant to be sent');
  assert.deepEqual(slots[15]?.tookMs.core, { well: [], shed: [2] });
  const { p50Ms, p99Ms } = answersOf(slots, 'core', 'well');
  assert(Math.abs((p50Ms ?? 0) - 10) < 1 && Math.abs((p99Ms ?? 0) - 110) < 2);
  assert.deepEqual(answersOf(slots, 'standard', 'well'), { p50Ms: null, p99Ms: null });
  assert.deepEqual(slots[9]?.of.core, { offered: 1, well: 1, cached: 0, quick: 0, shed: 0, failed: 0 });
  assert.deepEqual(slots[12]?.of.core, { offered: 1, well: 1, cached: 0, quick: 1, shed: 0, failed: 0 });
});

const slotsOf = (count: number, change: (slot: Slot) => void): Slot[] =>
  Array.from({ length: count }, () => {
    const slot = emptySlot();
    change(slot);
    return slot;
  });
const answered = (offered: number, quick: number) => (slot: Slot) =>
  Object.assign(slot.of.core, { offered, quick, well: quick });

test('it is as before when half a second is, and not before', () => {
  const [bad, good] = [answered(10, 3), answered(10, 10)];
  assert.equal(recoveryMs(slotsOf(20, good), 1), 0);
  assert.equal(recoveryMs([...slotsOf(7, bad), ...slotsOf(20, good)], 1), 700);
  const flickering = [...slotsOf(3, good), ...slotsOf(2, bad), ...slotsOf(20, good)];
  assert.equal(recoveryMs(flickering, 1), 500);
  assert.equal(recoveryMs(slotsOf(20, bad), 1), undefined);
  assert.equal(recoveryMs(slotsOf(20, answered(10, 8)), 0.82), 0, 'as before, not better than before');
  assert.equal(quickShareOf(slotsOf(20, () => {})), undefined);
});

test('what the disk held up after the fall is no part of the recovery, and told', () => {
  const stages = [stage('0.5', 3_000, 1_000), stage('5', 1_000, 0), stage('0.5', 6_000, 0)];
  const [bad, good] = [answered(10, 3), answered(10, 10)];
  const slots = [...slotsOf(30, good), ...slotsOf(10, bad), ...slotsOf(13, bad), ...slotsOf(47, good)];
  const reading = { stages: [], slots, beganAtMs: 50_000 };
  assert.deepEqual(recoveryOf(reading, stages, []), { ms: 1_300 });
  // It spoils 0.2 s less 100 ms to 0.8 s after the fall.
  const stall = { fromMs: 54_200, untilMs: 54_500 };
  assert.deepEqual(recoveryOf(reading, stages, [stall]), { ms: 1_300, without: { ms: 600, apartMs: 700 } });
  const endless = { fromMs: 54_000, untilMs: 55_300 };
  assert.deepEqual(recoveryOf(reading, stages, [endless]), { ms: 1_300 }, 'of six seconds that would be too much');
});

test('a second is wrong in which less important work was let in while more important work was refused', () => {
  const second = (core: [number, number], deferrable: [number, number]) =>
    slotsOf(10, ({ of }) => {
      Object.assign(of.core, { offered: core[0], shed: core[1], well: core[0] - core[1] });
      Object.assign(of.deferrable, {
        offered: deferrable[0],
        shed: deferrable[1],
        well: deferrable[0] - deferrable[1],
      });
    });
  const calm = second([10, 0], [10, 0]);
  const inOrder = second([10, 5], [10, 10]);
  const looking = second([10, 0], [10, 7]);
  const upsideDown = second([10, 5], [10, 0]);
  assert.deepEqual(precedenceOf([...calm, ...inOrder, ...looking]), { seconds: 3, wrongSeconds: 0 });
  const fromCache = second([10, 5], [10, 0]);
  for (const { of } of fromCache) of.deferrable.cached = 10;
  assert.deepEqual(precedenceOf(fromCache), { seconds: 1, wrongSeconds: 0 });
  assert.deepEqual(precedenceOf([...calm, ...upsideDown, ...inOrder]), { seconds: 3, wrongSeconds: 1 });
});

test('what ended is told per second of the slots that are looked at', () => {
  const slots = slotsOf(30, (slot) => Object.assign(slot, { sessions: 4, endedWell: 3, paid: 2, buyers: 5 }));
  const told = sessionsPerSecond(slotsBetween(slots, 1000, 2000));
  assert.deepEqual(told, { endedWellPerS: 30, paidPerS: 20, buyersPerS: 50 });
});
