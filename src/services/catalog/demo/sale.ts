import assert from 'node:assert/strict';
import type { SaleInput } from '../../promotion/api.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Long enough to find the sale page and see the clock run down; short enough to wait for. */
const opensAfterMs = 10 * minuteMs;
const lastsMs = 7 * dayMs;

/** Always the same, so that a demo loaded twice has one sale. */
export const nightTernSaleId = '7e24a000-0000-4000-8000-000000001000';
export const nightTernSku = 'TT-NIGHT-TERN';

/** Below the list price of 1,379 yuan, 175 euros or 189 dollars. */
const prices = [
  { currency: 'CNY', amountMinor: 111_900 },
  { currency: 'EUR', amountMinor: 14_200 },
  { currency: 'USD', amountMinor: 15_200 },
];

/** The sale of the edition of 1,000: one for each buyer. */
export function nightTernSale(variantIds: ReadonlyMap<string, string>, nowMs: number): SaleInput {
  const variantId = variantIds.get(nightTernSku);
  assert(variantId !== undefined, 'the lantern of the sale is in the catalogue');
  return {
    saleId: nightTernSaleId,
    name: 'The Night Tern',
    startsAtMs: nowMs + opensAfterMs,
    endsAtMs: nowMs + opensAfterMs + lastsMs,
    items: prices.map((price) => ({ variantId, ...price, limitPerBuyer: 1 })),
  };
}
