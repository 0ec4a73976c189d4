import type { Cart } from '../../services/cart/api.ts';
import type { Quote } from '../../services/quote/api.ts';

/** A variant that costs other than what its buyer was shown when it was put into the cart. */
export interface PriceChange {
  readonly variantId: string;
  readonly seenMinor: number;
  readonly nowMinor: number;
}

/** What the buyer has to agree to before this quote can become an order (promise I8). */
export function priceChanges(cart: Pick<Cart, 'lines'>, quote: Pick<Quote, 'lines'>): PriceChange[] {
  const nowBy = new Map(quote.lines.map((line) => [line.variantId, line.unitPriceMinor]));
  return cart.lines.flatMap(({ variantId, seenUnitPriceMinor }) => {
    const nowMinor = nowBy.get(variantId);
    if (seenUnitPriceMinor === undefined || nowMinor === undefined || seenUnitPriceMinor === nowMinor) return [];
    return [{ variantId, seenMinor: seenUnitPriceMinor, nowMinor }];
  });
}

/** Whether the quote is of just what is in the cart: it was ordered or changed since if it is not. */
export function isQuoteOf(cart: Pick<Cart, 'orderId'>, quote: Pick<Quote, 'orderId'>): boolean {
  return cart.orderId === quote.orderId;
}
