import type { Sale } from '../services/promotion/api.ts';

/** The sales of one currency as pages need them, at one instant. */
export interface SaleBook {
  readonly nowMs: number;
  readonly sales: readonly Sale[];
  /** The running sale that holds for a variant (the lowest price), and else the next to begin. */
  of(variantId: string): VariantSale | undefined;
}

export interface VariantSale {
  readonly saleId: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly amountMinor: number;
  readonly limitPerBuyer: number | undefined;
  readonly isRunning: boolean;
}

export function createSaleBook(sales: readonly Sale[], currency: string, nowMs: number): SaleBook {
  const byVariant = new Map<string, VariantSale[]>();
  for (const { saleId, startsAtMs, endsAtMs, items } of sales) {
    if (endsAtMs <= nowMs) continue;
    for (const item of items) {
      if (item.currency !== currency) continue;
      const { amountMinor, limitPerBuyer } = item;
      const isRunning = startsAtMs <= nowMs;
      const entry: VariantSale = { saleId, startsAtMs, endsAtMs, amountMinor, limitPerBuyer, isRunning };
      const known = byVariant.get(item.variantId);
      if (known === undefined) byVariant.set(item.variantId, [entry]);
      else known.push(entry);
    }
  }
  return {
    nowMs,
    sales,
    of(variantId) {
      const entries = byVariant.get(variantId) ?? [];
      return (
        entries.filter(({ isRunning }) => isRunning).toSorted((a, b) => a.amountMinor - b.amountMinor)[0] ??
        entries.toSorted((a, b) => a.startsAtMs - b.startsAtMs)[0]
      );
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
