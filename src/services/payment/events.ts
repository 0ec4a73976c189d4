import type { NewEvent } from '../../platform/events/event.ts';

/** What payment announces. The key is the order's id, so that the news of one order stays in its order. */

interface PaymentFacts {
  readonly paymentId: string;
  readonly orderId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly provider: string;
}

export function paymentCaptured({ paymentId, orderId, amountMinor, currency, provider }: PaymentFacts): NewEvent {
  return {
    topic: 'payment.captured',
    key: orderId,
    payload: { version: 1, paymentId, orderId, amountMinor, currency, provider },
  };
}

export function paymentDeclined({ paymentId, orderId, provider }: PaymentFacts, reason: string): NewEvent {
  return { topic: 'payment.declined', key: orderId, payload: { version: 1, paymentId, orderId, provider, reason } };
}

/** `isOrderSettled`: the order counts as paid although the provider let the authorisation go. */
export function paymentVoided({ paymentId, orderId, provider }: PaymentFacts, isOrderSettled: boolean): NewEvent {
  return {
    topic: 'payment.voided',
    key: orderId,
    payload: { version: 1, paymentId, orderId, provider, isOrderSettled },
  };
}

/** Part or all of a payment went back to the buyer; `amountMinor` is this refund's own. */
export function paymentRefunded(refund: PaymentFacts & { readonly refundId: string }): NewEvent {
  const { refundId, paymentId, orderId, amountMinor, currency, provider } = refund;
  return {
    topic: 'payment.refunded',
    key: orderId,
    payload: { version: 1, refundId, paymentId, orderId, amountMinor, currency, provider },
  };
}
