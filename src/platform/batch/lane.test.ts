import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { DatabaseFault } from '../database/database.ts';
import { createLane, LaneClosed, LaneFull, LaneLate } from './lane.ts';

/** A lane whose batches end when the test says so. */
function steppedLane(
  options: { batchMax?: number; waitingMax?: number; cycleMsMin?: number; clock?: { nowMs(): number } } = {},
) {
  const batches: { items: readonly number[]; finish: () => void; fail: (error: Error) => void }[] = [];
  const begun: (() => void)[] = [];
  const lane = createLane<number, string>({
    name: 'stepped',
    batchMax: options.batchMax ?? 100,
    waitingMax: options.waitingMax ?? 1000,
    cycleMsMin: options.cycleMsMin ?? 0,
    ...(options.clock && { clock: options.clock }),
    run: (items) =>
      new Promise((resolve, reject) => {
        batches.push({ items, finish: () => resolve(items.map((item) => `done ${item}`)), fail: reject });
        begun.shift()?.();
      }),
  });
  const nextBatch = () =>
    new Promise<void>((resolve) => {
      begun.push(resolve);
    });
  return { lane, batches, nextBatch };
}

test('a lone item goes at once; what arrives meanwhile forms the next batch', async () => {
  const { lane, batches, nextBatch } = steppedLane();
  const first = lane.submit(1);
  await nextBatch();
  const others = [2, 3, 4].map((item) => lane.submit(item));
  assert.deepEqual(
    batches.map((batch) => batch.items),
    [[1]],
  );
  const second = nextBatch();
  batches[0]?.finish();
  assert.equal(await first, 'done 1');
  await second;
  assert.deepEqual(batches[1]?.items, [2, 3, 4]);
  batches[1]?.finish();
  assert.deepEqual(await Promise.all(others), ['done 2', 'done 3', 'done 4']);
});

test('after a batch of several the next rests, so that who comes meanwhile travels together; a lone item and a full batch do not wait', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  // So long that no machine is as slow.
  const cycleMsMin = 1_000_000;
  const { lane, batches, nextBatch } = steppedLane({ cycleMsMin, batchMax: 3 });
  const submitted: Promise<string>[] = [];
  const submit = (...items: number[]) => void submitted.push(...items.map((item) => lane.submit(item)));
  const finish = () => batches.at(-1)?.finish();
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
  };
  for (const items of [[1], [2], [3, 4]]) {
    const begun = nextBatch();
    submit(...items);
    await begun;
    if (items.length === 1) finish();
  }
  let begun = nextBatch();
  submit(5, 6, 7);
  finish();
  await begun;
  finish();
  for (const item of [8, 9]) {
    submit(item);
    await turns(3);
  }
  assert.deepEqual([batches.length, lane.waitingCount], [4, 2]);
  begun = nextBatch();
  t.mock.timers.tick(cycleMsMin);
  await begun;
  finish();
  assert.equal((await Promise.all(submitted)).length, 9);
  assert.deepEqual(
    batches.map(({ items }) => items),
    [[1], [2], [3, 4], [5, 6, 7], [8, 9]],
  );
  t.mock.timers.tick(cycleMsMin);
});

test('a rest ends when as many wait as usually come in a cycle, and not before', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const { lane, batches, nextBatch } = steppedLane({ cycleMsMin: 16 });
  const submitted: Promise<string>[] = [];
  const submit = (count: number) => {
    for (let item = 0; item < count; item++) submitted.push(lane.submit(item));
  };
  const turns = async () => {
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  };
  // Ten each 16 ms, for so long that it is what usually comes.
  for (let cycle = 0; cycle < 100; cycle++) {
    const begun = nextBatch();
    submit(10);
    t.mock.timers.tick(16);
    await begun;
    batches.at(-1)?.finish();
    await turns();
    nowMs += 16;
  }
  submit(9);
  t.mock.timers.tick(16);
  await turns();
  nowMs += 1;
  batches.at(-1)?.finish();
  await turns();
  const count = batches.length;
  submit(9);
  await turns();
  assert.deepEqual([batches.length, lane.waitingCount], [count, 9]);
  const begun = nextBatch();
  // The last of them all travel with the tenth.
  submit(3);
  await begun;
  assert.deepEqual([batches.length, batches.at(-1)?.items.length, lane.waitingCount], [count + 1, 12, 0]);
  batches.at(-1)?.finish();
  await Promise.all(submitted);
});

test('whenever they come, and however long batches take, each is answered once, in order, one batch at a time', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  // How many come in a turn of the event loop, how much of the clock it takes, and whether a batch ends in it.
  const turn = fc.record({
    count: fc.oneof(fc.constant(0), fc.nat({ max: 12 })),
    ms: fc.nat({ max: 9 }),
    isEnd: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 60 }), async (turns) => {
      const { lane, batches } = steppedLane({ cycleMsMin: 16, batchMax: 8 });
      const submitted: Promise<string>[] = [];
      let endedCount = 0;
      const next = async (ms: number, isEnd: boolean) => {
        nowMs += ms;
        t.mock.timers.tick(ms);
        if (isEnd && batches.length > endedCount) batches[endedCount++]?.finish();
        await new Promise(setImmediate);
        assert(batches.length - endedCount <= 1, 'two batches at once');
      };
      for (const { count, ms, isEnd } of turns) {
        for (let item = 0; item < count; item++) submitted.push(lane.submit(submitted.length));
        await next(ms, isEnd);
      }
      const isClosed = lane.close();
      // A rest of two cycles for each batch is more than any takes.
      for (let round = 0; round < 4 * (submitted.length + 4); round++) await next(16, true);
      assert.deepEqual(
        batches.flatMap(({ items }) => items),
        submitted.map((_, item) => item),
      );
      await isClosed;
      assert.deepEqual(
        await Promise.all(submitted),
        submitted.map((_, item) => `done ${item}`),
      );
    }),
    { numRuns: 60 },
  );
});

test('a full lane refuses at once and keeps what it has', async () => {
  const { lane, batches, nextBatch } = steppedLane({ waitingMax: 2 });
  const running = lane.submit(1);
  await nextBatch();
  const waiting = [lane.submit(2), lane.submit(3)];
  await assert.rejects(lane.submit(4), LaneFull);
  const second = nextBatch();
  batches[0]?.finish();
  await second;
  batches[1]?.finish();
  assert.deepEqual(await Promise.all([running, ...waiting]), ['done 1', 'done 2', 'done 3']);
});

test('closing finishes what was accepted and takes nothing new', async () => {
  const { lane, batches, nextBatch } = steppedLane();
  const accepted = lane.submit(1);
  await nextBatch();
  const closed = [lane.close(), lane.close()];
  await assert.rejects(lane.submit(2), LaneClosed);
  batches[0]?.finish();
  await Promise.all(closed);
  assert.equal(await accepted, 'done 1');
});

test('one bad item is found by halving; its neighbours succeed', async () => {
  const lane = createLane<number, number>({
    name: 'halving',
    batchMax: 100,
    waitingMax: 100,
    run: async (items) => {
      if (items.includes(13)) throw new Error('thirteen');
      return items.map((item) => item * 2);
    },
  });
  const results = await Promise.allSettled(Array.from({ length: 40 }, (_, item) => lane.submit(item)));
  results.forEach((result, item) => {
    if (item === 13) assert.equal(result.status, 'rejected');
    else assert.deepEqual(result, { status: 'fulfilled', value: item * 2 });
  });
});

test('a fault of the world is told to the whole batch and tried once', async () => {
  let runs = 0;
  const lane = createLane<number, number>({
    name: 'faulty',
    batchMax: 100,
    waitingMax: 100,
    run: async () => {
      runs += 1;
      throw new DatabaseFault('gone', { cause: undefined });
    },
  });
  const results = await Promise.allSettled([1, 2, 3].map((item) => lane.submit(item)));
  assert(results.every((result) => result.status === 'rejected' && result.reason instanceof DatabaseFault));
  assert.equal(runs, 1);
});

test('who has gone or is too late when his batch would begin is dropped, and who has begun is answered', async () => {
  let nowMs = 1000;
  const { lane, batches, nextBatch } = steppedLane({ clock: { nowMs: () => nowMs } });
  const begun = { isGone: false, deadlineAtMs: 1001 };
  const running = lane.submit(1, begun);
  await nextBatch();
  begun.isGone = true;
  const goer = { isGone: false };
  const gone = lane.submit(2, goer);
  const late = lane.submit(3, { deadlineAtMs: 1500 });
  const patient = lane.submit(4, { deadlineAtMs: 9000 });
  const careless = lane.submit(5);
  goer.isGone = true;
  nowMs = 2000;
  const dropped = Promise.all([assert.rejects(gone, LaneLate), assert.rejects(late, LaneLate)]);
  const second = nextBatch();
  batches[0]?.finish();
  assert.equal(await running, 'done 1', 'it was in the batch');
  await second;
  await dropped;
  assert.deepEqual(batches[1]?.items, [4, 5]);
  batches[1]?.finish();
  assert.deepEqual(await Promise.all([patient, careless]), ['done 4', 'done 5']);
});

test('a batch of which nobody waits any more is not begun, and the lane goes on', async () => {
  const { lane, batches, nextBatch } = steppedLane({ batchMax: 2 });
  const running = lane.submit(1);
  await nextBatch();
  const caller = { isGone: false };
  const gone = [2, 3].map((item) => assert.rejects(lane.submit(item, caller), LaneLate));
  const last = lane.submit(4);
  caller.isGone = true;
  const second = nextBatch();
  batches[0]?.finish();
  await second;
  assert.deepEqual(batches[1]?.items, [4]);
  batches[1]?.finish();
  await Promise.all([running, ...gone, last]);
  await lane.close();
});

test('what would wait beyond its deadline is refused at once, and an idle lane refuses nobody', async () => {
  const clock = { nowMs: () => 1000 };
  let finish = () => {};
  let durationMs = 30;
  const lane = createLane<number, number>({
    name: 'slow',
    batchMax: 1,
    waitingMax: 100,
    clock,
    run: async (items) => {
      const startedAt = performance.now();
      while (performance.now() - startedAt < durationMs) {}
      if (durationMs === 0) {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      }
      return items;
    },
  });
  for (let index = 0; index < 5; index++) await lane.submit(index);
  await new Promise(setImmediate);
  durationMs = 0;
  const running = lane.submit(10, { deadlineAtMs: 1001 });
  await new Promise(setImmediate);
  await assert.rejects(lane.submit(11, { deadlineAtMs: 1001 }), LaneLate);
  const patient = lane.submit(12, { deadlineAtMs: 60_000 });
  finish();
  assert.equal(await running, 10);
  await new Promise(setImmediate);
  finish();
  assert.equal(await patient, 12);
});
