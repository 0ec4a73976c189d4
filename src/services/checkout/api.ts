import { type Static, Type } from 'typebox';
import { defineContract } from '../../platform/api/contract.ts';
import { AmountMinor, CurrencyCode, InstantMs, strict, Uuid } from '../../platform/api/schema.ts';
import { Address, Contact, QuoteCoupon, QuoteLine } from '../quote/api.ts';

/** placed → paid → fulfilled; or cancelled (by the buyer or the shop), or expired (not paid in time): both return the stock. */
export const OrderState = Type.Union([
  Type.Literal('placed'),
  Type.Literal('paid'),
  Type.Literal('fulfilled'),
  Type.Literal('cancelled'),
  Type.Literal('expired'),
]);
export type OrderState = Static<typeof OrderState>;

export const Order = strict(
  {
    orderId: Uuid,
    key: Type.String({ description: 'Opens this order without an account: send it as `?key=` or as a bearer token.' }),
    state: OrderState,
    currency: CurrencyCode,
    lines: Type.Array(QuoteLine),
    coupon: Type.Optional(QuoteCoupon),
    deliveryMethod: Type.Optional(Type.String()),
    deliveryMinor: AmountMinor,
    taxMinor: Type.Integer(),
    totalMinor: AmountMinor,
    contact: Type.Optional(Contact),
    deliveryAddress: Type.Optional(Address),
    placedAtMs: InstantMs,
    payByAtMs: InstantMs,
    paidAtMs: Type.Optional(InstantMs),
  },
  { title: 'Order' },
);
export type Order = Static<typeof Order>;

const orderParams = strict({ orderId: Uuid });

/** What is due on an order, and how it stands. */
const Payable = strict({
  state: OrderState,
  totalMinor: AmountMinor,
  currency: CurrencyCode,
  payByAtMs: InstantMs,
  paymentId: Type.Optional(Uuid),
  instrumentLimits: Type.Optional(
    Type.Array(strict({ limitId: Uuid, quantity: Type.Integer({ minimum: 1 }), max: Type.Integer({ minimum: 1 }) }), {
      description: 'Units of it of which one card or account may pay for `max` in all.',
    }),
  ),
});

const aboutPayable = {
  method: 'GET',
  scope: 'internal',
  importance: 'core',
  idempotency: 'safe',
  params: orderParams,
  responses: { 200: Payable },
  problems: ['not-found'],
} as const;

export const checkoutApi = defineContract({
  name: 'checkout',
  routes: {
    placeOrder: {
      method: 'POST',
      path: '/v1/orders',
      summary: 'Turn a quote into an order; the same quote gives the same order, however often it is sent',
      scope: 'public',
      importance: 'core',
      isContinuation: true,
      idempotency: 'by-nature',
      costUnits: 5,
      body: strict({ quote: Type.String({ maxLength: 65_536 }) }),
      responses: { 201: Order },
      problems: [
        'quote-invalid',
        'quote-expired',
        'sold-out',
        'limit-reached',
        'coupon-exhausted',
        'pass-used',
        'too-many-unpaid',
        'challenge-required',
        'overloaded',
      ],
    },
    getOrder: {
      method: 'GET',
      path: '/v1/orders/:orderId',
      summary: 'Read an order',
      scope: 'order',
      importance: 'core',
      isContinuation: true,
      idempotency: 'safe',
      params: orderParams,
      responses: { 200: Order },
      problems: ['not-found'],
    },
    watchOrder: {
      method: 'GET',
      path: '/v1/orders/:orderId/events',
      summary: 'Follow an order: its state now and each change of it, as server-sent events',
      scope: 'order',
      importance: 'standard',
      idempotency: 'safe',
      isStream: true,
      params: orderParams,
      responses: { 200: Order },
      problems: ['not-found'],
    },
    cancelOrder: {
      method: 'POST',
      path: '/v1/orders/:orderId/cancel',
      summary: 'Cancel an order; its stock goes back, and what was paid is refunded',
      scope: 'order',
      importance: 'standard',
      idempotency: 'by-nature',
      params: orderParams,
      responses: { 200: Order },
      problems: ['not-found', 'order-not-cancellable'],
    },

    getPayable: {
      ...aboutPayable,
      path: '/internal/checkout/orders/:orderId/payable',
      summary: 'What is due on an order, and how it stands now',
    },
    getDue: {
      ...aboutPayable,
      path: '/internal/checkout/orders/:orderId/due',
      summary: 'What is due on an order, to begin a payment of it with; how it stands may be of a moment ago',
    },
    settleOrder: {
      method: 'POST',
      path: '/internal/checkout/orders/:orderId/settle',
      summary: 'Mark a placed order paid by one authorised payment; every other payment of it is told no',
      description:
        'Idempotent per payment. Answers `isPaid: false` when the order is gone, expired, cancelled or paid by another payment: then release the money.',
      scope: 'internal',
      importance: 'core',
      idempotency: 'by-nature',
      params: orderParams,
      body: strict({ paymentId: Uuid, amountMinor: AmountMinor, currency: CurrencyCode }),
      responses: { 200: strict({ isPaid: Type.Boolean() }) },
      problems: ['overloaded'],
    },
    grantAllotments: {
      method: 'POST',
      path: '/internal/checkout/allotments/grants',
      summary:
        'Deal units of variants (or redemptions of coupons) to this shard, or take them back; idempotent per grant',
      scope: 'internal',
      importance: 'standard',
      idempotency: 'by-nature',
      body: strict({
        grants: Type.Array(
          strict({
            grantId: Uuid,
            subjectId: Uuid,
            quantity: Type.Integer({ minimum: -2_000_000_000, maximum: 2_000_000_000 }),
            ifOnHand: Type.Optional(
              Type.Integer({ description: 'Apply only while so many units are on hand: granted and not sold.' }),
            ),
          }),
          { minItems: 1, maxItems: 5000 },
        ),
      }),
      responses: {
        200: strict({
          results: Type.Array(
            strict({
              grantId: Uuid,
              outcome: Type.Union(
                [
                  Type.Literal('applied'),
                  Type.Literal('insufficient'),
                  Type.Literal('changed'),
                  Type.Literal('conflict'),
                ],
                { description: '`changed`: other than `ifOnHand` units are on hand.' },
              ),
            }),
          ),
        }),
      },
    },
    getAllotments: {
      method: 'POST',
      path: '/internal/checkout/allotments/query',
      summary: 'What this shard was dealt and what became of it; subjects without an allotment are left out',
      scope: 'internal',
      importance: 'standard',
      idempotency: 'safe',
      body: strict({ subjectIds: Type.Array(Uuid, { minItems: 1, maxItems: 5000 }) }),
      responses: {
        200: strict({
          items: Type.Array(
            strict({ subjectId: Uuid, granted: Type.Integer(), reserved: Type.Integer(), sold: Type.Integer() }),
          ),
        }),
      },
    },
  },
});
