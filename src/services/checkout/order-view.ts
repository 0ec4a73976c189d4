import type { Quote } from '../quote/api.ts';
import type { Order } from './api.ts';
import type { StoredOrder } from './store.ts';

/** The order as its buyer sees it, straight from the quote that was just placed. */
export function placedOrder(quote: Quote, at: { placedAtMs: number; payByAtMs: number }, key: string): Order {
  const { orderId, currency, coupon, deliveryMethod, contact, deliveryAddress } = quote;
  return {
    orderId,
    key,
    state: 'placed',
    currency,
    lines: quote.lines.map(({ limit: _limit, isInSale: _isInSale, ...line }) => line),
    ...(coupon && { coupon }),
    ...(deliveryMethod !== undefined && { deliveryMethod }),
    deliveryMinor: quote.deliveryMinor,
    taxMinor: quote.taxMinor,
    totalMinor: quote.totalMinor,
    ...(contact && { contact }),
    ...(deliveryAddress && { deliveryAddress }),
    placedAtMs: at.placedAtMs,
    payByAtMs: at.payByAtMs,
  };
}

/** The order as its buyer sees it, from the store. */
export function storedOrder(order: StoredOrder, key: string): Order {
  const { buyerId: _buyerId, paymentId: _paymentId, paidAtMs, details, lines, ...shown } = order;
  return { ...shown, key, lines: [...lines], ...details, ...(paidAtMs !== undefined && { paidAtMs }) };
}
