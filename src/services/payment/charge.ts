import { AssertionError } from 'node:assert';
import type { Call, Client } from '../../platform/api/contract.ts';
import { succeeded } from '../../platform/api/peer.ts';
import { createLane } from '../../platform/batch/lane.ts';
import type { Context } from '../../platform/context/context.ts';
import { DatabaseFault } from '../../platform/database/database.ts';
import { derivedId } from '../../platform/database/derived-id.ts';
import type { NewEvent } from '../../platform/events/event.ts';
import type { checkoutApi } from '../checkout/api.ts';

import { paymentCaptured, paymentDeclined, paymentVoided } from './events.ts';
import { captureMovement } from './ledger.ts';
import { decidePayment, type News, retryDelayMs, type Step } from './payment.ts';
import { answerWithin, nothingDue, type PaymentProvider, ProviderFault } from './provider.ts';
import {
  claimOverduePayments,
  claimPayment,
  endPayments,
  insertPayments,
  loadPayments,
  type NewPayment,
  type PaymentEnd,
  type PaymentRow,
  postponePayment,
} from './store.ts';
import { insertRefunds } from './store-refund.ts';

export type PaymentContext = Pick<Context, 'clock' | 'log' | 'metrics' | 'database' | 'events' | 'jobs' | 'signer'>;

/** How long things may take. */
export interface PaymentTimes {
  /** How long a provider may take for one answer. */
  readonly providerTimeoutMs: number;
  /**
   * How long whoever begins or resumes a payment has it to himself. Others who come too early do no harm, since every step
   * is idempotent; the lease only spares the provider double questions. Longer than two answers of a provider.
   */
  readonly leaseMs: number;
}

/** A payment on its way; a PaymentRow that is still `started` is one. */
export type OpenPayment = Pick<
  PaymentRow,
  'paymentId' | 'orderId' | 'amountMinor' | 'currency' | 'provider' | 'card' | 'tries' | 'createdAtMs'
>;

/** What a reader may see of a payment. */
export type PaymentFacts = Pick<
  PaymentRow,
  | 'paymentId'
  | 'orderId'
  | 'state'
  | 'amountMinor'
  | 'refundedMinor'
  | 'currency'
  | 'provider'
  | 'declineReason'
  | 'createdAtMs'
>;

export type BeginOutcome =
  | { readonly kind: 'begun'; readonly payment: OpenPayment }
  /** This payment was begun before, by a request with the same key. */
  | { readonly kind: 'exists'; readonly payment: PaymentRow };

export type ChargeOutcome =
  | { readonly kind: 'ended'; readonly payment: PaymentFacts }
  /** Somebody did not answer. Recovery, a webhook or a retry with the same key carries it on. */
  | { readonly kind: 'unknown' };

type EndStep = Extract<Step, { kind: 'end' }>;
type Ended = Pick<PaymentFacts, 'state' | 'refundedMinor' | 'declineReason'>;

/** Carries payments from `started` to their end: the flow that payment.ts draws, so that it may break off anywhere. */
export function createCharging(
  ctx: PaymentContext,
  checkout: Pick<Client<typeof checkoutApi>, 'settleOrder'>,
  providerNamed: (name: string) => PaymentProvider | undefined,
  times: PaymentTimes,
) {
  const endedCount = ctx.metrics.counter('onrush_payments_ended_total', 'Payments that came to an end, by how.', [
    'state',
  ]);
  const unknownCount = ctx.metrics.counter(
    'onrush_payments_unknown_total',
    'Times at which a payment broke off with its outcome unknown, to be carried on later.',
  );

  const beginLane = createLane<NewPayment, BeginOutcome>({
    name: 'payment-begin',
    batchMax: 500,
    // About two seconds of work: beyond that, buyers are better told to come back.
    waitingMax: 5_000,
    run: beginBatch,
  });
  const endLane = createLane<{ payment: OpenPayment; step: EndStep }, Ended>({
    name: 'payment-end',
    batchMax: 500,
    // Wider than the way in: what has been asked of a provider is better written down than asked again.
    waitingMax: 20_000,
    run: endBatch,
  });

  async function beginBatch(batch: readonly NewPayment[]): Promise<BeginOutcome[]> {
    const nowMs = ctx.clock.nowMs();
    // In key order, so that two processes that are sent the same keys never wait for each other in a circle.
    const inOrder = [...batch].sort(byPaymentId);
    const lease = { nowMs, leaseUntilMs: nowMs + times.leaseMs };
    const inserted = new Set(await withoutDeadlock(() => insertPayments(ctx.database, inOrder, lease)));
    const outcomes = batch.map((payment): BeginOutcome | undefined => {
      // The first of several with one key has it; `delete` leaves nothing for the others.
      if (!inserted.delete(payment.paymentId)) return undefined;
      return { kind: 'begun', payment: { ...payment, tries: 0, createdAtMs: nowMs } };
    });
    if (!outcomes.includes(undefined)) return outcomes as BeginOutcome[];

    const existing = await loadPayments(
      ctx.database,
      batch.filter((_, index) => outcomes[index] === undefined).map((payment) => payment.paymentId),
    );
    const rowBy = new Map(existing.map((row) => [row.paymentId, row]));
    return batch.map((payment, index) => {
      const row = rowBy.get(payment.paymentId);
      return outcomes[index] ?? { kind: 'exists', payment: row ?? unreadable(payment.paymentId) };
    });
  }

  async function endBatch(batch: readonly { payment: OpenPayment; step: EndStep }[]): Promise<Ended[]> {
    const nowMs = ctx.clock.nowMs();
    const byId = new Map(batch.map((item) => [item.payment.paymentId, item]));
    const items = [...byId.values()].sort((one, other) => byPaymentId(one.payment, other.payment));
    const entries = items.flatMap(({ payment, step }) =>
      step.state === 'captured' ? captureMovement(payment.paymentId, payment) : [],
    );
    const ends = items.map(endOf);

    const endedBy = await withoutDeadlock(() =>
      ctx.database.transaction(async (tx) => {
        const ended = await endPayments(tx, ends, entries, nowMs);
        const changed = ended.flatMap(({ paymentId }) => byId.get(paymentId) ?? []);
        const unwanted = ended.flatMap(({ paymentId, isUnwanted }) => (isUnwanted ? (byId.get(paymentId) ?? []) : []));
        const refunds = unwanted
          .filter(({ payment }) => payment.amountMinor > 0)
          .map(({ payment }) => refundOf(payment));
        await Promise.all([
          changed.length > 0 && ctx.events.publish(tx, changed.map(announcementOf)),
          // Due at once: the recovery job makes them.
          refunds.length > 0 && insertRefunds(tx, refunds, { nowMs, leaseUntilMs: nowMs }),
        ]);
        return new Map(ended.map((end) => [end.paymentId, end]));
      }),
    );
    if (endedBy.size > 0) ctx.events.nudge();
    for (const state of ['captured', 'declined', 'voided'] as const) {
      const count = items.filter(({ payment, step }) => step.state === state && endedBy.has(payment.paymentId)).length;
      if (count > 0) endedCount.add(count, { state });
    }

    const others = items.filter(({ payment }) => !endedBy.has(payment.paymentId));
    const rows =
      others.length === 0
        ? []
        : await loadPayments(
            ctx.database,
            others.map(({ payment }) => payment.paymentId),
          );
    const rowBy = new Map(rows.map((row) => [row.paymentId, row]));
    return batch.map(({ payment: { paymentId } }) => {
      const ended = endedBy.get(paymentId);
      const item = byId.get(paymentId);
      if (ended === undefined || item === undefined) return rowBy.get(paymentId) ?? unreadable(paymentId);
      return {
        state: item.step.state,
        refundedMinor: ended.isUnwanted ? item.payment.amountMinor : 0,
        declineReason: item.step.state === 'declined' ? item.step.reason : null,
      };
    });
  }

  async function settle(payment: OpenPayment, call: Partial<Call>): Promise<boolean> {
    const { paymentId, orderId, amountMinor, currency } = payment;
    const reply = await checkout.settleOrder({ params: { orderId }, body: { paymentId, amountMinor, currency } }, call);
    return succeeded('checkout', reply).body.isPaid;
  }

  function providerOf(payment: OpenPayment): Pick<PaymentProvider, 'authorise' | 'capture' | 'void'> {
    if (payment.amountMinor === 0) return nothingDue;
    const provider = providerNamed(payment.provider);
    if (provider === undefined) throw new ProviderFault(`the payment provider ${payment.provider} is not configured`);
    return provider;
  }

  async function authorise(payment: OpenPayment, timeoutMs: number): Promise<News> {
    const provider = providerOf(payment);
    const { paymentId, amountMinor, currency } = payment;
    const request = { paymentId, amountMinor, currency, card: payment.card ?? unreadable(paymentId) };
    return answerWithin(timeoutMs, (signal) => provider.authorise(request, signal));
  }

  /** Step by step to the end. Throws where somebody does not answer. */
  async function follow(payment: OpenPayment, first: News, call: Partial<Call>): Promise<PaymentFacts> {
    let news = first;
    let isOrderSettled: boolean | undefined;
    for (;;) {
      const step = decidePayment('started', news, isOrderSettled);
      switch (step.kind) {
        case 'settle':
          isOrderSettled = await settle(payment, call);
          break;
        case 'capture':
        case 'void': {
          const provider = providerOf(payment);
          const { paymentId, amountMinor, currency } = payment;
          const request = { paymentId, amountMinor, currency, reference: step.reference };
          news = await answerWithin(times.providerTimeoutMs, (signal) => provider[step.kind](request, signal));
          break;
        }
        case 'end':
          return end(payment, step);
        case 'ignore':
          throw new AssertionError({ message: 'a started payment heeds all news' });
      }
    }
  }

  async function end(payment: OpenPayment, step: EndStep): Promise<PaymentFacts> {
    const ended = await endLane.submit({ payment, step });
    const { paymentId, orderId, amountMinor, currency, provider, createdAtMs } = payment;
    if (ended.state !== step.state) {
      ctx.log.error(
        { paymentId, orderId, state: ended.state, news: step.state },
        'a payment ended in two ways; the first stands',
      );
    } else if (step.state === 'voided' && step.isOrderSettled) {
      ctx.log.error({ paymentId, orderId }, 'an order is paid by a payment that the provider has let go');
    }
    const { state, refundedMinor, declineReason } = ended;
    return { paymentId, orderId, state, amountMinor, refundedMinor, currency, provider, declineReason, createdAtMs };
  }

  /**
   * Carries a payment on as far as it goes: from the provider's `news`, or from asking the provider (again). Safe to call by
   * anybody at any time.
   */
  async function carryOn(
    payment: OpenPayment,
    {
      news,
      call = {},
      timeoutMs = times.providerTimeoutMs,
    }: { news?: News; call?: Partial<Call>; timeoutMs?: number } = {},
  ): Promise<ChargeOutcome> {
    try {
      const first = news ?? (await authorise(payment, timeoutMs));
      return { kind: 'ended', payment: await follow(payment, first, call) };
    } catch (error) {
      if (error instanceof AssertionError) throw error;
      unknownCount.add();
      const { paymentId, orderId, tries } = payment;
      const fields = { paymentId, orderId, tries, err: error };
      try {
        const retryAtMs = ctx.clock.nowMs() + retryDelayMs(tries);
        if (await postponePayment(ctx.database, paymentId, retryAtMs)) {
          ctx.log.warn(fields, 'a payment broke off; it will be carried on');
          return { kind: 'unknown' };
        }
        // While this one waited in vain, a webhook or another request has ended it.
        const [ended] = await loadPayments(ctx.database, [paymentId]);
        return { kind: 'ended', payment: ended ?? unreadable(paymentId) };
      } catch (postponeError) {
        if (postponeError instanceof AssertionError) throw postponeError;
        ctx.log.warn(fields, 'a payment broke off; it will be carried on when its lease is over');
        return { kind: 'unknown' };
      }
    }
  }

  return {
    begin: (payment: NewPayment) => beginLane.submit(payment),
    carryOn,
    /** Takes over a payment if nobody is at work on it. */
    claim(paymentId: string): Promise<boolean> {
      const nowMs = ctx.clock.nowMs();
      return claimPayment(ctx.database, paymentId, { nowMs, leaseUntilMs: nowMs + times.leaseMs });
    },
    /** Carries on some of the payments that nobody is at work on; tells how many there were. */
    async recover(countMax: number): Promise<number> {
      const nowMs = ctx.clock.nowMs();
      const overdue = await claimOverduePayments(ctx.database, {
        nowMs,
        leaseUntilMs: nowMs + times.leaseMs,
        countMax,
      });
      await Promise.all(overdue.map((payment) => carryOn(payment)));
      return overdue.length;
    },
    async close(): Promise<void> {
      await beginLane.close();
      await endLane.close();
    },
  };
}

export type Charging = ReturnType<typeof createCharging>;

function endOf({ payment: { paymentId }, step }: { payment: OpenPayment; step: EndStep }): PaymentEnd {
  return {
    paymentId,
    state: step.state,
    reference: step.state === 'captured' ? step.reference : null,
    declineReason: step.state === 'declined' ? step.reason : null,
    isUnwanted: step.state === 'captured' && step.isUnwanted,
  };
}

function announcementOf({ payment, step }: { payment: OpenPayment; step: EndStep }): NewEvent {
  switch (step.state) {
    case 'captured':
      return paymentCaptured(payment);
    case 'declined':
      return paymentDeclined(payment, step.reason);
    case 'voided':
      return paymentVoided(payment, step.isOrderSettled);
  }
}

function refundOf({ paymentId, amountMinor, currency }: OpenPayment) {
  return {
    refundId: unwantedRefundId(paymentId),
    paymentId,
    amountMinor,
    currency,
    reason: 'the order is not paid by it',
  };
}

/** A payment is given back as unwanted once, by whoever notices first. */
export function unwantedRefundId(paymentId: string): string {
  return derivedId(paymentId, 'unwanted');
}

function byPaymentId(one: { paymentId: string }, other: { paymentId: string }): number {
  if (one.paymentId === other.paymentId) return 0;
  return one.paymentId < other.paymentId ? -1 : 1;
}

/**
 * PostgreSQL ends a circle of waiting transactions by failing one of them whole (40P01): nothing of it happened, so it may
 * simply run again. Rare, where a webhook, a retry and a cancellation meet on the same payments.
 */
async function withoutDeadlock<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const isDeadlock = error instanceof DatabaseFault && error.code === '40P01';
      if (!isDeadlock || tries === 3) throw error;
    }
  }
}

function unreadable(paymentId: string): never {
  throw new AssertionError({ message: `payment ${paymentId} is there and yet cannot be read` });
}
