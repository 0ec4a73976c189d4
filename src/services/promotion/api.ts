import { type Static, Type } from 'typebox';
import { defineContract } from '../../platform/api/contract.ts';
import { AmountMinor, CurrencyCode, InstantMs, strict, text, Uuid } from '../../platform/api/schema.ts';

const SaleItemFields = {
  variantId: Uuid,
  currency: CurrencyCode,
  amountMinor: AmountMinor,
  limitPerBuyer: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, description: 'Units one buyer may take in this sale.' }),
  ),
  limitPerInstrument: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description:
        'Units that one card or account may pay for, however many buyers it plays. Left out, as many as `limitPerBuyer`. Only with that.',
    }),
  ),
};

const payWithinMs = Type.Optional(
  Type.Integer({
    minimum: 10_000,
    maximum: 86_400_000,
    description:
      'How long an order of this sale waits for its payment, if shorter than the shop gives: what nobody pays is soon on sale again.',
  }),
);

const isHeldUntilStart = Type.Optional(
  Type.Boolean({
    description:
      'Its variants are not sold before it starts, in no currency, unless another sale of them runs: quotes answer 409 `sale-not-open`. Left out, whoever comes before may buy them at their list price, from the same stock.',
  }),
);

/**
 * A flash sale: from `startsAtMs` until before `endsAtMs` its variants cost what it says, whatever their list price. Of
 * sales that overlap on a variant the lowest price holds. Who buys one in a currency that the sale has no price in pays the list price; the sale's
 * limits, its time to pay and its waiting room are the same for him, since he takes of the same stock.
 */
export const SaleInput = strict(
  {
    saleId: Type.Optional(Uuid),
    name: text(200, { minLength: 1 }),
    startsAtMs: InstantMs,
    endsAtMs: InstantMs,
    payWithinMs,
    isHeldUntilStart,
    items: Type.Array(strict(SaleItemFields), { minItems: 1, maxItems: 1000 }),
  },
  { title: 'SaleInput' },
);
export type SaleInput = Static<typeof SaleInput>;

export const SaleItem = strict({ saleItemId: Uuid, ...SaleItemFields }, { title: 'SaleItem' });
export type SaleItem = Static<typeof SaleItem>;

export const Sale = strict(
  {
    saleId: Uuid,
    name: Type.String(),
    startsAtMs: InstantMs,
    endsAtMs: InstantMs,
    payWithinMs,
    isHeldUntilStart,
    items: Type.Array(SaleItem),
  },
  { title: 'Sale' },
);
export type Sale = Static<typeof Sale>;

/**
 * Takes a percentage or a fixed amount off. Without a `couponCode` it applies by itself; with one, only to who gives the
 * code. The best rule wins a line; rules do not add up, a coupon's discount comes on top. A fixed amount is taken off each
 * unit by a rule, and once off the order by a coupon.
 */
export const PriceRuleInput = strict(
  {
    ruleId: Type.Optional(Uuid),
    name: text(200, { minLength: 1 }),
    reduction: Type.Union([
      strict({ kind: Type.Literal('percentage'), basisPoints: Type.Integer({ minimum: 1, maximum: 10_000 }) }),
      strict({ kind: Type.Literal('fixed'), amountMinor: AmountMinor, currency: CurrencyCode }),
    ]),
    scope: Type.Union([
      strict({ kind: Type.Literal('everything') }),
      strict({ kind: Type.Literal('collection'), path: Type.String({ maxLength: 300 }) }),
      strict({ kind: Type.Literal('variants'), variantIds: Type.Array(Uuid, { minItems: 1, maxItems: 1000 }) }),
    ]),
    startsAtMs: Type.Optional(InstantMs),
    endsAtMs: Type.Optional(InstantMs),
    couponCode: Type.Optional(text(60, { minLength: 1 })),
    redemptionsMax: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 2_000_000_000, description: 'In all; only with a coupon code.' }),
    ),
    limitPerBuyer: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: 'Redemptions by one buyer; only with a coupon code.' }),
    ),
  },
  { title: 'PriceRuleInput' },
);
export type PriceRuleInput = Static<typeof PriceRuleInput>;

export const PriceRule = strict({ ...PriceRuleInput.properties, ruleId: Uuid }, { title: 'PriceRule' });
export type PriceRule = Static<typeof PriceRule>;

const OfferedSaleItem = strict({ saleId: Uuid, endsAtMs: InstantMs, payWithinMs, item: SaleItem });

export const promotionApi = defineContract({
  name: 'promotion',
  routes: {
    listSales: {
      method: 'GET',
      path: '/v1/sales',
      summary: 'Read the sales that are running or announced',
      scope: 'public',
      importance: 'standard',
      idempotency: 'safe',
      cache: { maxAgeS: 1, staleWhileRevalidateS: 10, shared: true, tags: () => ['sales'] },
      responses: { 200: strict({ items: Type.Array(Sale), nowMs: InstantMs }) },
    },
    createSale: {
      method: 'POST',
      path: '/v1/admin/sales',
      summary: 'Create a sale, or replace the one with this id',
      scope: 'admin',
      importance: 'standard',
      idempotency: 'honoured',
      body: SaleInput,
      responses: { 201: Sale },
      problems: ['bad-request'],
    },
    endSale: {
      method: 'DELETE',
      path: '/v1/admin/sales/:saleId',
      summary: 'End a sale now',
      scope: 'admin',
      importance: 'standard',
      idempotency: 'by-nature',
      params: strict({ saleId: Uuid }),
      responses: { 200: Sale },
      problems: ['not-found'],
    },
    createPriceRule: {
      method: 'POST',
      path: '/v1/admin/price-rules',
      summary: 'Create a price rule or coupon, or replace the one with this id',
      scope: 'admin',
      importance: 'standard',
      idempotency: 'honoured',
      body: PriceRuleInput,
      responses: { 201: PriceRule },
      problems: ['bad-request', 'conflict'],
    },
    listPriceRules: {
      method: 'GET',
      path: '/v1/admin/price-rules',
      summary: 'Read all price rules and coupons',
      scope: 'admin',
      importance: 'deferrable',
      idempotency: 'safe',
      responses: { 200: strict({ items: Type.Array(PriceRule) }) },
    },
    readSales: {
      method: 'POST',
      path: '/internal/promotion/sales',
      summary: 'Read the sales that are running, announced, or over since yesterday, as they are now',
      scope: 'internal',
      importance: 'standard',
      idempotency: 'safe',
      responses: { 200: strict({ items: Type.Array(Sale), nowMs: InstantMs }) },
    },
    getOffers: {
      method: 'POST',
      path: '/internal/promotion/offers',
      summary: 'The sale prices and price rules that hold for some variants now, and the coupon if the code is good',
      scope: 'internal',
      importance: 'core',
      idempotency: 'safe',
      body: strict({
        variantIds: Type.Array(Uuid, { minItems: 1, maxItems: 200 }),
        currency: CurrencyCode,
        couponCode: Type.Optional(Type.String()),
      }),
      responses: {
        200: strict({
          saleItems: Type.Array(OfferedSaleItem, {
            description: 'One per variant at most: of sales that overlap, the lowest price.',
          }),
          foreignSaleItems: Type.Array(OfferedSaleItem, {
            description:
              'For variants that run in a sale of other currencies only: one of these. Its price is none of theirs, the rest holds.',
          }),
          runningSales: Type.Array(strict({ variantId: Uuid, saleIds: Type.Array(Uuid, { minItems: 1 }) }), {
            description:
              'For variants in running sales, of whatever currency and price: all of these, first the one whose price or limits hold.',
          }),
          announced: Type.Array(
            strict({
              saleId: Uuid,
              variantId: Uuid,
              startsAtMs: InstantMs,
              endsAtMs: InstantMs,
              isHeld: Type.Optional(
                Type.Literal(true, { description: 'Until it starts the variant is not sold at all.' }),
              ),
            }),
            {
              description:
                'For variants in no running sale of this currency: the next one to start. For one that is held: the next in whatever currency.',
            },
          ),
          nextSaleStartsAtMs: Type.Optional(InstantMs),
          rules: Type.Array(PriceRule, {
            description:
              'Rules that apply by themselves and may cover some of the variants; whether one covers a variant depends on its scope. A list of variants is shortened to those asked for.',
          }),
          coupon: Type.Optional(
            strict({
              ...PriceRule.properties,
              /** What its redemptions are counted under, in all and per buyer. */
              couponId: Uuid,
            }),
          ),
        }),
      },
    },
  },
});
