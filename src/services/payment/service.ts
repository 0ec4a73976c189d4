import { hash } from 'node:crypto';
import type { Call, Client } from '../../platform/api/contract.ts';
import { isProblem, type ProblemReply, problem } from '../../platform/api/problem.ts';
import type { Service } from '../../platform/context/service.ts';
import { derivedId } from '../../platform/database/derived-id.ts';
import { isUuid } from '../../platform/database/id.ts';
import type { checkoutApi } from '../checkout/api.ts';
import { type Payment, paymentApi, type Refund } from './api.ts';
import { type ChargeOutcome, createCharging, type PaymentContext, type PaymentFacts } from './charge.ts';
import { decidePayment, paymentsPerOrderMax } from './payment.ts';
import type { PaymentProvider } from './provider.ts';
import { createRefunding, type RefundOutcome } from './refund.ts';
import {
  forgetWebhookEvents,
  isWebhookEventKnown,
  loadPayment,
  loadPaymentsOfOrder,
  type PaymentRow,
  rememberWebhookEvent,
} from './store.ts';
import type { RefundRow } from './store-refund.ts';

export interface PaymentOptions {
  /** The shop's orders: what is due, and whether a payment settles one. */
  readonly checkout: Pick<Client<typeof checkoutApi>, 'getDue' | 'getPayable' | 'settleOrder'>;
  /** The first one charges; the others still answer for payments that were made through them. */
  readonly providers: readonly [PaymentProvider, ...PaymentProvider[]];
  readonly providerTimeoutMs?: number;
  readonly leaseMs?: number;
  /** How often payments and refunds that broke off are looked for. */
  readonly recoverEveryMs?: number;
}

// Longer than any provider goes on telling the same event (Stripe: three days).
const webhookMemoryMs = 7 * 24 * 3_600_000;
// Travels through headers and rows: what is printable ASCII can hurt neither.
const saneKey = /^[\x20-\x7e]{1,255}$/;
const recoveredAtOnceMax = 100;

export function createPayment(
  ctx: PaymentContext,
  options: PaymentOptions,
): Service<typeof paymentApi> & { recover(): Promise<void> } {
  const { checkout, providers } = options;
  const [chargingProvider] = providers;
  const times = { providerTimeoutMs: options.providerTimeoutMs ?? 5_000, leaseMs: options.leaseMs ?? 15_000 };
  const providerBy = new Map(providers.map((provider) => [provider.name, provider]));
  const providerNamed = (name: string) => providerBy.get(name);
  const charging = createCharging(ctx, checkout, providerNamed, times);
  const refunding = createRefunding(ctx, providerNamed, times);
  let isStopping = false;

  /** Carries on every payment and refund that broke off and is due. */
  async function recover(): Promise<void> {
    while (!isStopping && (await charging.recover(recoveredAtOnceMax)) === recoveredAtOnceMax);
    while (!isStopping && (await refunding.recover(recoveredAtOnceMax)) === recoveredAtOnceMax);
  }
  ctx.jobs.define({
    name: 'payment-recovery',
    everyMs: options.recoverEveryMs ?? 2_000,
    run: recover,
  });
  ctx.jobs.define({
    name: 'payment-forget-webhooks',
    everyMs: 3_600_000,
    run: () => forgetWebhookEvents(ctx.database, ctx.clock.nowMs() - webhookMemoryMs),
  });
  ctx.events.consume({
    group: 'payment-refunds',
    topics: ['order.cancelled'],
    handle: (tx, events) =>
      refunding.refundCancelled(
        tx,
        events.map((event) => event.key),
      ),
  });

  /** Whether the call may see and pay this order. The same answer for a wrong order and a wrong key: neither tells of the other. */
  function refusal(orderId: string, call: Call): ProblemReply | undefined {
    if (call.credential === undefined)
      return problem('unauthorised', { detail: 'Send the order’s key as a bearer token or as `?key=`.' });
    if (isUuid(orderId) && ctx.signer.checkCode('order-capability', orderId, call.credential)) return undefined;
    return problem('not-found');
  }

  /** An authorisation that is answered too late for the buyer to hear of is worth no waiting: he is told 202 in time. */
  function authoriseTimeoutMs(call: Call): number {
    const answerMs = 250;
    return Math.max(1, Math.min(times.providerTimeoutMs, call.deadlineAtMs - ctx.clock.nowMs() - answerMs));
  }

  /** Not before the order's deadline, and then there is no order to pay any more. */
  function tooManyPayments(payByAtMs: number): ProblemReply {
    const retryAfterS = Math.max(1, Math.ceil((payByAtMs - ctx.clock.nowMs()) / 1000));
    return problem(
      'too-many-requests',
      { detail: `This order has had ${paymentsPerOrderMax} payments, as many as it may have. Place a new order.` },
      { 'retry-after': String(retryAfterS) },
    );
  }

  /** The answer to a request whose payment was begun before, by a request with the same key. */
  async function answerAgain(payment: PaymentRow, given: { key: string; fingerprint: string }, call: Call) {
    if (payment.idempotencyKey !== given.key || payment.fingerprint !== given.fingerprint) {
      return problem('idempotency-key-reused');
    }
    if (payment.state !== 'started') return endReply(payment);
    if (payment.leaseUntilMs <= ctx.clock.nowMs() && (await charging.claim(payment.paymentId))) {
      const timeoutMs = authoriseTimeoutMs(call);
      return chargeReply(await charging.carryOn(payment, { call: callOf(call), timeoutMs }), payment);
    }
    if (payment.tries > 0) return { status: 202 as const, body: paymentBody(payment) };
    return problem('idempotency-key-in-flight', {}, { 'retry-after': '1' });
  }

  return {
    contract: paymentApi,
    importance: 'core',
    recover,
    handlers: {
      async createPayment({ params: { orderId }, body }, call) {
        const refused = refusal(orderId, call);
        if (refused) return refused;
        const key = call.idempotencyKey;
        if (key === undefined) return problem('idempotency-key-missing');
        if (!saneKey.test(key)) {
          return problem('bad-request', { detail: 'An Idempotency-Key is 1 to 255 printable ASCII characters.' });
        }
        const due = await checkout.getDue({ params: { orderId } }, call);
        if (isProblem(due)) return due;

        const paymentId = derivedId(orderId, key);
        const fingerprint = fingerprintOf(body);
        const { state, totalMinor, currency, payByAtMs, instrumentLimits } = due.body;
        if (state !== 'placed') {
          // Nothing new can begin here; but what was begun while it could be paid still has its answer.
          const known = await loadPayment(ctx.database, paymentId);
          return known ? answerAgain(known, { key, fingerprint }, call) : problem('order-not-payable', { state });
        }
        const begun = await charging.begin({
          paymentId,
          orderId,
          idempotencyKey: key,
          fingerprint,
          amountMinor: totalMinor,
          currency,
          provider: chargingProvider.name,
          card: body.card,
        });
        if (begun.kind === 'exhausted') return tooManyPayments(payByAtMs);
        if (begun.kind === 'exists') return answerAgain(begun.payment, { key, fingerprint }, call);
        const outcome = await charging.carryOn(begun.payment, {
          call: callOf(call),
          timeoutMs: authoriseTimeoutMs(call),
          limits: instrumentLimits ?? [],
        });
        return chargeReply(outcome, { ...begun.payment, state: 'started', refundedMinor: 0, declineReason: null });
      },

      async listPayments({ params: { orderId } }, call) {
        const refused = refusal(orderId, call);
        if (refused) return refused;
        const payments = await loadPaymentsOfOrder(ctx.database, orderId);
        return { status: 200, body: { items: payments.map(paymentBody) } };
      },

      async refundPayment({ params: { paymentId }, body }, call) {
        const key = call.idempotencyKey;
        if (key === undefined) return problem('idempotency-key-missing');
        const outcome = await refunding.refund(paymentId, derivedId(paymentId, `refund/${key}`), {
          askedMinor: body.amountMinor,
          reason: body.reason ?? null,
        });
        return refundReply(outcome);
      },

      async receiveWebhook({ params }, call) {
        const provider = providerNamed(params.provider);
        if (provider === undefined) return problem('not-found', { detail: 'There is no such payment provider.' });
        const rawBody = call.rawBody ?? Buffer.alloc(0);
        const told = provider.parseWebhook({ rawBody, signature: call.signature, nowMs: ctx.clock.nowMs() });
        switch (told.kind) {
          case 'refused':
            return problem('unauthorised', { detail: `The delivery is not accepted: ${told.reason}.` });
          case 'unrelated':
            return { status: 200, body: { isKnown: false } };
          case 'news':
            return heedNews(provider.name, told);
        }
      },
    },
    async stop() {
      isStopping = true;
      await charging.close();
      await refunding.close();
      for (const provider of providers) await provider.close?.();
    },
  };

  async function heedNews(
    provider: string,
    { eventId, paymentId, news }: Extract<ReturnType<PaymentProvider['parseWebhook']>, { kind: 'news' }>,
  ) {
    const event = { provider, eventId };
    const [isTold, payment] = await Promise.all([
      isWebhookEventKnown(ctx.database, event),
      isUuid(paymentId) ? loadPayment(ctx.database, paymentId) : undefined,
    ]);
    if (payment === undefined || payment.provider !== provider)
      return { status: 200 as const, body: { isKnown: false } };
    if (!isTold) {
      const step = decidePayment(payment.state, news);
      if (step.kind !== 'ignore') {
        const outcome = await charging.carryOn(payment, { news });
        // Not remembered: the provider will tell it again.
        if (outcome.kind === 'unknown') return problem('unavailable', {}, { 'retry-after': '5' });
      } else if (step.isContradiction) {
        ctx.log.error(
          { paymentId, state: payment.state, news: news.kind },
          'a provider contradicts how a payment ended; ignored',
        );
      }
      await rememberWebhookEvent(ctx.database, event, ctx.clock.nowMs());
    }
    return { status: 200 as const, body: { isKnown: true } };
  }
}

/** By which a retry is told from another request, in the shape of a UUID because that is how a database keeps 128 bits best. */
function fingerprintOf(body: unknown): string {
  const digest = hash('sha256', JSON.stringify(body), 'hex');
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`;
}

/** What of the buyer's call goes with the order's settlement: not its deadline and not its end, for money is on its way. */
function callOf({ requestId, traceparent }: Call): Partial<Call> {
  return { requestId, traceparent };
}

function chargeReply(outcome: ChargeOutcome, begun: PaymentFacts) {
  if (outcome.kind === 'unknown') return { status: 202 as const, body: paymentBody({ ...begun, state: 'started' }) };
  return endReply(outcome.payment);
}

function endReply(payment: PaymentFacts) {
  switch (payment.state) {
    case 'captured':
      return { status: 201 as const, body: paymentBody(payment) };
    case 'declined':
      return problem('payment-declined', {
        paymentId: payment.paymentId,
        ...(payment.declineReason !== null && { declineReason: payment.declineReason }),
      });
    case 'voided':
      return problem('order-not-payable', { paymentId: payment.paymentId });
    case 'started':
      return { status: 202 as const, body: paymentBody(payment) };
  }
}

function paymentBody(payment: PaymentFacts): Payment {
  const { paymentId, orderId, state, amountMinor, refundedMinor, currency, provider, declineReason, createdAtMs } =
    payment;
  const body = { paymentId, orderId, state, amountMinor, refundedMinor, currency, provider, createdAtMs };
  return declineReason === null ? body : { ...body, declineReason };
}

function refundReply(outcome: RefundOutcome) {
  switch (outcome.kind) {
    case 'refund':
      return { status: 201 as const, body: refundBody(outcome.refund) };
    case 'no-payment':
      return problem('not-found');
    case 'reused':
      return problem('idempotency-key-reused');
    case 'not-captured':
      return problem('conflict', { detail: 'Only a captured payment can be given back.' });
    case 'exceeds':
      return problem('refund-exceeds-payment', { leftMinor: outcome.leftMinor });
  }
}

function refundBody({ refundId, paymentId, amountMinor, currency, state, reason, createdAtMs }: RefundRow): Refund {
  const body = { refundId, paymentId, amountMinor, currency, state, createdAtMs };
  return reason === null ? body : { ...body, reason };
}
