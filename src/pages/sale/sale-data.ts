import type { Product } from '../../services/catalog/api.ts';
import type { Sale } from '../../services/promotion/api.ts';
import type { Reads, StockHint } from '../reads.ts';
import type { SaleBook } from '../sale-book.ts';

/** A sale as a page shows it, at the instant when it was loaded. */
export interface SaleData {
  readonly sale: Sale;
  readonly phase: SalePhase;
  readonly items: readonly SaleItemView[];
}

/** announced → open → over; whether anything is left is told by the items. */
export type SalePhase = 'announced' | 'open' | 'over';

export interface SaleItemView {
  readonly product: Product;
  readonly variantId: string;
  readonly options: Readonly<Record<string, string>>;
  readonly amountMinor: number;
  /** What it costs outside the sale. */
  readonly listMinor: number | undefined;
  readonly limitPerBuyer: number | undefined;
  readonly stock: StockHint;
}

export function phaseAt(sale: Pick<Sale, 'startsAtMs' | 'endsAtMs'>, nowMs: number): SalePhase {
  if (nowMs < sale.startsAtMs) return 'announced';
  return nowMs < sale.endsAtMs ? 'open' : 'over';
}

/** Nothing of it is left just now; what is not paid in time comes back. */
export function isSoldOut({ phase, items }: Pick<SaleData, 'phase' | 'items'>): boolean {
  return phase === 'open' && items.every(({ stock }) => stock.available === 0);
}

/** Where there is something to do first: running, then announced, then sold out. */
export function byUrgency(a: SaleData, b: SaleData): number {
  const rank = (data: SaleData) => (isSoldOut(data) ? 2 : data.phase === 'open' ? 0 : 1);
  return rank(a) - rank(b) || a.sale.startsAtMs - b.sale.startsAtMs;
}

/** The next instant at which its page is another. */
export function nextPhaseAtMs(sale: Pick<Sale, 'startsAtMs' | 'endsAtMs'>, nowMs: number): number | undefined {
  return [sale.startsAtMs, sale.endsAtMs].find((atMs) => atMs > nowMs);
}

/** Sales with what is in them; items whose variant nobody sells are left out. */
export async function loadSales(
  reads: Reads,
  book: SaleBook,
  sales: readonly Sale[],
  currency: string,
): Promise<SaleData[]> {
  const wanted = sales.flatMap(({ items }) => items.filter((item) => item.currency === currency));
  const variantIds = [...new Set(wanted.map(({ variantId }) => variantId))];
  const [products, stock] = await Promise.all([reads.productsOfVariants(variantIds), reads.stock(variantIds)]);
  return sales.map((sale) => ({
    sale,
    phase: phaseAt(sale, book.nowMs),
    items: sale.items.flatMap((item): SaleItemView[] => {
      const product = products.get(item.variantId);
      const variant = product?.variants.find(({ variantId }) => variantId === item.variantId);
      if (product === undefined || variant === undefined || item.currency !== currency) return [];
      return [
        {
          product,
          variantId: item.variantId,
          options: variant.options,
          amountMinor: item.amountMinor,
          listMinor: variant.prices.find((price) => price.currency === currency)?.amountMinor,
          limitPerBuyer: item.limitPerBuyer,
          stock: stock.get(item.variantId) ?? { available: 0, granted: 0 },
        },
      ];
    }),
  }));
}
