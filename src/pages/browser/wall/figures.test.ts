import assert from 'node:assert/strict';
import test from 'node:test';
import type { Replay } from '../../../services/pulse/api.ts';
import { chartSeconds, figuresAt, ratesAt, ratesOf } from './figures.ts';
import { createWallFormat } from './format.ts';
import { type WallText, wallTexts } from './text.ts';

const startsAtMs = 1_800_000_000_000;
const saleId = 'aaaaaaaa-0000-4000-8000-000000000001';
const nothing = () => [0, 0, 0, 0];
const replay: Replay = {
  sale: { saleId, name: 'The night', startsAtMs: startsAtMs + 2_000, endsAtMs: startsAtMs + 4_000 },
  startsAtMs,
  stepS: 1,
  stepCount: 4,
  money: [{ currency: 'USD', takenMinor: [0, 0, 4900, 9800] }],
  placedCount: [1, 0, 3, 2],
  paidCount: [0, 0, 1, 1],
  cancelledCount: nothing(),
  expiredCount: nothing(),
  buyersCount: [1, 1, 4, 6],
  variants: [
    { variantId: saleId, title: 'Lantern', grantedCount: 9, reservedCount: [1, 1, 3, 4], soldCount: [0, 0, 1, 2] },
  ],
  regions: [{ countryCode: 'CN', orderCount: [0, 0, 2, 4] }],
  latencyP50Ms: [null, null, 12, 14],
  latencyP99Ms: [null, null, 40, 50],
  cacheHitRatio: [null, null, 1, 1],
  laneCount: [null, null, 3, 0],
  lagMs: [null, null, 80, 10],
  shed: { core: nothing(), standard: [0, 0, 0, 1], deferrable: [0, 2, 3, 0] },
};

test('orders of a replay are counted from the start of its sale, what was refused over five minutes', () => {
  const figures = figuresAt(replay, 3);
  assert.deepEqual(figures.orders, { placedCount: 5, paidCount: 2, cancelledCount: 0, expiredCount: 0 });
  assert.deepEqual(figures.money, [{ currency: 'USD', takenMinor: 9800 }]);
  assert.deepEqual(figures.shed, { core: 0, standard: 1, deferrable: 5 });
  assert.equal(figures.atMs, startsAtMs + 3_000);
});

test('before the opening a replay has no orders, and what nobody measured is no zero', () => {
  const figures = figuresAt(replay, 1);
  assert.equal(figures.orders.placedCount, 0);
  assert.equal(figures.latencyP50Ms, null);
  assert.deepEqual(figures.regions, []);
});

test('a chart has a rate for each second, whichever of them the server left out', () => {
  const second = { atMs: startsAtMs, placedCount: 7, paidCount: 1, cancelledCount: 0, expiredCount: 0 };
  const rates = ratesOf(new Map([[second.atMs, second]]), startsAtMs + 10_000);
  assert.equal(rates.length, chartSeconds);
  assert.deepEqual(rates.at(-11), { atMs: startsAtMs, placedCount: 7, paidCount: 1 });
  assert.equal(
    rates.reduce((sum, { placedCount }) => sum + placedCount, 0),
    7,
  );
});

test('a thinned replay shows orders per second, not per step', () => {
  const thinned = { ...replay, stepS: 4 };
  const rates = ratesAt(thinned, 2);
  assert.equal(rates.length, chartSeconds / 4);
  assert.equal(rates.at(-1)?.placedCount, 3 / 4);
});

test('both languages say everything that the wall can say', () => {
  const keys = (text: WallText) => Object.keys(text).sort();
  assert.deepEqual(keys(wallTexts.zh), keys(wallTexts.en));
});

test('money is told to the cent while it is little', () => {
  const format = createWallFormat('en', 'UTC');
  assert.equal(format.money(4_900, 'USD'), '$49.00');
  assert.equal(format.money(123_456_789, 'USD'), '$1,234,568');
  assert.equal(format.money(4_900, 'JPY'), '¥4,900');
  assert.equal(format.money(-4_900, 'USD'), '-$49.00');
  assert.equal(format.span(3_723_000), '1:02:03');
  assert.deepEqual(format.duration(1_234), { value: '1.2', unit: 's' });
});
