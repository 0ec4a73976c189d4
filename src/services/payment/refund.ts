import { AssertionError } from 'node:assert';
import { createLane } from '../../platform/batch/lane.ts';
import { type Commit, commitWith } from '../../platform/database/commit.ts';
import type { Tx } from '../../platform/database/database.ts';
import type { Queryable } from '../../platform/database/sql.ts';
import { type PaymentContext, type PaymentTimes, unwantedRefundId } from './charge.ts';
import { paymentRefunded } from './events.ts';
import { refundMovement } from './ledger.ts';
import { decideRefund, type RefundDecision, retryDelayMs } from './payment.ts';
import { answerWithin, type PaymentProvider, ProviderFault } from './provider.ts';
import { bookingEntries, lockPayments } from './store.ts';
import { returnTakingsOfOrders } from './store-instrument.ts';
import {
  addingRefunded,
  claimOverdueRefunds,
  endingRefunds,
  insertingRefunds,
  loadRefund,
  lockStartedRefunds,
  markUnwanted,
  postponeRefund,
  type RefundRow,
} from './store-refund.ts';

export type RefundOutcome =
  | { readonly kind: 'refund'; readonly refund: RefundRow }
  | { readonly kind: 'no-payment' }
  /** The same id was used for a refund of another amount. */
  | { readonly kind: 'reused' }
  | Exclude<RefundDecision, { kind: 'refund' }>;

type PromiseOutcome = Exclude<RefundOutcome, { kind: 'refund' }> | { readonly kind: 'promised' };

/**
 * Gives money back: first the promise (a row, and its amount counted on the payment, under the payment's lock), then the
 * provider, then the end with its ledger entries. A refund that broke off anywhere is carried on by recovery, with the same id.
 */
export function createRefunding(
  ctx: PaymentContext,
  providerNamed: (name: string) => PaymentProvider | undefined,
  times: PaymentTimes,
) {
  const refundedCount = ctx.metrics.counter('onrush_refunds_done_total', 'Refunds that the provider has made.');
  const unknownCount = ctx.metrics.counter(
    'onrush_refunds_unknown_total',
    'Times at which a refund broke off with its outcome unknown, to be carried on later.',
  );

  const endLane = createLane<RefundRow, undefined>({
    name: 'refund-end',
    batchMax: 500,
    waitingMax: 20_000,
    async run(batch) {
      const nowMs = ctx.clock.nowMs();
      const refunds = [...new Map(batch.map((refund) => [refund.refundId, refund])).values()];
      const work = async (tx: Tx) => {
        const started = await lockStartedRefunds(tx, idsOf(refunds));
        const ended = refunds.filter(({ refundId }) => started.has(refundId));
        const entries = ended.flatMap((refund) => refundMovement(refund.refundId, refund));
        const writes = [
          ended.length > 0 && endingRefunds(idsOf(ended), nowMs),
          ended.length > 0 && bookingEntries(entries, nowMs),
          ...ctx.events.publishing(ended.map(paymentRefunded)),
        ];
        return commitWith(writes, ended.length);
      };
      refundedCount.add(await ctx.database.transaction(work, { readsFirst: true }));
      ctx.events.nudge();
      return batch.map(() => undefined);
    },
  });

  async function promise(
    paymentId: string,
    refundId: string,
    { askedMinor, reason }: { askedMinor: number | undefined; reason: string | null },
  ): Promise<PromiseOutcome> {
    const nowMs = ctx.clock.nowMs();
    const work = async (tx: Tx): Promise<PromiseOutcome | Commit<PromiseOutcome>> => {
      const [payments, known] = await Promise.all([lockPayments(tx, [paymentId]), loadRefund(tx, refundId)]);
      const payment = payments.get(paymentId);
      if (payment === undefined) return { kind: 'no-payment' };
      if (known !== undefined) {
        return askedMinor === undefined || askedMinor === known.amountMinor ? { kind: 'promised' } : { kind: 'reused' };
      }
      const decision = decideRefund(payment, askedMinor);
      if (decision.kind !== 'refund') return decision;
      const { amountMinor } = decision;
      const refund = { refundId, paymentId, amountMinor, currency: payment.currency, reason };
      const lease = { nowMs, leaseUntilMs: nowMs + times.leaseMs };
      const writes = [addingRefunded(paymentId, amountMinor), insertingRefunds([refund], lease)];
      return commitWith(writes, { kind: 'promised' });
    };
    return ctx.database.transaction(work, { readsFirst: true });
  }

  /** Asks the provider for a refund that was promised, and ends it. What breaks off is left to recovery. */
  async function carryOn(refund: RefundRow): Promise<void> {
    const { refundId, paymentId, amountMinor, currency, tries } = refund;
    try {
      const provider = providerNamed(refund.provider);
      if (provider === undefined) throw new ProviderFault(`the payment provider ${refund.provider} is not configured`);
      const request = { refundId, paymentId, amountMinor, currency, reference: refund.reference ?? paymentId };
      await answerWithin(times.providerTimeoutMs, (signal) => provider.refund(request, signal));
      await endLane.submit(refund);
    } catch (error) {
      if (error instanceof AssertionError) throw error;
      ctx.log.warn({ refundId, paymentId, tries, err: error }, 'a refund broke off; it will be carried on');
      unknownCount.add();
      await postponeRefund(ctx.database, refundId, ctx.clock.nowMs() + retryDelayMs(tries)).catch(() => {});
    }
  }

  return {
    /** Gives back what is asked for, or all that is left. The same `refundId` again is the same refund. */
    async refund(
      paymentId: string,
      refundId: string,
      asked: { askedMinor: number | undefined; reason: string | null },
    ): Promise<RefundOutcome> {
      const promised = await promise(paymentId, refundId, asked);
      if (promised.kind !== 'promised') return promised;
      const refund = await existing(refundId);
      if (refund.state === 'done') return { kind: 'refund', refund };
      await carryOn(refund);
      return { kind: 'refund', refund: await existing(refundId) };
    },
    /** Promises back what was paid for cancelled orders, within the caller's transaction; recovery makes the refunds. */
    async refundCancelled(tx: Queryable, orderIds: readonly string[]): Promise<void> {
      const nowMs = ctx.clock.nowMs();
      const [unwanted] = await Promise.all([markUnwanted(tx, orderIds), returnTakingsOfOrders(tx, orderIds)]);
      if (unwanted.length === 0) return;
      const refunds = unwanted.map(({ paymentId, currency, leftMinor }) => ({
        refundId: unwantedRefundId(paymentId),
        paymentId,
        amountMinor: leftMinor,
        currency,
        reason: 'the order was cancelled',
      }));
      await insertingRefunds(refunds, { nowMs, leaseUntilMs: nowMs }).execute(tx);
    },
    /** Carries on some of the refunds that nobody is at work on; tells how many there were. */
    async recover(countMax: number): Promise<number> {
      const nowMs = ctx.clock.nowMs();
      const overdue = await claimOverdueRefunds(ctx.database, {
        nowMs,
        leaseUntilMs: nowMs + times.leaseMs,
        countMax,
      });
      await Promise.all(overdue.map(carryOn));
      return overdue.length;
    },
    close: () => endLane.close(),
  };

  async function existing(refundId: string): Promise<RefundRow> {
    const refund = await loadRefund(ctx.database, refundId);
    if (refund === undefined) throw new AssertionError({ message: `refund ${refundId} was promised and is not there` });
    return refund;
  }
}

function idsOf(refunds: readonly RefundRow[]): string[] {
  return refunds.map(({ refundId }) => refundId);
}

export type Refunding = ReturnType<typeof createRefunding>;
