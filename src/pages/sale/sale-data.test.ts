import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sale } from '../../services/promotion/api.ts';
import { byUrgency, isSoldOut, nextPhaseAtMs, phaseAt, type SaleData, type SaleItemView } from './sale-data.ts';

const hours = (startsAtMs: number, endsAtMs: number) => ({ startsAtMs, endsAtMs });

test('a sale is announced until its first millisecond, open until before its last, then over', () => {
  const sale = hours(100, 200);
  assert.deepEqual(
    [99, 100, 199, 200].map((nowMs) => phaseAt(sale, nowMs)),
    ['announced', 'open', 'open', 'over'],
  );
  assert.deepEqual(
    [99, 100, 199, 200].map((nowMs) => nextPhaseAtMs(sale, nowMs)),
    [100, 200, 200, undefined],
  );
});

function sale(name: string, phase: SaleData['phase'], startsAtMs: number, ...available: number[]): SaleData {
  const items = available.map((left) => ({ stock: { available: left, granted: 10 } }) as SaleItemView);
  return { sale: { name, ...hours(startsAtMs, 1000) } as Sale, phase, items };
}

test('sold out is only what is open and has nothing left', () => {
  assert.equal(isSoldOut(sale('a', 'open', 0, 0, 0)), true);
  assert.equal(isSoldOut(sale('a', 'open', 0, 0, 1)), false);
  assert.equal(isSoldOut(sale('a', 'announced', 0, 0)), false);
  assert.equal(isSoldOut(sale('a', 'over', 0, 0)), false);
});

test('what can be bought stands before what is to come, and that before what is gone', () => {
  const listed = [
    sale('gone', 'open', 1, 0),
    sale('later', 'announced', 9, 5),
    sale('soon', 'announced', 5, 5),
    sale('now', 'open', 2, 1),
  ];
  assert.deepEqual(
    listed.sort(byUrgency).map((data) => data.sale.name),
    ['now', 'soon', 'later', 'gone'],
  );
});
