import { type Static, Type } from 'typebox';
import { type Call, defineContract } from '../../platform/api/contract.ts';
import { AmountMinor, CurrencyCode, InstantMs, strict, text, Uuid } from '../../platform/api/schema.ts';

export const Quantity = Type.Integer({ minimum: 1, maximum: 10_000 });

export const Contact = strict(
  { email: Type.String({ format: 'email', maxLength: 254 }), phone: Type.Optional(text(40)) },
  { title: 'Contact' },
);
export type Contact = Static<typeof Contact>;

export const Address = strict(
  {
    name: text(200, { minLength: 1 }),
    company: Type.Optional(text(200)),
    line1: text(300, { minLength: 1 }),
    line2: Type.Optional(text(300)),
    city: text(200, { minLength: 1 }),
    region: Type.Optional(text(200)),
    postalCode: Type.Optional(text(20)),
    countryCode: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2.' }),
  },
  { title: 'Address' },
);
export type Address = Static<typeof Address>;

/** How many one buyer may take in all under one rule (a sale's item, a coupon); kept by checkout, whoever signs the quote. */
export const BuyerLimit = strict(
  {
    limitId: Uuid,
    max: Type.Integer({ minimum: 1 }),
    instrumentMax: Type.Optional(
      Type.Integer({ minimum: 1, description: 'What one card or account may pay for under it; as `max` if left out.' }),
    ),
  },
  { title: 'BuyerLimit' },
);
export type BuyerLimit = Static<typeof BuyerLimit>;

/** One variant of the order. A quote has one line per variant: what was on several lines is merged. */
export const QuoteLine = strict(
  {
    variantId: Uuid,
    sku: Type.String(),
    title: Type.String(),
    quantity: Quantity,
    unitPriceMinor: AmountMinor,
    discountMinor: AmountMinor,
    totalMinor: AmountMinor,
    limit: Type.Optional(BuyerLimit),
    isInSale: Type.Optional(
      Type.Literal(true, {
        description:
          'In a flash sale that runs: at its price, or at the list price in a currency that it has no price in.',
      }),
    ),
  },
  { title: 'QuoteLine' },
);
export type QuoteLine = Static<typeof QuoteLine>;

/** A limited coupon is stock of its own: the order takes one redemption as it takes units of a variant. */
export const QuoteCoupon = strict(
  {
    couponId: Uuid,
    code: Type.String(),
    discountMinor: Type.Integer({
      minimum: 0,
      maximum: 1_000_000_000_000,
      description: 'What the coupon takes off; the lines already have it in theirs.',
    }),
    isLimited: Type.Boolean({
      description: 'Its redemptions are counted, in all or per buyer or both: the order takes one.',
    }),
    limit: Type.Optional(BuyerLimit),
  },
  { title: 'QuoteCoupon' },
);
export type QuoteCoupon = Static<typeof QuoteCoupon>;

/** The pass of a waiting room that the quote was made with; checkout sees to it that it becomes one order only. */
export const QuotePass = strict({ roomId: Uuid, place: Type.Integer({ minimum: 0 }) }, { title: 'QuotePass' });
export type QuotePass = Static<typeof QuotePass>;

/**
 * What the buyer agreed to, signed by the shop. It carries the id that its order will have, so one quote can become one
 * order only, by primary key. Quotes that share an id are of the same lines of one cart (`orderIdFrom`).
 */
export const Quote = strict(
  {
    orderId: Uuid,
    buyerId: Uuid,
    currency: CurrencyCode,
    lines: Type.Array(QuoteLine, { minItems: 1, maxItems: 100 }),
    coupon: Type.Optional(QuoteCoupon),
    deliveryMethod: Type.Optional(Type.String()),
    deliveryMinor: AmountMinor,
    taxMinor: Type.Integer({ minimum: 0, description: 'Tax included in the total.' }),
    totalMinor: AmountMinor,
    contact: Type.Optional(Contact),
    deliveryAddress: Type.Optional(Address),
    pass: Type.Optional(QuotePass),
    payWithinMs: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'How long its order waits for the payment, if a sale in it gives less than the shop.',
      }),
    ),
    expiresAtMs: InstantMs,
  },
  { title: 'Quote' },
);
export type Quote = Static<typeof Quote>;

export const SignedQuote = strict(
  {
    quote: Type.String({ description: 'Send it to `POST /v1/orders` exactly as it is.' }),
    buyer: Type.String({ description: 'Send it with the next cart or quote to stay the same buyer.' }),
    ...Quote.properties,
  },
  { title: 'SignedQuote' },
);
export type SignedQuote = Static<typeof SignedQuote>;

const requiredOfCarts = (what: string) =>
  `${what} A quote from a cart needs it, here or in the cart; one from \`lines\` (buy now) may leave it out.`;

export const quoteApi = defineContract({
  name: 'quote',
  routes: {
    createQuote: {
      method: 'POST',
      path: '/v1/quotes',
      summary: 'Price a cart, or some lines straight away (buy now), and sign the result',
      description:
        'What the request says goes before what the cart says. A quote reserves nothing; it holds until `expiresAtMs`, and `POST /v1/orders` turns it into one order. A cart is quoted only with contact, address and delivery, else 409 `delivery-required`; buy-now may leave them out.',
      scope: 'public',
      importance: 'core',
      idempotency: 'honoured',
      body: strict({
        cartId: Type.Optional({ ...Uuid, description: 'Send either this or `lines`.' }),
        lines: Type.Optional(
          Type.Array(strict({ variantId: Uuid, quantity: Quantity }), {
            minItems: 1,
            maxItems: 100,
            description: 'Instead of `cartId`.',
          }),
        ),
        currency: Type.Optional({
          ...CurrencyCode,
          description: 'ISO 4217 currency code. Left out, it is the cart’s, else the shop’s.',
        }),
        buyer: Type.Optional(
          Type.String({
            maxLength: 200,
            description:
              'The `buyer` of an earlier cart or quote. Left out, it is the cart’s; buy-now without it makes a new buyer, so a limit per buyer holds only for who is signed in or sends it.',
          }),
        ),
        orderIdFrom: Type.Optional(
          Type.Literal('cart', {
            description:
              'All quotes of the same lines of the cart are then for one order, with its `orderId`: whichever is ordered first is the only one, in however many windows they stand. Left out, each quote is an order of its own.',
          }),
        ),
        couponCode: Type.Optional(text(60, { minLength: 1 })),
        pass: Type.Optional(
          Type.String({
            maxLength: 1000,
            description:
              'Of the waiting room that stands before this: 503 `waiting-room` tells. It is its buyer’s alone.',
          }),
        ),
        ticket: Type.Optional(
          Type.String({
            maxLength: 1000,
            description:
              'Your ticket of that waiting room, if you have one: you keep your place. Left out, you get one.',
          }),
        ),
        contact: Type.Optional({ ...Contact, description: requiredOfCarts('Who buys.') }),
        deliveryAddress: Type.Optional({ ...Address, description: requiredOfCarts('Where it goes.') }),
        deliveryMethod: Type.Optional(
          Type.String({
            maxLength: 60,
            description: `${requiredOfCarts('How it goes: a `code` of `GET /v1/delivery-methods`.')} Without it, no delivery is priced in.`,
          }),
        ),
      }),
      responses: { 201: SignedQuote },
      problems: [
        'not-found',
        'not-for-sale',
        'sale-not-open',
        'coupon-invalid',
        'delivery-required',
        'delivery-unknown',
        'cart-empty',
        'waiting-room',
        'challenge-required',
        'pass-invalid',
        'ticket-invalid',
        'sold-out',
        'conflict',
      ],
    },
  },
});

/** Who wants to buy what, with what he has of a waiting room. */
export interface AdmissionRequest {
  /**
   * For each variant of it that is in running sales: all of these, in whatever currency, since they sell of the same stock. First the one
   * whose price or limits hold for him.
   */
  readonly sales: readonly (readonly string[])[];
  /** Undefined for a new guest. */
  readonly buyerId: string | undefined;
  /** As sent, unverified. */
  readonly pass: string | undefined;
  /** As sent, unverified. */
  readonly ticket: string | undefined;
  /** Where it comes from. */
  readonly call: Call;
}

export type Admittance =
  /** Nobody queues for this. */
  | { readonly kind: 'free' }
  /** The pass is this buyer's, for this, and good until `expiresAtMs`. Whether it was used is known at the order only. */
  | { readonly kind: 'admitted'; readonly pass: QuotePass; readonly expiresAtMs: number }
  | {
      readonly kind: 'wait';
      readonly roomId: string;
      /** The ticket that was sent, seen now, or a new one; with the token of the buyer whose it is. */
      readonly ticket: string;
      readonly buyer: string;
      readonly retryAfterS: number;
    }
  /** Before he gets a ticket, he is to solve the challenge (edge/challenge) and send the same again. */
  | { readonly kind: 'challenge'; readonly roomId: string; readonly reason: string; readonly challenge: object }
  | { readonly kind: 'pass-invalid' | 'ticket-invalid'; readonly roomId: string; readonly detail: string }
  /** There is a queue for it and nothing left to queue for. */
  | { readonly kind: 'nothing-left'; readonly roomId: string }
  /** No one waiting room stands before all of the things that are queued for: one pass does not open them together. */
  | { readonly kind: 'apart'; readonly roomIds: readonly string[] };

/** What stands before a quote. Asked with each one, so it answers from memory, except for a new ticket. */
export interface Admission {
  admit(request: AdmissionRequest): Promise<Admittance>;
}
