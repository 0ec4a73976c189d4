import type { NewEvent } from '../../platform/events/event.ts';
import type { Quote, QuotePass } from '../quote/api.ts';
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

/** `pass.used`: a pass of a waiting room became this order, of so many units. */
export function passUsed({ orderId, lines }: Quote, { roomId, place }: QuotePass): NewEvent {
  const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return { topic: 'pass.used', key: orderId, payload: { version: 1, orderId, roomId, place, units } };
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
