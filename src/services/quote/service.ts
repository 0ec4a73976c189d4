import type { Call, Client, InputOf } from '../../platform/api/contract.ts';
import { succeeded } from '../../platform/api/peer.ts';
import { badField, isProblem, type ProblemReply, problem } from '../../platform/api/problem.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Service } from '../../platform/context/service.ts';
import { bucketOf } from '../../platform/database/bucket.ts';
import { newId, randomBucket } from '../../platform/database/id.ts';
import { readSubjectToken, subjectToken } from '../../platform/signing/subject-token.ts';
import type { CartContent, cartApi } from '../cart/api.ts';
import type { catalogApi } from '../catalog/api.ts';
import type { promotionApi } from '../promotion/api.ts';
import { type Admission, type Admittance, type Quote, quoteApi } from './api.ts';
import { type Pricing, priceOrder } from './pricing.ts';
import { signQuote } from './signed-quote.ts';

export type QuoteContext = Pick<Context, 'clock' | 'signer' | 'shop'>;

export interface QuotePeers {
  readonly catalog: Client<typeof catalogApi>;
  readonly promotion: Client<typeof promotionApi>;
  readonly cart: Client<typeof cartApi>;
}

type Body = InputOf<(typeof quoteApi)['routes']['createQuote']>['body'];

/** What is to be priced: as the body says, and where it says nothing, as the cart does. */
interface Wish {
  readonly lines: CartContent['lines'];
  readonly currency: string;
  /** Undefined for a new guest. */
  readonly buyerId: string | undefined;
  /** Undefined for an order of its own. */
  readonly orderId: string | undefined;
  readonly couponCode: string | undefined;
  readonly deliveryMethod: string | undefined;
  readonly contact: Quote['contact'];
  readonly deliveryAddress: Quote['deliveryAddress'];
}

/** What it costs, and the sales that it is in: for each variant those that run. */
interface Priced {
  readonly pricing: Pricing;
  readonly sales: readonly (readonly string[])[];
}

const deliveryFields = ['contact', 'deliveryAddress', 'deliveryMethod'] as const;

/** A shop without waiting rooms. */
const everybodyMayIn: Admission = { admit: async () => ({ kind: 'free' }) };

/** Prices and signs what a buyer wants, so that an order needs to read no price: what is paid is what was signed (I8). */
export function createQuote(
  ctx: QuoteContext,
  peers: QuotePeers,
  admission: Admission = everybodyMayIn,
): Service<typeof quoteApi> {
  // Once, because asking is slow.
  const currencies = new Set(Intl.supportedValuesOf('currency'));

  return {
    contract: quoteApi,
    importance: 'core',
    handlers: {
      async createQuote({ body }, call) {
        // Read once and first: sales are asked about later, so the quote never outlives what it was told.
        const nowMs = ctx.clock.nowMs();
        const wish = await wishOf(body, call);
        if (isProblem(wish)) return wish;
        const priced = await price(wish, call);
        if (isProblem(priced)) return priced;
        const { pricing, sales } = priced;
        if (pricing.kind !== 'priced') return refusal(pricing);
        const { buyerId } = wish;
        const admittance = await admission.admit({ sales, buyerId, pass: body.pass, ticket: body.ticket, call });
        if (admittance.kind !== 'free' && admittance.kind !== 'admitted') return notAdmitted(admittance);

        const quote = signQuote(ctx.signer, quoteOf(wish, pricing, admittance, nowMs));
        if (quote === undefined) {
          return problem('bad-request', {
            detail: 'So much text does not fit into one order. Order in several parts.',
          });
        }
        return { status: 201, body: { ...quote, buyer: subjectToken(ctx.signer, 'buyer', quote.buyerId) } };
      },
    },
  };

  async function wishOf(body: Body, call: Call): Promise<Wish | ProblemReply> {
    const { cartId, lines } = body;
    if ((cartId === undefined) === (lines === undefined)) {
      return badField(cartId === undefined ? '' : '/lines', 'Send either `cartId` or `lines`.');
    }
    if (body.currency !== undefined && body.currency !== ctx.shop.currency && !currencies.has(body.currency)) {
      return badField('/currency', `${body.currency} is not an ISO 4217 currency.`);
    }
    const buyerId = body.buyer === undefined ? undefined : readSubjectToken(ctx.signer, 'buyer', body.buyer);
    if (body.buyer !== undefined && buyerId === undefined) {
      return badField('/buyer', 'This is not a buyer of this shop. Leave it out to become one.');
    }
    const cart = cartId === undefined ? undefined : await peers.cart.getCartForQuote({ params: { cartId } }, call);
    if (cart !== undefined && isProblem(cart)) return cart;
    const content = cart?.body;
    if (body.orderIdFrom !== undefined && (content === undefined || (buyerId ?? content.buyerId) !== content.buyerId)) {
      return badField(
        '/orderIdFrom',
        'The order of a cart has its lines and its buyer: send `cartId`, and no other buyer.',
      );
    }
    if (content?.lines.length === 0) return problem('cart-empty');
    const wish: Wish = {
      lines: lines ?? content?.lines ?? [],
      currency: body.currency ?? content?.currency ?? ctx.shop.currency,
      buyerId: buyerId ?? content?.buyerId,
      orderId: body.orderIdFrom === undefined ? undefined : content?.orderId,
      couponCode: body.couponCode ?? content?.couponCode,
      deliveryMethod: body.deliveryMethod ?? content?.deliveryMethod,
      contact: body.contact ?? content?.contact,
      deliveryAddress: body.deliveryAddress ?? content?.deliveryAddress,
    };
    // Else who leaves the choice of delivery out has it free. Buy-now may leave it out, as its contract says.
    const missing = content === undefined ? [] : deliveryFields.filter((field) => wish[field] === undefined);
    if (missing.length === 0) return wish;
    return problem('delivery-required', {
      detail: `Neither the cart nor the request gives ${missing.join(', ')}.`,
      missing,
    });
  }

  async function price(wish: Wish, call: Call): Promise<Priced | ProblemReply> {
    const { lines, currency, couponCode, deliveryMethod } = wish;
    const variantIds = [...new Set(lines.map((line) => line.variantId))];
    const [variants, offers, deliveryMinor] = await Promise.all([
      peers.catalog.getVariants({ body: { variantIds } }, call),
      peers.promotion.getOffers({ body: { variantIds, currency, ...(couponCode && { couponCode }) } }, call),
      deliveryMethod === undefined ? 0 : deliveryPrice(deliveryMethod, currency, call),
    ]);
    if (deliveryMinor === undefined) {
      return problem('delivery-unknown', {
        detail: `There is no such way of delivery in ${currency}.`,
        deliveryMethod,
      });
    }
    const held = succeeded('promotion', offers).body;
    const pricing = priceOrder({
      currency,
      lines,
      variants: succeeded('catalog', variants).body.items,
      offers: held,
      couponCode,
      deliveryMinor,
      taxIncludedBasisPoints: ctx.shop.taxIncludedBasisPoints,
    });
    return { pricing, sales: held.runningSales.map(({ saleIds }) => saleIds) };
  }

  async function deliveryPrice(code: string, currency: string, call: Call): Promise<number | undefined> {
    const reply = succeeded('cart', await peers.cart.listDeliveryMethods({ query: { currency } }, call));
    return reply.body.items.find((method) => method.code === code)?.amountMinor;
  }

  function quoteOf(
    wish: Wish,
    pricing: Extract<Pricing, { kind: 'priced' }>,
    admittance: Extract<Admittance, { kind: 'free' | 'admitted' }>,
    nowMs: number,
  ): Quote {
    const buyerId = wish.buyerId ?? newId(randomBucket(), nowMs);
    const { currency, deliveryMethod, contact, deliveryAddress } = wish;
    const { coupon, deliveryMinor, taxMinor, totalMinor, payWithinMs } = pricing;
    return {
      orderId: wish.orderId ?? newId(bucketOf(buyerId), nowMs),
      buyerId,
      currency,
      lines: [...pricing.lines],
      ...(coupon && { coupon }),
      ...(deliveryMethod !== undefined && { deliveryMethod }),
      deliveryMinor,
      taxMinor,
      totalMinor,
      ...(contact && { contact }),
      ...(deliveryAddress && { deliveryAddress }),
      ...(admittance.kind === 'admitted' && { pass: admittance.pass }),
      ...(payWithinMs !== undefined && { payWithinMs }),
      // A quote that outlived its pass would keep a place that was given to the next one.
      expiresAtMs: Math.min(
        nowMs + ctx.shop.quoteTtlMs,
        pricing.holdsUntilMs,
        admittance.kind === 'admitted' ? admittance.expiresAtMs : Number.POSITIVE_INFINITY,
      ),
    };
  }
}

/** The shop keeps nothing of who waits: a program that just does as `Retry-After` says would be at the end of the line each time. */
const howToWait =
  'Your place is `ticket`: follow it at `GET /v1/waiting-rooms/{roomId}/ticket`. Send this request again only with it, as `ticket` in the body: without it you get a new place, at the end of the line.';

/** Where what stands before a quote meets HTTP. */
export function notAdmitted(admittance: Exclude<Admittance, { kind: 'free' | 'admitted' }>): ProblemReply {
  switch (admittance.kind) {
    case 'wait': {
      const { kind: _, retryAfterS, ...members } = admittance;
      return problem('waiting-room', { detail: howToWait, ...members }, { 'retry-after': String(retryAfterS) });
    }
    case 'challenge': {
      const { kind: _, ...members } = admittance;
      return problem('challenge-required', { detail: 'There is a queue. Solve this to get a ticket.', ...members });
    }
    case 'pass-invalid':
    case 'ticket-invalid': {
      const { kind, ...members } = admittance;
      return problem(kind, members);
    }
    case 'nothing-left':
      return problem('sold-out', { detail: 'All of it is sold; nobody queues any more.', roomId: admittance.roomId });
    case 'apart':
      return problem('conflict', {
        detail: 'Different waiting rooms stand before these: order them apart.',
        roomIds: admittance.roomIds,
      });
  }
}

/** Where outcomes of pricing meet HTTP. */
export function refusal(pricing: Exclude<Pricing, { kind: 'priced' }>): ProblemReply {
  switch (pricing.kind) {
    case 'not-for-sale':
      return problem('not-for-sale', { variantId: pricing.variantId });
    case 'not-priced': {
      const { variantId, sku, currency } = pricing;
      return problem('not-for-sale', { detail: `SKU “${sku}” has no price in ${currency}.`, variantId, currency });
    }
    case 'sale-not-open': {
      const { variantId, startsAtMs, endsAtMs } = pricing;
      return problem('sale-not-open', { detail: 'Its sale has not begun yet.', variantId, startsAtMs, endsAtMs });
    }
    case 'coupon-unknown':
      return problem('coupon-invalid', { detail: 'There is no such code, or it is not valid now.' });
    case 'coupon-unfit':
      return problem('coupon-invalid', { detail: 'The code takes nothing off what is being ordered.' });
    case 'too-many':
      return badField('/lines', `One order takes 10,000 of a variant at most, not ${pricing.quantity}.`, {
        variantId: pricing.variantId,
      });
    case 'too-expensive':
      return badField('/lines', 'One order comes to 1,000,000,000,000 minor units at most. Order in several parts.');
  }
}
