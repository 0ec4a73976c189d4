import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Sale } from '../services/promotion/api.ts';
import { createSaleBook, nextChangeMs } from './sale-book.ts';

const nowMs = 1_000_000;
const variants = ['v1', 'v2', 'v3'];

const anySale: fc.Arbitrary<Sale> = fc.record({
  saleId: fc.uuid(),
  name: fc.constant('A sale'),
  startsAtMs: fc.integer({ min: nowMs - 1000, max: nowMs + 1000 }),
  endsAtMs: fc.integer({ min: nowMs - 500, max: nowMs + 3000 }),
  isHeldUntilStart: fc.boolean(),
  items: fc.array(
    fc.record({
      saleItemId: fc.uuid(),
      variantId: fc.constantFrom(...variants),
      currency: fc.constantFrom('USD', 'EUR'),
      amountMinor: fc.integer({ min: 0, max: 10_000 }),
    }),
    { maxLength: 4 },
  ),
});

test('of the sales that run the lowest price holds, else the next to begin is announced', () => {
  fc.assert(
    fc.property(fc.array(anySale, { maxLength: 6 }), (sales) => {
      const book = createSaleBook(sales, 'USD', nowMs);
      for (const variantId of variants) {
        const all = sales.flatMap((sale) =>
          sale.items
            .filter((item) => item.variantId === variantId && item.currency === 'USD' && sale.endsAtMs > nowMs)
            .map((item) => ({ ...sale, amountMinor: item.amountMinor })),
        );
        const running = all.filter(({ startsAtMs }) => startsAtMs <= nowMs);
        const found = book.of(variantId);
        if (running.length > 0) {
          assert.equal(found?.isRunning, true);
          assert.equal(found.amountMinor, Math.min(...running.map(({ amountMinor }) => amountMinor)));
        } else if (all.length > 0) {
          assert.equal(found?.isRunning, false);
          assert.equal(found.startsAtMs, Math.min(...all.map(({ startsAtMs }) => startsAtMs)));
        } else assert.equal(found, undefined);
      }
    }),
  );
});

test('of a later instant a book says what one of that instant does', () => {
  fc.assert(
    fc.property(fc.array(anySale, { maxLength: 6 }), fc.nat(4000), (sales, laterMs) => {
      const atMs = nowMs + laterMs;
      const [now, then] = [nowMs, atMs].map((ms) => createSaleBook(sales, 'USD', ms));
      for (const variantId of variants) assert.deepEqual(now?.of(variantId, atMs), then?.of(variantId));
    }),
  );
});

test('what a sale holds is held until the first of its sales starts, in whatever currency, and not while one runs', () => {
  fc.assert(
    fc.property(fc.array(anySale, { maxLength: 6 }), (sales) => {
      const book = createSaleBook(sales, 'USD', nowMs);
      for (const variantId of variants) {
        const all = sales.filter(
          ({ items, endsAtMs }) => endsAtMs > nowMs && items.some((item) => item.variantId === variantId),
        );
        const isRunning = all.some(({ startsAtMs }) => startsAtMs <= nowMs);
        const isHeld = !isRunning && all.some(({ isHeldUntilStart }) => isHeldUntilStart);
        const firstAtMs = Math.min(...all.map(({ startsAtMs }) => startsAtMs));
        assert.equal(book.heldUntilMs(variantId), isHeld ? firstAtMs : undefined);
      }
    }),
  );
});

test('a page is due at the next beginning or end of a sale of what it shows, and never in the past', () => {
  fc.assert(
    fc.property(fc.array(anySale, { maxLength: 6 }), fc.subarray(variants), (sales, shown) => {
      const book = createSaleBook(sales, 'USD', nowMs);
      const instants = sales
        .filter(({ items }) => items.some(({ variantId }) => shown.includes(variantId)))
        .flatMap(({ startsAtMs, endsAtMs }) => [startsAtMs, endsAtMs])
        .filter((atMs) => atMs > nowMs);
      assert.equal(nextChangeMs(book, shown), instants.length === 0 ? undefined : Math.min(...instants));
    }),
  );
});
