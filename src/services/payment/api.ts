import { type Static, Type } from 'typebox';
import { defineContract } from '../../platform/api/contract.ts';
import { AmountMinor, CurrencyCode, InstantMs, strict, text, Uuid } from '../../platform/api/schema.ts';

/**
 * started → captured | declined | voided; captured → (partly) refunded. `started` is also what a payment is while its
 * provider has not answered: it resolves by webhook or by recovery, never by guessing.
 */
export const PaymentState = Type.Union([
  Type.Literal('started'),
  Type.Literal('captured'),
  Type.Literal('declined'),
  Type.Literal('voided'),
]);
export type PaymentState = Static<typeof PaymentState>;

export const Payment = strict(
  {
    paymentId: Uuid,
    orderId: Uuid,
    state: PaymentState,
    amountMinor: AmountMinor,
    refundedMinor: AmountMinor,
    currency: CurrencyCode,
    provider: Type.String(),
    declineReason: Type.Optional(Type.String()),
    createdAtMs: InstantMs,
  },
  { title: 'Payment' },
);
export type Payment = Static<typeof Payment>;

export const Refund = strict(
  {
    refundId: Uuid,
    paymentId: Uuid,
    amountMinor: AmountMinor,
    currency: CurrencyCode,
    state: Type.Union([Type.Literal('started'), Type.Literal('done')]),
    reason: Type.Optional(Type.String()),
    createdAtMs: InstantMs,
  },
  { title: 'Refund' },
);
export type Refund = Static<typeof Refund>;

const orderParams = strict({ orderId: Uuid });

export const paymentApi = defineContract({
  name: 'payment',
  routes: {
    createPayment: {
      method: 'POST',
      path: '/v1/orders/:orderId/payments',
      summary: 'Pay an order',
      description:
        'The amount is the order’s total. 201: paid. 202: the provider has not answered yet; the payment resolves by itself, follow the order. 402: declined, nothing was charged. 429: the order has had its 20 payments.',
      scope: 'order',
      importance: 'core',
      isContinuation: true,
      idempotency: 'required-native',
      costUnits: 5,
      params: orderParams,
      body: strict({
        card: text(100, {
          minLength: 1,
          description:
            'A card token of the provider. The test provider takes `test-ok`, `test-decline`, `test-timeout`, `test-twice`; `test-ok-4242` is a card that it knows again.',
        }),
      }),
      responses: { 201: Payment, 202: Payment },
      problems: [
        'not-found',
        'order-not-payable',
        'payment-declined',
        'idempotency-key-missing',
        'idempotency-key-reused',
        'idempotency-key-in-flight',
        'too-many-requests',
        'unavailable',
      ],
    },
    listPayments: {
      method: 'GET',
      path: '/v1/orders/:orderId/payments',
      summary: "Read an order's payments",
      scope: 'order',
      importance: 'standard',
      idempotency: 'safe',
      params: orderParams,
      responses: { 200: strict({ items: Type.Array(Payment) }) },
      problems: ['not-found'],
    },
    refundPayment: {
      method: 'POST',
      path: '/v1/admin/payments/:paymentId/refunds',
      summary: 'Give back all or part of a captured payment',
      scope: 'admin',
      importance: 'standard',
      idempotency: 'required',
      params: strict({ paymentId: Uuid }),
      body: strict({
        amountMinor: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 })),
        reason: Type.Optional(text(200)),
      }),
      responses: { 201: Refund },
      problems: ['not-found', 'refund-exceeds-payment', 'conflict'],
    },
    receiveWebhook: {
      method: 'POST',
      path: '/v1/payments/webhooks/:provider',
      summary: 'Where a payment provider tells what became of a payment',
      scope: 'public',
      importance: 'core',
      isContinuation: true,
      idempotency: 'by-nature',
      keepsRawBody: true,
      params: strict({ provider: Type.String({ maxLength: 40 }) }),
      body: Type.Object({}, { additionalProperties: true }),
      responses: { 200: strict({ isKnown: Type.Boolean() }) },
      problems: ['unauthorised', 'not-found'],
    },
  },
});
