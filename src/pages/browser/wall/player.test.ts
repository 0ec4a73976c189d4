import assert from 'node:assert/strict';
import test from 'node:test';
import type { Replay } from '../../../services/pulse/api.ts';
import { Player } from './player.ts';

const stepCount = 400;
const zeros = () => Array.from({ length: stepCount }, () => 0);
const nulls = () => Array.from({ length: stepCount }, () => null);
const startsAtMs = 1_800_000_000_000;
const replay: Replay = {
  sale: {
    saleId: 'aaaaaaaa-0000-4000-8000-000000000001',
    name: 'S',
    startsAtMs: startsAtMs + 60_000,
    endsAtMs: startsAtMs + 400_000,
  },
  startsAtMs,
  stepS: 1,
  stepCount,
  money: [],
  placedCount: zeros(),
  paidCount: zeros(),
  cancelledCount: zeros(),
  expiredCount: zeros(),
  buyersCount: zeros(),
  variants: [],
  regions: [],
  latencyP50Ms: nulls(),
  latencyP99Ms: nulls(),
  cacheHitRatio: nulls(),
  laneCount: nulls(),
  lagMs: nulls(),
  shed: { core: zeros(), standard: zeros(), deferrable: zeros() },
};

/** A player and the steps that it has shown. */
function playerWith(stepS = 1) {
  const shown: number[] = [];
  const player = new Player({ ...replay, stepS }, (_figures, _rates, { step }) => shown.push(step));
  return { player, shown, last: () => shown.at(-1) };
}

test('a replay begins shortly before its sale does, and plays at its speed', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  for (const [speed, afterTenSeconds] of [
    [1, 55 + 10],
    [4, 55 + 40],
    [16, 55 + 160],
  ] as const) {
    const { player, shown, last } = playerWith();
    player.speed = speed;
    player.play();
    assert.equal(shown[0], 55);
    t.mock.timers.tick(10_000);
    assert.equal(last(), afterTenSeconds);
    player.end();
  }
});

test('at its end a replay stops, and begins anew when it is played again', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { player, last } = playerWith();
  player.speed = 60;
  player.play();
  t.mock.timers.tick(60_000);
  assert.equal(last(), stepCount - 1);
  assert(!player.isPlaying);
  player.play();
  assert.equal(last(), 0);
  player.end();
});

test('a change of speed in the middle goes on from there', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { player, last } = playerWith();
  player.speed = 1;
  player.play();
  t.mock.timers.tick(3_000);
  player.speed = 4;
  assert.equal(last(), 58);
  t.mock.timers.tick(1_000);
  assert.equal(last(), 62);
  player.pause();
  t.mock.timers.tick(5_000);
  assert.equal(last(), 62);
});

test('moving keeps within the sale, and always moves where a step is longer than the move', () => {
  const { player, last } = playerWith();
  player.seek(-10);
  assert.equal(last(), 0);
  player.seek(Number.POSITIVE_INFINITY);
  assert.equal(last(), stepCount - 1);
  player.move(-60);
  assert.equal(last(), stepCount - 61);
  const thinned = playerWith(10);
  thinned.player.seek(20);
  thinned.player.move(5);
  assert.equal(thinned.last(), 21);
  thinned.player.move(-5);
  assert.equal(thinned.last(), 20);
});
