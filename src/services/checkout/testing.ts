import assert from 'node:assert/strict';
import { connectInProcess } from '../../platform/api/in-process.ts';
import { isProblem, problemSlug } from '../../platform/api/problem.ts';
import { bucketOf } from '../../platform/database/bucket.ts';
import { newId, randomBucket } from '../../platform/database/id.ts';
import { contextOn, type TestContext } from '../../platform/testing/context.ts';
import type { Quote, QuoteLine } from '../quote/api.ts';
import { createCheckout } from './service.ts';
import type { UnpaidLimits } from './unpaid.ts';

/** A checkout on the test's shop, and short ways of saying what a test wants of it. */
export function checkoutBench(ctx: TestContext, unpaidLimits?: UnpaidLimits) {
  const service = createCheckout(ctx, undefined, unpaidLimits);
  const client = connectInProcess(service);
  const newVariantId = () => newId(randomBucket(), ctx.clock.nowMs());

  return {
    service,
    client,
    newVariantId,

    async grant(subjectId: string, quantity: number, grantId = newVariantId()) {
      const reply = await client.grantAllotments({ body: { grants: [{ grantId, subjectId, quantity }] } });
      assert(reply.status === 200 && 'body' in reply);
      return reply.body.results[0]?.outcome;
    },

    async allotment(subjectId: string) {
      const reply = await client.getAllotments({ body: { subjectIds: [subjectId] } });
      assert(reply.status === 200 && 'body' in reply);
      return reply.body.items[0];
    },

    /** A quote as the quote service would sign it. */
    quote(
      lines: readonly Pick<QuoteLine, 'variantId' | 'quantity' | 'limit' | 'isInSale'>[],
      change: Partial<Quote> = {},
    ): Quote {
      const buyerId = change.buyerId ?? newVariantId();
      const quoted = lines.map((line) => ({
        ...line,
        sku: 'SKU-1',
        title: 'A lantern',
        unitPriceMinor: 4900,
        discountMinor: 0,
        totalMinor: 4900 * line.quantity,
      }));
      return {
        orderId: newId(bucketOf(buyerId), ctx.clock.nowMs()),
        buyerId,
        currency: 'USD',
        lines: quoted,
        deliveryMinor: 0,
        taxMinor: 0,
        totalMinor: quoted.reduce((sum, line) => sum + line.totalMinor, 0),
        expiresAtMs: ctx.clock.nowMs() + 60_000,
        ...change,
      };
    },

    /** From the network of this code, if one is given. */
    place(quote: Quote, clientPrefix?: string) {
      const call = clientPrefix === undefined ? {} : { clientPrefix };
      return client.placeOrder({ body: { quote: ctx.signer.sign('quote', quote) } }, call);
    },

    keyOf: (orderId: string) => ctx.signer.code('order-capability', orderId),

    cancel(orderId: string) {
      return client.cancelOrder({ params: { orderId } }, { credential: ctx.signer.code('order-capability', orderId) });
    },

    async settle(quote: Quote, paymentId: string) {
      const reply = await client.settleOrder({
        params: { orderId: quote.orderId },
        body: { paymentId, amountMinor: quote.totalMinor, currency: quote.currency },
      });
      assert(reply.status === 200 && 'body' in reply);
      return reply.body.isPaid;
    },
  };
}

export type CheckoutBench = ReturnType<typeof checkoutBench>;

/** Four lanes that know nothing of each other, as in several processes: only the database stands between them. */
export function placingLanes(ctx: TestContext, bench: ReturnType<typeof checkoutBench>, unpaidLimits: UnpaidLimits) {
  const lanes = [
    bench.client,
    ...Array.from({ length: 3 }, () => {
      const other = { ...contextOn(ctx.database, { signer: ctx.signer }), clock: ctx.clock };
      return connectInProcess(createCheckout(other, undefined, unpaidLimits));
    }),
  ];
  const placeOn = (lane: number, quote: Quote, clientPrefix?: string) => {
    const client = lanes[lane % lanes.length] ?? bench.client;
    const call = clientPrefix === undefined ? {} : { clientPrefix };
    return client.placeOrder({ body: { quote: ctx.signer.sign('quote', quote) } }, call);
  };
  type Reply = Awaited<ReturnType<typeof placeOn>>;
  const outcomeOf = (reply: Reply) => (isProblem(reply) ? problemSlug(reply) : 'placed');
  return {
    lanes,
    placeOn,
    outcomeOf,
    placedCount: (replies: readonly Reply[]) => replies.filter((reply) => outcomeOf(reply) === 'placed').length,
    newNetwork: () => `network-${bench.newVariantId()}`,
  };
}
