import type { OrderState } from './api.ts';

/**
 * The life of an order, and who moves each arrow:
 *
 *              settle (payment)          fulfil (staff)
 *   placed ───────────────────▶ paid ───────────────────▶ fulfilled
 *     │ │                         │
 *     │ └── expire (deadline) ──▶ expired
 *     └──── cancel (buyer) ─────▶ cancelled ◀── cancel ── paid (the payment is then refunded)
 */
export type OrderCommand =
  | { readonly kind: 'settle'; readonly paymentId: string; readonly amountMinor: number; readonly currency: string }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'expire' };

/** What a decision about an order looks at. */
export interface OrderFacts {
  readonly state: OrderState;
  readonly totalMinor: number;
  readonly currency: string;
  readonly payByAtMs: number;
  readonly paymentId: string | undefined;
}

/** What becomes of the units that the order holds. */
export type StockEffect = 'reserved-to-sold' | 'release-reserved' | 'return-sold';

export type OrderDecision =
  | { readonly kind: 'move'; readonly to: OrderState; readonly effect: StockEffect; readonly paymentId?: string }
  /** It already is what the command asks for: a retry, or the same wish twice. */
  | { readonly kind: 'already' }
  | { readonly kind: 'refused' };

export function decideOrder(order: OrderFacts, command: OrderCommand, nowMs: number): OrderDecision {
  switch (command.kind) {
    case 'settle':
      return decideSettle(order, command);
    case 'cancel':
      if (order.state === 'cancelled') return { kind: 'already' };
      if (order.state === 'placed') return { kind: 'move', to: 'cancelled', effect: 'release-reserved' };
      if (order.state === 'paid') return { kind: 'move', to: 'cancelled', effect: 'return-sold' };
      return { kind: 'refused' };
    case 'expire':
      if (order.state === 'expired') return { kind: 'already' };
      if (order.state !== 'placed' || nowMs < order.payByAtMs) return { kind: 'refused' };
      return { kind: 'move', to: 'expired', effect: 'release-reserved' };
  }
}

// While an order is placed its stock is held, deadline or not: a payment that was authorised in time is not turned away
// because the sweep that expires orders was slower.
function decideSettle(order: OrderFacts, command: OrderCommand & { kind: 'settle' }): OrderDecision {
  const isPaidByThis = order.paymentId === command.paymentId;
  if (isPaidByThis && (order.state === 'paid' || order.state === 'fulfilled')) return { kind: 'already' };
  if (order.state !== 'placed') return { kind: 'refused' };
  if (command.amountMinor !== order.totalMinor || command.currency !== order.currency) return { kind: 'refused' };
  return { kind: 'move', to: 'paid', effect: 'reserved-to-sold', paymentId: command.paymentId };
}
