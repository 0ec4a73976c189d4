import type { OrderState } from '../checkout/api.ts';
import type { PaymentState } from './api.ts';

/**
 * What becomes of a payment:
 *
 *   started ── provider declines ──────────────────────────────────────────▶ declined
 *      │
 *      └── provider authorises ── checkout settles the order? ── yes ── capture ──▶ captured (▶ refunded, in parts)
 *                                          └── no ── void ──▶ voided
 *
 * Before checkout is asked, the units of a sale are counted for the card or account (instrument.ts). One that has paid for as many
 * as it may is answered as if the order were not settled by it, and ends declined.
 *
 * A provider may also decline or let go what it has authorised. Then the payment ends only when it is known whether the order
 * is settled by it: an order that is paid without money must not go unnoticed.
 *
 * Money is captured only after checkout has said that this payment, and no other, pays the order. Every arrow may be tried
 * again by anybody at any time: each is idempotent by the payment's id at the provider, at checkout and in our table.
 * The three ends never change; what arrives later is a repetition or a contradiction.
 */

/**
 * What a provider says of a payment, in answer to us or by webhook. `instrument`: the provider's fingerprint of the card or account,
 * the same whoever uses it (at Stripe: `payment_method_details.card.fingerprint`); left out where it tells none.
 */
export type News =
  | { readonly kind: 'authorised'; readonly reference: string; readonly instrument?: string }
  | { readonly kind: 'declined'; readonly reason: string }
  | { readonly kind: 'captured'; readonly reference: string; readonly instrument?: string }
  | { readonly kind: 'voided' };

export type Step =
  /** Ask checkout whether this payment pays its order. */
  | { readonly kind: 'settle' }
  /** Ask checkout whether the order is settled by this payment, and change nothing there. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'capture' | 'void'; readonly reference: string }
  /** Unwanted: the money was taken, but the order is not paid by it. It goes back. */
  | { readonly kind: 'end'; readonly state: 'captured'; readonly reference: string; readonly isUnwanted: boolean }
  | { readonly kind: 'end'; readonly state: 'declined'; readonly reason: string }
  /** Despite a settled order: the provider took back an authorisation that we had relied on. People must look at it. */
  | { readonly kind: 'end'; readonly state: 'voided'; readonly isOrderSettled: boolean }
  | { readonly kind: 'ignore'; readonly isContradiction: boolean };

/** The next step of a payment in `state` on this news. `isOrderSettled` is checkout's answer, once it was asked. */
export function decidePayment(state: PaymentState, news: News, isOrderSettled?: boolean): Step {
  if (state !== 'started') return { kind: 'ignore', isContradiction: !expectedAfter[state].includes(news.kind) };
  switch (news.kind) {
    case 'declined':
      if (isOrderSettled === undefined) return { kind: 'ask' };
      // Whoever settled the order had been told of an authorisation: it is gone now, whatever the provider calls that.
      if (isOrderSettled) return { kind: 'end', state: 'voided', isOrderSettled };
      return { kind: 'end', state: 'declined', reason: news.reason };
    case 'voided':
      if (isOrderSettled === undefined) return { kind: 'ask' };
      return { kind: 'end', state: 'voided', isOrderSettled };
    case 'authorised':
      if (isOrderSettled === undefined) return { kind: 'settle' };
      return { kind: isOrderSettled ? 'capture' : 'void', reference: news.reference };
    case 'captured':
      if (isOrderSettled === undefined) return { kind: 'settle' };
      return { kind: 'end', state: 'captured', reference: news.reference, isUnwanted: !isOrderSettled };
  }
}

// What an honest provider may still tell of a payment that has ended: the end itself, and what led there.
const expectedAfter: Record<Exclude<PaymentState, 'started'>, readonly News['kind'][]> = {
  captured: ['authorised', 'captured'],
  declined: ['declined'],
  voided: ['authorised', 'voided'],
};

export type EndStep = Extract<Step, { kind: 'end' }>;

/** What of a payment its end depends on, or changes. */
export interface PaymentStanding {
  readonly paymentId: string;
  readonly state: PaymentState;
  readonly amountMinor: number;
  readonly refundedMinor: number;
  readonly reference: string | null;
  readonly declineReason: string | null;
  /** Its money goes back whole, if it was captured or will be. */
  readonly isUnwanted: boolean;
  /** The order is settled by it, though it is declined or let go. */
  readonly isOrderSettled: boolean;
}

export interface PaymentEnd extends PaymentStanding {
  readonly state: Exclude<PaymentState, 'started'>;
  /** It had been declined or let go before; the news is that the order is settled by it all the same. */
  readonly isAmended: boolean;
}

/**
 * What a payment is at its end; undefined where it has ended before and stays as it is, whatever the news. Only that its order
 * is settled without money is still added, whoever learns of it however late.
 */
export function decideEnd(payment: PaymentStanding, step: EndStep): PaymentEnd | undefined {
  const { state } = payment;
  const isOrderSettled = isSettledWithoutMoney(step);
  if (state !== 'started') {
    const isNews = state !== 'captured' && isOrderSettled && !payment.isOrderSettled;
    return isNews ? { ...payment, state, isOrderSettled, isAmended: true } : undefined;
  }
  const ended = { ...payment, state: step.state, isOrderSettled, isAmended: false };
  switch (step.state) {
    case 'captured': {
      const isUnwanted = payment.isUnwanted || step.isUnwanted;
      // What goes back is promised in the moment in which it is taken.
      return { ...ended, reference: step.reference, isUnwanted, refundedMinor: isUnwanted ? payment.amountMinor : 0 };
    }
    case 'declined':
      return { ...ended, declineReason: step.reason };
    case 'voided':
      return ended;
  }
}

export function isSettledWithoutMoney(step: EndStep): boolean {
  return step.state === 'voided' && step.isOrderSettled;
}

/** What an order is to one of its payments. */
export type OrderStanding =
  /** Paid by this payment. */
  | 'settled'
  /** Not paid yet: whoever is at work on the payment may settle it at any moment. */
  | 'open'
  /** Never to be settled by this payment (any more). */
  | 'closed';

/** Where the order of a payment stands; `order` is undefined when checkout knows of none. */
export function standingOf(
  order: { readonly state: OrderState; readonly paymentId?: string | undefined } | undefined,
  paymentId: string,
): OrderStanding {
  if (order === undefined) return 'closed';
  if (order.state === 'placed') return 'open';
  const isPaid = order.state === 'paid' || order.state === 'fulfilled';
  return isPaid && order.paymentId === paymentId ? 'settled' : 'closed';
}

/** How many payments an order may have, so that nobody tries out stolen cards on it. Buyers mistype less often. */
export const paymentsPerOrderMax = 20;

export type RefundDecision =
  | { readonly kind: 'refund'; readonly amountMinor: number }
  | { readonly kind: 'not-captured' }
  | { readonly kind: 'exceeds'; readonly leftMinor: number };

/** How much to give back: what was asked for, or all that is left; never more than is left. */
export function decideRefund(
  payment: { readonly state: PaymentState; readonly amountMinor: number; readonly refundedMinor: number },
  askedMinor: number | undefined,
): RefundDecision {
  if (payment.state !== 'captured') return { kind: 'not-captured' };
  const leftMinor = payment.amountMinor - payment.refundedMinor;
  const amountMinor = askedMinor ?? leftMinor;
  if (amountMinor <= 0 || amountMinor > leftMinor) return { kind: 'exceeds', leftMinor };
  return { kind: 'refund', amountMinor };
}

const retryDelayMsMax = 5 * 60_000;

/** How long to wait before asking again for what has remained unknown `tries` times. */
export function retryDelayMs(tries: number): number {
  return Math.min(1000 * 2 ** Math.min(tries, 20), retryDelayMsMax);
}
