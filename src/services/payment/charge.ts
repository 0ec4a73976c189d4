import { AssertionError } from 'node:assert';
import type { Call, Client } from '../../platform/api/contract.ts';
import { succeeded } from '../../platform/api/peer.ts';
import { isProblem, problemSlug } from '../../platform/api/problem.ts';
import { createLane } from '../../platform/batch/lane.ts';
import type { Context } from '../../platform/context/context.ts';
import { commitWith, type Writes } from '../../platform/database/commit.ts';
import { DatabaseFault, type Tx } from '../../platform/database/database.ts';
import { derivedId } from '../../platform/database/derived-id.ts';
import type { NewEvent } from '../../platform/events/event.ts';
import type { checkoutApi } from '../checkout/api.ts';
import { paymentCaptured, paymentDeclined, paymentVoided } from './events.ts';
import type { InstrumentTake } from './instrument.ts';
import { createInstruments } from './instruments.ts';
import { captureMovement } from './ledger.ts';
import {
  decideEnd,
  decidePayment,
  type EndStep,
  isSettledWithoutMoney,
  type News,
  type OrderStanding,
  type PaymentEnd,
  retryDelayMs,
  standingOf,
} from './payment.ts';
import { answerWithin, nothingDue, type PaymentProvider, ProviderFault } from './provider.ts';
import {
  bookingEntries,
  claimOverduePayments,
  claimPayment,
  endingPayments,
  findExhaustedOrders,
  insertPayments,
  loadPayments,
  lockPayments,
  type NewPayment,
  type PaymentRow,
  postponePayment,
} from './store.ts';
import { returningTakings } from './store-instrument.ts';
import { insertingRefunds } from './store-refund.ts';

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
  | { readonly kind: 'exists'; readonly payment: PaymentRow }
  /** The order has had all the payments that it may have. */
  | { readonly kind: 'exhausted' };

export type ChargeOutcome =
  | { readonly kind: 'ended'; readonly payment: PaymentFacts }
  /** Somebody did not answer. Recovery, a webhook or a retry with the same key carries it on. */
  | { readonly kind: 'unknown' };

/** Ends a payment whose card or account has paid for as many units of a sale as it may: its money was let go. */
const limitReached: EndStep = { kind: 'end', state: 'declined', reason: 'limit-reached' };
/** Ends a payment of which nothing is left but an order that counts as paid by it. */
const settledWithoutMoney: EndStep = { kind: 'end', state: 'voided', isOrderSettled: true };

type Ended = Pick<PaymentFacts, 'state' | 'refundedMinor' | 'declineReason'>;

/** A payment that has come to its end, or to more news after it. */
interface EndedPayment {
  readonly payment: OpenPayment;
  readonly step: EndStep;
  readonly end: PaymentEnd;
}

/** Carries payments from `started` to their end: the flow that payment.ts draws, so that it may break off anywhere. */
export function createCharging(
  ctx: PaymentContext,
  checkout: Pick<Client<typeof checkoutApi>, 'getPayable' | 'settleOrder'>,
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

  // An order that is gone is not settled either.
  const instruments = createInstruments(
    ctx,
    async (orderId, call) => (await payableOf(orderId, call))?.instrumentLimits ?? [],
  );

  async function beginBatch(batch: readonly NewPayment[]): Promise<BeginOutcome[]> {
    const nowMs = ctx.clock.nowMs();
    const lease = { nowMs, leaseUntilMs: nowMs + times.leaseMs };
    const begun = new Set<string>();
    const exhausted = new Set<string>();
    const rowBy = new Map<string, PaymentRow>();
    // Each key once and in order, so that two processes that are sent the same keys never wait for each other in a circle.
    // Of several with one key the first is written: reversed, because a map keeps the last.
    const firstBy = new Map(batch.toReversed().map((payment) => [payment.paymentId, payment]));
    let waiting = [...firstBy.values()].sort(byOrder);
    for (;;) {
      const inserted = await withoutDeadlock(() => insertPayments(ctx.database, waiting, lease));
      for (const paymentId of inserted) begun.add(paymentId);
      waiting = waiting.filter((payment) => !inserted.has(payment.paymentId));
      if (waiting.length === 0) break;
      for (const row of await loadPayments(ctx.database, idsOf(waiting))) rowBy.set(row.paymentId, row);
      waiting = waiting.filter((payment) => !rowBy.has(payment.paymentId));
      if (waiting.length === 0) break;
      // Too many for their orders, or numbered by another process a moment earlier: those have another turn, at most as
      // many as an order may have payments.
      const full = await findExhaustedOrders(ctx.database, [...new Set(waiting.map(({ orderId }) => orderId))]);
      for (const { paymentId, orderId } of waiting) if (full.has(orderId)) exhausted.add(paymentId);
      waiting = waiting.filter((payment) => !full.has(payment.orderId));
      if (waiting.length === 0) break;
    }

    const outcomes = batch.map((payment): BeginOutcome | undefined => {
      if (exhausted.has(payment.paymentId)) return { kind: 'exhausted' };
      // The first of several with one key has it; `delete` leaves nothing for the others.
      if (!begun.delete(payment.paymentId)) return undefined;
      return { kind: 'begun', payment: { ...payment, tries: 0, createdAtMs: nowMs } };
    });
    const unread = batch.filter(({ paymentId }, index) => outcomes[index] === undefined && !rowBy.has(paymentId));
    if (unread.length > 0) {
      for (const row of await loadPayments(ctx.database, idsOf(unread))) rowBy.set(row.paymentId, row);
    }
    return batch.map(({ paymentId }, index) => {
      return outcomes[index] ?? { kind: 'exists', payment: rowBy.get(paymentId) ?? unreadable(paymentId) };
    });
  }

  async function endBatch(batch: readonly { payment: OpenPayment; step: EndStep }[]): Promise<Ended[]> {
    const nowMs = ctx.clock.nowMs();
    const byId = new Map<string, { payment: OpenPayment; step: EndStep }>();
    for (const item of batch) {
      const known = byId.get(item.payment.paymentId);
      // Of several who end a payment as gone, the one who knows of an order settled by it is heard.
      if (known && isSettledWithoutMoney(known.step) && item.step.state !== 'captured') continue;
      byId.set(item.payment.paymentId, item);
    }
    const work = async (tx: Tx) => {
      const locked = await lockPayments(tx, [...byId.keys()]);
      const changes = [...byId.values()].flatMap(({ payment, step }): EndedPayment[] => {
        const end = decideEnd(locked.get(payment.paymentId) ?? unreadable(payment.paymentId), step);
        return end === undefined ? [] : [{ payment, step, end }];
      });
      return commitWith(writesOf(changes, nowMs), { locked, changes });
    };
    const { locked, changes } = await withoutDeadlock(() => ctx.database.transaction(work, { readsFirst: true }));
    if (changes.length > 0) ctx.events.nudge();
    for (const state of ['captured', 'declined', 'voided'] as const) {
      const count = changes.filter(({ end }) => end.state === state && !end.isAmended).length;
      if (count > 0) endedCount.add(count, { state });
    }
    const endedBy = new Map<string, Ended>([...locked, ...changes.map(({ end }) => [end.paymentId, end] as const)]);
    return batch.map(({ payment: { paymentId } }) => endedBy.get(paymentId) ?? unreadable(paymentId));
  }

  /** What ends these payments, and all that goes with it. */
  function writesOf(changes: readonly EndedPayment[], nowMs: number): Writes {
    if (changes.length === 0) return [];
    const entries = changes.flatMap(({ payment, end }) =>
      end.state === 'captured' ? captureMovement(payment.paymentId, payment) : [],
    );
    const refunds = changes.filter(({ end }) => end.refundedMinor > 0).map(({ payment }) => refundOf(payment));
    // What it took of a limit of its card's goes back with it; an order that counts as paid has used it up, money or not.
    const unused = changes.filter(
      ({ end }) => (end.state !== 'captured' || end.isUnwanted) && !end.isAmended && !end.isOrderSettled,
    );
    return [
      endingPayments(
        changes.map(({ end }) => end),
        nowMs,
      ),
      entries.length > 0 && bookingEntries(entries, nowMs),
      // Of one that is amended too: a voided payment of a settled order is the news.
      ...ctx.events.publishing(changes.map(announcementOf)),
      // Due at once: the recovery job makes them.
      refunds.length > 0 && insertingRefunds(refunds, { nowMs, leaseUntilMs: nowMs }),
      unused.length > 0 && returningTakings(unused.map(({ end }) => end.paymentId)),
    ];
  }

  async function settle(payment: OpenPayment, call: Partial<Call>): Promise<boolean> {
    const { paymentId, orderId, amountMinor, currency } = payment;
    const reply = await checkout.settleOrder({ params: { orderId }, body: { paymentId, amountMinor, currency } }, call);
    return succeeded('checkout', reply).body.isPaid;
  }

  /** Undefined for an order that is gone. */
  async function payableOf(orderId: string, call: Partial<Call>) {
    const reply = await checkout.getPayable({ params: { orderId } }, call);
    if (isProblem(reply) && problemSlug(reply) === 'not-found') return undefined;
    return succeeded('checkout', reply).body;
  }

  async function ask({ paymentId, orderId }: OpenPayment, call: Partial<Call>): Promise<OrderStanding> {
    return standingOf(await payableOf(orderId, call), paymentId);
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

  /** Step by step to the end. Throws where somebody does not answer. `isMine`: the caller has the lease. */
  async function follow(
    payment: OpenPayment,
    first: News,
    {
      call,
      isMine: isMineAtFirst,
      limits,
    }: { call: Partial<Call>; isMine: boolean; limits: readonly InstrumentTake[] | undefined },
  ): Promise<ChargeOutcome> {
    let news = first;
    let isMine = isMineAtFirst;
    let isOrderSettled: boolean | undefined;
    let isRefused = false;
    let isAsked = isMineAtFirst;
    for (;;) {
      const step = decidePayment('started', news, isOrderSettled);
      switch (step.kind) {
        case 'settle':
          // A webhook often tells of no card. Whether the order is counted per card must not hang on who tells of the payment first.
          if (!isAsked && (await instruments.isMissing(payment, news, call))) {
            isAsked = true;
            news = await authorise(payment, times.providerTimeoutMs);
            break;
          }
          isRefused = !(await instruments.mayPay(payment, news, { limits, call }));
          isOrderSettled = !isRefused && (await settle(payment, call));
          break;
        case 'ask': {
          const standing = await ask(payment, call);
          if (standing !== 'open' || isMine) {
            isOrderSettled = standing === 'settled';
            break;
          }
          // Whoever is at work on the payment may be about to settle its order, and will learn himself that the money is gone.
          if (!(await claim(payment.paymentId))) return { kind: 'unknown' };
          // It may have been settled until now: to be asked again.
          isMine = true;
          break;
        }
        case 'capture':
        case 'void': {
          const provider = providerOf(payment);
          const { paymentId, amountMinor, currency } = payment;
          const request = { paymentId, amountMinor, currency, reference: step.reference };
          news = await answerWithin(times.providerTimeoutMs, (signal) => provider[step.kind](request, signal));
          break;
        }
        case 'end': {
          const how = isRefused && step.state === 'voided' ? limitReached : step;
          return { kind: 'ended', payment: await end(payment, how) };
        }
        case 'ignore':
          throw new AssertionError({ message: 'a started payment heeds all news' });
      }
    }
  }

  async function end(payment: OpenPayment, step: EndStep): Promise<PaymentFacts> {
    const ended = await endLane.submit({ payment, step });
    const { paymentId, orderId, amountMinor, currency, provider, createdAtMs } = payment;
    const isGone = ended.state === 'voided' || ended.state === 'declined';
    if (isGone && isSettledWithoutMoney(step)) {
      ctx.log.error({ paymentId, orderId }, 'an order is paid by a payment that the provider has let go');
    } else if (ended.state !== step.state) {
      ctx.log.error(
        { paymentId, orderId, state: ended.state, news: step.state },
        'a payment ended in two ways; the first stands',
      );
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
      limits,
    }: {
      news?: News;
      call?: Partial<Call>;
      timeoutMs?: number;
      /** What of the order is counted per card, if the caller knows; else checkout is asked. */
      limits?: readonly InstrumentTake[];
    } = {},
  ): Promise<ChargeOutcome> {
    try {
      const first = news ?? (await authorise(payment, timeoutMs));
      // News that was told comes at any time; who asks for it has the lease.
      return await follow(payment, first, { call, isMine: news === undefined, limits });
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
        const [row] = await loadPayments(ctx.database, [paymentId]);
        const ended = row ?? unreadable(paymentId);
        const isGone = ended.state === 'voided' || ended.state === 'declined';
        // What broke off here may have settled the order after the other had asked.
        if (isGone && (await ask(payment, call)) === 'settled') await end(payment, settledWithoutMoney);
        return { kind: 'ended', payment: ended };
      } catch (postponeError) {
        if (postponeError instanceof AssertionError) throw postponeError;
        ctx.log.warn(fields, 'a payment broke off; it will be carried on when its lease is over');
        return { kind: 'unknown' };
      }
    }
  }

  /** Takes over a payment if nobody is at work on it. */
  function claim(paymentId: string): Promise<boolean> {
    const nowMs = ctx.clock.nowMs();
    return claimPayment(ctx.database, paymentId, { nowMs, leaseUntilMs: nowMs + times.leaseMs });
  }

  return {
    begin: (payment: NewPayment) => beginLane.submit(payment),
    carryOn,
    claim,
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
      await instruments.close();
      await endLane.close();
    },
  };
}

export type Charging = ReturnType<typeof createCharging>;

function announcementOf({ payment, step }: EndedPayment): NewEvent {
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

function idsOf(payments: readonly NewPayment[]): string[] {
  return payments.map(({ paymentId }) => paymentId);
}

function byOrder(one: NewPayment, other: NewPayment): number {
  if (one.orderId === other.orderId) return byPaymentId(one, other);
  return one.orderId < other.orderId ? -1 : 1;
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
