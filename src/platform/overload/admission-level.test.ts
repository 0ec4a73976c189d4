import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  countBelow,
  defaultLevelSettings,
  floorLevel,
  groupCount,
  groupOf,
  type LevelState,
  type LevelWindow,
  levelFor,
  nextLevel,
  openLevel,
  openState,
} from './admission-level.ts';

const settings = defaultLevelSettings;
const anyLevel = fc.double({ min: floorLevel, max: openLevel, noNaN: true });
const anyCount = fc.double({ min: 0, max: 1e6, noNaN: true });
const anyState: fc.Arbitrary<LevelState> = fc.record({
  level: anyLevel,
  holdCount: fc.nat(3),
  knee: anyCount,
  sound: anyCount,
  crowd: anyCount,
});
const anyArrivals = fc.array(fc.nat(5000), { minLength: groupCount, maxLength: groupCount });
type Window = Pick<LevelWindow, 'arrivals' | 'queueMs' | 'busyShare' | 'fill'>;
const noTurns = { turnWaitMs: 0, coreTurnWaitMs: 0, refusals: [] };
const anyWindow: fc.Arbitrary<Window> = fc.record({
  arrivals: anyArrivals,
  queueMs: fc.double({ min: 0, max: 5000, noNaN: true }),
  busyShare: fc.double({ min: 0, max: 1, noNaN: true }),
  fill: fc.double({ min: 0, max: 20, noNaN: true }),
});
const calm = { queueMs: 0, busyShare: 0.2, fill: 0.1 };

/** Where all that arrives is begun at once. */
function next(state: LevelState, window: Window): LevelState {
  return nextLevel(state, { ...noTurns, ...window }, settings);
}

test('the level stays between what is never refused and open', () => {
  fc.assert(
    fc.property(anyState, fc.array(anyWindow), (first, windows) => {
      let state = first;
      for (const window of windows) {
        state = next(state, window);
        assert(state.level >= floorLevel && state.level <= openLevel);
      }
    }),
  );
});

test('a level for so many lets in so many', () => {
  fc.assert(
    fc.property(anyArrivals, fc.double({ min: 0, max: 1, noNaN: true }), (arrivals, share) => {
      const total = arrivals.reduce((sum, count) => sum + count, 0);
      fc.pre(total > 0);
      assert(Math.abs(countBelow(levelFor(share * total, arrivals), arrivals) - share * total) < 1e-6 * total);
    }),
  );
});

test('overload never lets in more than a handful, calm never less', () => {
  fc.assert(
    fc.property(anyState, anyWindow, (state, window) => {
      const { level } = next(state, { ...window, queueMs: 2 * settings.queueMsMax });
      assert(level <= state.level + 0.051);
      assert(level <= state.level || countBelow(level, window.arrivals) <= 3.001 + (window.arrivals[0] ?? 0));
      assert(next(state, { ...window, ...calm }).level >= state.level);
    }),
  );
});

test('what is more important is let in at every level that lets in what is less', () => {
  const ranks = ['begun', 'core', 'standard', 'deferrable'] as const;
  for (const [index, rank] of ranks.slice(1).entries()) {
    const above = ranks[index] as (typeof ranks)[number];
    for (const isKnown of [true, false]) assert(groupOf(above, false) < groupOf(rank, isKnown));
  }
  for (const rank of ranks.slice(1)) assert(groupOf(rank, true) < groupOf(rank, false), 'who is known goes first');
});

test('when the load falls below what could be let in, the level opens within a second', () => {
  fc.assert(
    fc.property(anyState, anyArrivals, (first, arrivals) => {
      const total = arrivals.reduce((sum, count) => sum + count, 0);
      let state: LevelState = { ...first, knee: total * 1.1 + 1 };
      for (let window = 0; window < 10; window++) state = next(state, { arrivals, ...calm });
      assert.equal(state.level, openLevel);
    }),
  );
});

test('what could be let in beside a crowd says nothing once the crowd has gone: the level opens within a second, though the thread is busy', () => {
  const crowd = [60, 40, 300, 10, 190, 0, 400];
  const crowded = next(openState, { ...calm, arrivals: crowd, queueMs: 30, busyShare: 1 });
  assert(crowded.crowd === 1_000 && crowded.knee < 1_000);
  const busy = { queueMs: 1, busyShare: 0.8, fill: 0.3 };
  const after = (arrivals: readonly number[], windows: number) => {
    let state: LevelState = { ...crowded, level: 2.3, holdCount: 0, knee: 150, sound: 150 };
    for (let window = 0; window < windows; window++) state = next(state, { ...busy, arrivals });
    return state.level;
  };
  const gone = [40, 30, 20, 5, 20, 5, 60];
  assert.equal(after(gone, 8), openLevel);
  assert(after(crowd, 8) < 3, 'while it is there, up step by step');
});

test('whatever was believed before, the level opens in the end', () => {
  fc.assert(
    fc.property(anyState, anyArrivals, (first, arrivals) => {
      let state: LevelState = first;
      for (let window = 0; window < 200; window++) state = next(state, { arrivals, ...calm });
      assert.equal(state.level, openLevel);
    }),
  );
});

test('who was let in before is turned away only where buyers themselves wait too long', () => {
  const arrivals = [5, 20, 20, 100, 100, 50, 50];
  const leastAt = (coreTurnWaitMs: number) => {
    const window = { ...noTurns, arrivals, queueMs: 0, turnWaitMs: 120, coreTurnWaitMs, busyShare: 1, fill: 1 };
    let state = openState;
    for (let count = 0; count < 100; count++) state = nextLevel(state, window, settings);
    return state.level;
  };
  assert(leastAt(20) >= 2 - 1e-9);
  assert(leastAt(120) < 2);
});

test('while some are turned away the level falls as long as it lets in what is less important, and not for that below', () => {
  fc.assert(
    fc.property(anyState, anyArrivals, fc.nat(groupCount - 1), (state, arrivals, group) => {
      const refusals = arrivals.map((_, at) => (at === group ? 1 + (arrivals[group] ?? 0) / 50 : 0));
      const window = { ...noTurns, ...calm, arrivals };
      const next = nextLevel(state, { ...window, refusals }, settings);
      if (state.level <= endOfRank(group)) assert.deepEqual(next, nextLevel(state, window, settings));
      else assert(next.level <= state.level + 0.05 + 1e-9, `${next.level}`);
    }),
  );
  const arrivals = [5, 20, 20, 30, 30, 50, 50];
  for (const group of [1, 2, 3, 4]) {
    const refusals = arrivals.map((count, at) => (at === group ? count / 10 : 0));
    let state = openState;
    let least = state.level;
    for (let count = 0; count < 100; count++) {
      state = nextLevel(state, { ...noTurns, ...calm, arrivals, refusals }, settings);
      least = Math.min(least, state.level);
    }
    const wanted = endOfRank(group);
    assert.equal(least, wanted, `while group ${group} is turned away`);
  }
});

function endOfRank(group: number): number {
  return group < 3 ? 3 : group < 5 ? 5 : 7;
}

test('with hardly any requests nothing is shut, whatever slows the process', () => {
  const arrivals = [0, 1, 0, 0, 0, 1, 0];
  assert.equal(next(openState, { arrivals, queueMs: 500, busyShare: 1, fill: 0 }).level, openLevel);
});

test('a machine that stays slow whoever is let in turns away everybody only for as long as there is a crowd', () => {
  const flood = [5, 20, 20, 100, 100, 50, 50];
  for (const [queueMs, busyShare] of [
    [9, 0.3],
    [7.5, 0.3],
    [0, 1],
    [500, 1],
  ] as const) {
    let state = openState;
    for (let window = 0; window < 50; window++) {
      state = next(state, { arrivals: flood, queueMs: 100, busyShare: 1, fill: 1 });
    }
    assert(state.level < 2, `the flood is shed: ${state.level}`);
    for (const arrivals of [
      [0, 0, 0, 0, 20, 0, 0],
      [0, 0, 0, 0, 2, 0, 0],
    ]) {
      for (let window = 0; window < 150; window++) {
        state = next(state, { arrivals, queueMs, busyShare, fill: 0.1 });
      }
      const letIn = countBelow(state.level, arrivals);
      assert(letIn >= Math.min(3, arrivals[4] ?? 0) - 1e-6, `${letIn} of ${arrivals[4]} a window at ${queueMs} ms`);
    }
  }
});

/**
 * A thread that serves its queue in turns; arrivals do not wait for answers. Each request costs `costMs`, a refusal `refusalMs`. Told:
 * the share of the thread's time that went into answers after the first seconds, and how long they waited.
 */
function simulate(load: (atMs: number) => number, seconds: number) {
  const costMs = 0.5;
  const refusalMs = 0.02;
  const windowMs = 100;
  // Of each hundred: 5 begun, 20 core, 35 standard, 40 deferrable, half of them known.
  const mix = [5, 10, 10, 15, 20, 10, 30];
  let state = openState;
  let backlogMs = 0;
  const smooth = new Float64Array(groupCount);
  const windows: { admitted: number; queueMs: number; level: number }[] = [];
  for (let atMs = 0; atMs < seconds * 1000; atMs += windowMs) {
    const total = (load(atMs) * windowMs) / costMs;
    let admitted = 0;
    for (let group = 0; group < groupCount; group++) {
      const count = (total * (mix[group] ?? 0)) / 100;
      smooth[group] = 0.7 * (smooth[group] ?? 0) + 0.3 * count;
      admitted += count * Math.min(1, Math.max(0, state.level - group));
    }
    const workMs = admitted * costMs + (total - admitted) * refusalMs;
    const queued = backlogMs;
    backlogMs = Math.max(0, backlogMs + workMs - windowMs);
    const busyShare = Math.min(1, (queued + workMs) / windowMs);
    const queueMs = backlogMs / 2;
    state = next(state, { arrivals: smooth, queueMs, busyShare, fill: 0 });
    const servedMs = Math.min(windowMs, queued + workMs) - (total - admitted) * refusalMs;
    windows.push({ admitted: servedMs / windowMs, queueMs, level: state.level });
  }
  return windows;
}

test('at twice and five times what a thread can do it stays busy with answers, and requests hardly wait', () => {
  for (const factor of [1.2, 2, 5]) {
    const windows = simulate((atMs) => (atMs < 3000 ? 0.9 : factor), 14).slice(70);
    const goodput = windows.reduce((sum, { admitted }) => sum + admitted, 0) / windows.length;
    const overhead = (factor * 0.02) / 0.5;
    assert(goodput > 0.9 - overhead, `at ${factor} × it answers ${goodput}`);
    const waits = windows.map(({ queueMs }) => queueMs).sort((a, b) => a - b);
    const p99 = waits[Math.floor(waits.length * 0.99)] ?? 0;
    assert(p99 < 3 * settings.queueMsMax, `at ${factor} × requests wait ${p99} ms`);
  }
});

test('a second after a flood all are let in again', () => {
  const windows = simulate((atMs) => (atMs < 3000 ? 0.9 : atMs < 8000 ? 5 : 0.5), 10);
  assert((windows[79]?.level ?? 0) < 5, 'the flood is shed');
  assert((windows[89]?.level ?? 0) === openLevel, `a second later the level is ${windows[89]?.level}`);
});
