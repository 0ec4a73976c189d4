import assert from 'node:assert/strict';
import { connectInProcess } from '../../platform/api/in-process.ts';
import { isProblem, type ProblemReply, problemSlug } from '../../platform/api/problem.ts';
import { createValidation } from '../../platform/api/validation.ts';
import { newId } from '../../platform/database/id.ts';
import { sql } from '../../platform/database/sql.ts';
import { createEvents } from '../../platform/events/events.ts';
import { createJobs } from '../../platform/jobs/jobs.ts';
import { createMetrics } from '../../platform/telemetry/metrics.ts';
import type { TestContext } from '../../platform/testing/context.ts';
import { until } from '../../platform/testing/until.ts';
import { type CheckoutBench, checkoutBench } from '../checkout/testing.ts';
import { auditPayments } from './audit.ts';
import type { PaymentProvider } from './provider.ts';
import { createTestProvider, refundedMinorOf, type TestProvider, type TestProviderOptions } from './providers/test.ts';
import { createPayment, type PaymentOptions } from './service.ts';
import { loadPaymentsOfOrder } from './store.ts';
import { countUnderWay, loadKeptPayments } from './store-audit.ts';
import { signWebhook } from './webhook-signature.ts';

export const webhookSecret = 'a secret between the shop and the test provider';

export interface BenchOptions extends Partial<Omit<PaymentOptions, 'providers'>> {
  readonly provider?: PaymentProvider;
  readonly checkoutBench?: CheckoutBench;
}

/** Payment beside the real checkout, and short ways of saying what a test wants of them. */
export function paymentBench(ctx: TestContext, provider: TestProvider, options: BenchOptions = {}) {
  const orders = options.checkoutBench ?? checkoutBench(ctx);
  const { provider: charging = provider, checkoutBench: _, ...others } = options;
  const service = createPayment(ctx, { checkout: orders.client, providers: [charging], ...others });
  const client = connectInProcess(service, { validation: createValidation() });

  return {
    ctx,
    service,
    client,
    orders,

    /** An order that waits for its payment. */
    async placeOrder(totalMinor = 4900): Promise<string> {
      const variantId = orders.newVariantId();
      await orders.grant(variantId, 1);
      const quote = orders.quote([{ variantId, quantity: 1 }], { totalMinor });
      const reply = await orders.place(quote);
      assert.equal(reply.status, 201);
      return quote.orderId;
    },

    pay(orderId: string, { card = 'test-ok', key = 'key' }: { card?: string; key?: string } = {}) {
      const call = { credential: orders.keyOf(orderId), idempotencyKey: key };
      return client.createPayment({ params: { orderId }, body: { card } }, call);
    },

    refund(paymentId: string, amountMinor?: number, key = newId(0, 0)) {
      const body = amountMinor === undefined ? {} : { amountMinor };
      return client.refundPayment({ params: { paymentId }, body }, { idempotencyKey: key });
    },

    /** As the provider would send it. */
    tell(body: { id: string; type: string; paymentId: string; [field: string]: unknown }, secret = webhookSecret) {
      const rawBody = Buffer.from(JSON.stringify(body));
      const call = { rawBody, signature: signWebhook(secret, rawBody, ctx.clock.nowMs()) };
      return client.receiveWebhook({ params: { provider: 'test' }, body }, call);
    },

    paymentsOf: (orderId: string) => loadPaymentsOfOrder(ctx.database, orderId),

    async orderState(orderId: string): Promise<string> {
      const reply = await orders.client.getPayable({ params: { orderId } });
      return isProblem(reply) ? problemSlug(reply) : reply.body.state;
    },

    /** Until the order's cancellation has reached payment, by way of events (which the test has started). */
    async hearOfCancellation(orderId: string): Promise<void> {
      const isHeardOf = async () => {
        const { rows } = await sql<{ keptCount: number }>`
          select count(*) as "keptCount"
            from payment.payment
           where order_id = ${orderId}::uuid
             and state in ('started', 'captured')
             and not is_unwanted`.execute(ctx.database);
        return rows[0]?.keptCount === 0;
      };
      await until(isHeardOf, { what: 'payment hears of the cancellation' });
    },

    /** Lets every lease and every wait run out, and recovery do its work, until nothing is under way any more. */
    async recover(): Promise<void> {
      for (let round = 0; round < 20; round++) {
        ctx.clock.advance(10 * 60_000);
        await service.recover();
        const { payments, refunds } = await countUnderWay(ctx.database);
        if (payments + refunds === 0) return;
      }
      assert.fail('recovery does not come to an end');
    },

    audit: () => audit(ctx, orders, provider),
  };
}

export type PaymentBench = ReturnType<typeof paymentBench>;

export function testProvider(ctx: TestContext, options: Partial<TestProviderOptions> = {}): TestProvider {
  return createTestProvider({ clock: ctx.clock, webhookSecret, ...options });
}

/** What another process on the same database stands on. */
export function anotherProcess(ctx: TestContext): TestContext {
  const metrics = createMetrics({ withProcess: false });
  const parts = { database: ctx.database, clock: ctx.clock, log: ctx.log, metrics };
  return { ...ctx, metrics, events: createEvents({ ...parts, pollMs: 20 }), jobs: createJobs(parts) };
}

/** Where money stands in three books that know nothing of each other: ours, the provider's, and the orders. */
async function audit(ctx: TestContext, orders: CheckoutBench, provider: TestProvider): Promise<string[]> {
  const findings = await auditPayments(ctx.database);
  const kept = await loadKeptPayments(ctx.database);
  for (const { orderId, paymentId } of kept) {
    const reply = await orders.client.getPayable({ params: { orderId } });
    const isPaidByIt = !isProblem(reply) && reply.body.state === 'paid' && reply.body.paymentId === paymentId;
    if (!isPaidByIt) findings.push(`payment ${paymentId} is kept, and order ${orderId} is not paid by it`);
  }
  const keptOrderIds = new Set(kept.map(({ orderId }) => orderId));
  for (const orderId of await loadPaidOrderIds(ctx)) {
    if (!keptOrderIds.has(orderId)) findings.push(`order ${orderId} is paid, and no payment of it is kept`);
  }
  for (const charge of provider.charges()) {
    // One whose card had paid for enough is declined for us: the provider had authorised it, and let it go.
    const { rows } = await sql<{ state: string; refundedMinor: number }>`
      select case decline_reason when 'limit-reached' then 'voided' else state end as state, refunded_minor as "refundedMinor"
        from payment.payment
       where payment_id = ${charge.paymentId}::uuid`.execute(ctx.database);
    const ours = rows[0] && `${rows[0].state}, ${rows[0].refundedMinor} back`;
    const theirs = `${charge.state}, ${refundedMinorOf(charge)} back`;
    if (ours !== theirs) findings.push(`payment ${charge.paymentId}: ${ours} for us, ${theirs} for the provider`);
  }
  return findings;
}

async function loadPaidOrderIds(ctx: TestContext): Promise<string[]> {
  const { rows } = await sql<{ orderId: string }>`
    select order_id as "orderId" from checkout.purchase_order where state = 'paid'`.execute(ctx.database);
  return rows.map(({ orderId }) => orderId);
}

/** How a request ended, in one word: the state of the payment, or the slug of the problem. */
export function outcome(reply: ProblemReply | { readonly body: { readonly state: string } }): string {
  return 'problem' in reply ? problemSlug(reply) : reply.body.state;
}

export function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
