import type { Order } from '../../services/checkout/api.ts';
import type { Payment } from '../../services/payment/api.ts';

/**
 * Where an order stands for its buyer. A placed order is `due`, or `waiting` while a payment of it has no answer yet; the
 * others are the states of orders.
 */
export type OrderPhase = { readonly isCancellable: boolean } & (
  | {
      readonly kind: 'due';
      /** Why the last attempt to pay failed, in the provider's word; undefined if none did. */
      readonly declineReason: string | undefined;
      /** It has had as many payments as an order may have. */
      readonly isExhausted: boolean;
    }
  | { readonly kind: 'waiting' | 'paid' | 'fulfilled' | 'expired' }
  | { readonly kind: 'cancelled'; readonly wasPaid: boolean }
);

/** As in the contract of payments. */
const paymentsPerOrderMax = 20;

export function orderPhase(order: Pick<Order, 'state' | 'paidAtMs'>, payments: readonly Payment[]): OrderPhase {
  switch (order.state) {
    case 'placed': {
      if (payments.some(({ state }) => state === 'started')) return { kind: 'waiting', isCancellable: true };
      const last = payments.toSorted((a, b) => a.createdAtMs - b.createdAtMs).at(-1);
      const declineReason = last?.state === 'declined' ? (last.declineReason ?? 'declined') : undefined;
      return { kind: 'due', declineReason, isExhausted: payments.length >= paymentsPerOrderMax, isCancellable: true };
    }
    case 'paid':
      return { kind: 'paid', isCancellable: true };
    case 'cancelled':
      return { kind: 'cancelled', wasPaid: order.paidAtMs !== undefined, isCancellable: false };
    case 'fulfilled':
    case 'expired':
      return { kind: order.state, isCancellable: false };
  }
}
