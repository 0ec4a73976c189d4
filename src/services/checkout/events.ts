import type { NewEvent } from '../../platform/events/event.ts';
import type { Quote } from '../quote/api.ts';
import type { OrderState } from './api.ts';

/** `order.placed`: stock is held, payment is due. */
export function orderPlaced(quote: Quote, placedAtMs: number): NewEvent {
  return {
    topic: 'order.placed',
    key: quote.orderId,
    payload: {
      version: 1,
      orderId: quote.orderId,
      buyerId: quote.buyerId,
      currency: quote.currency,
      totalMinor: quote.totalMinor,
      lines: quote.lines.map(({ variantId, quantity }) => ({ variantId, quantity })),
      // Where it goes, coarsely: the address itself is no business of whoever listens.
      countryCode: quote.deliveryAddress?.countryCode,
      placedAtMs,
    },
  };
}

/** `order.paid`, `order.cancelled`, `order.expired`. A cancelled order with a `paymentId` had been paid: give the money back. */
export function orderMoved(order: {
  orderId: string;
  to: OrderState;
  paymentId: string | undefined;
  totalMinor: number;
  currency: string;
  lines: readonly { variantId: string; quantity: number }[];
}): NewEvent {
  const { orderId, to, paymentId, totalMinor, currency, lines } = order;
  return {
    topic: `order.${to}`,
    key: orderId,
    payload: { version: 1, orderId, paymentId, totalMinor, currency, lines },
  };
}

export const orderTopics = ['order.placed', 'order.paid', 'order.cancelled', 'order.expired'] as const;
