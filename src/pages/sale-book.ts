import type { Sale } from '../services/promotion/api.ts';

/** The sales of one currency as pages need them, at one instant. */
export interface SaleBook {
  readonly nowMs: number;
  readonly sales: readonly Sale[];
  /** The sale that holds for a variant at an instant, from now on (the lowest price that runs then), and else the next to begin. */
  of(variantId: string, atMs?: number): VariantSale | undefined;
  /** When its next sale starts, of whatever currency, if it is not sold before; else undefined. */
  heldUntilMs(variantId: string): number | undefined;
}

export interface VariantSale {
  readonly saleId: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly amountMinor: number;
  readonly limitPerBuyer: number | undefined;
  readonly isRunning: boolean;
}

interface Entry extends VariantSale {
  readonly currency: string;
  readonly isHeldUntilStart: boolean;
}

export function createSaleBook(sales: readonly Sale[], currency: string, nowMs: number): SaleBook {
  const byVariant = new Map<string, Entry[]>();
  for (const { saleId, startsAtMs, endsAtMs, isHeldUntilStart = false, items } of sales) {
    if (endsAtMs <= nowMs) continue;
    for (const { variantId, ...item } of items) {
      const { amountMinor, limitPerBuyer } = item;
      const isRunning = startsAtMs <= nowMs;
      const sale: VariantSale = { saleId, startsAtMs, endsAtMs, amountMinor, limitPerBuyer, isRunning };
      const entry = { ...sale, currency: item.currency, isHeldUntilStart };
      const known = byVariant.get(variantId);
      if (known === undefined) byVariant.set(variantId, [entry]);
      else known.push(entry);
    }
  }
  return {
    nowMs,
    sales,
    of(variantId, atMs = nowMs) {
      const entries = (byVariant.get(variantId) ?? []).filter(
        (entry) => entry.currency === currency && entry.endsAtMs > atMs,
      );
      const running = entries.filter(({ startsAtMs }) => startsAtMs <= atMs);
      const [lowest] = running.toSorted((a, b) => a.amountMinor - b.amountMinor);
      return lowest ? { ...lowest, isRunning: true } : entries.toSorted((a, b) => a.startsAtMs - b.startsAtMs)[0];
    },
    heldUntilMs(variantId) {
      const entries = byVariant.get(variantId) ?? [];
      const isHeld = entries.some((entry) => entry.isHeldUntilStart) && !entries.some(({ isRunning }) => isRunning);
      return isHeld ? Math.min(...entries.map(({ startsAtMs }) => startsAtMs)) : undefined;
    },
  };
}

/** When a page that shows these variants changes by itself: the next beginning or end of a sale. */
export function nextChangeMs(book: SaleBook, variantIds: Iterable<string>): number | undefined {
  const wanted = new Set(variantIds);
  let next: number | undefined;
  for (const { startsAtMs, endsAtMs, items } of book.sales) {
    if (!items.some(({ variantId }) => wanted.has(variantId))) continue;
    for (const atMs of [startsAtMs, endsAtMs]) {
      if (atMs > book.nowMs && (next === undefined || atMs < next)) next = atMs;
    }
  }
  return next;
}
