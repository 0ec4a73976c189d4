import { randomUUID } from 'node:crypto';
import type { Order } from '../../src/services/checkout/api.ts';
import type { Payment } from '../../src/services/payment/api.ts';
import type { SignedQuote } from '../../src/services/quote/api.ts';
import type { Random } from '../random.ts';
import type { Reply } from '../reply.ts';
import { type Calls, type InsistOptions, NoAnswer, WrongAnswer } from './calls.ts';
import type { SaleSetup } from './setup.ts';
import type { Tally } from './tally.ts';
import type { WitnessBook } from './witness.ts';

/** One buyer in the shop: what he asks for, what he is told, and what he writes down of it. */
export interface Visit {
  readonly setup: SaleSetup;
  readonly random: Random;
  readonly tally: Tally;
  readonly email: string;
  /** A quote for units of the hot variant, straight away (buy now). */
  quoteHot(quantity: number, buyer?: string): Promise<SignedQuote>;
  /** A quote by a body of the caller's own; `key` is its Idempotency-Key. */
  quote(body: object, key?: string): Promise<Reply>;
  order(quote: SignedQuote, options?: InsistOptions): Promise<OrderOutcome>;
  /** Sends what the shop never signed, or no longer holds to. */
  orderForged(token: string, claimedOrderId: string): Promise<Reply>;
  /** One payment: the same key again is the same payment. */
  pay(order: Order, card: string, key?: string, options?: InsistOptions): Promise<PayOutcome>;
  payRaw(order: Order, card: string, key: string, options?: InsistOptions): Promise<Reply>;
  cancel(order: Order): Promise<'cancelled' | 'refused'>;
  /** Another call of a cart; throws where the answer is none of these statuses. */
  call(method: string, path: string, body: object | undefined, statuses: readonly number[]): Promise<Reply>;
}

export type OrderOutcome =
  | { readonly kind: 'placed'; readonly order: Order }
  | { readonly kind: 'sold-out' }
  | { readonly kind: 'refused'; readonly slug: string };

export type PayOutcome =
  | { readonly kind: 'paid'; readonly payment: Payment }
  /** The provider has not answered, or another request with the key is at work: it resolves without this buyer. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'declined' };

// What a killed process was at work on is taken up again when its lease runs out, after a buyer has lost patience.
const inFlightPatienceMs = 3_000;

export interface VisitOptions {
  readonly number: number;
  readonly setup: SaleSetup;
  readonly random: Random;
  readonly tally: Tally;
  readonly calls: Calls;
  readonly witness: WitnessBook;
}

// Where buyers live, roughly as a shop of the world would find them.
const countries =
  'CN*20 US*14 DE*9 JP*8 GB*7 FR*6 KR*5 BR*5 IN*4 CA*4 IT*3 ES*3 NL*3 AU*3 MX*2 PL*2 SE*2 SG*2 CH*1 NO*1 ZA*1 NZ*1'
    .split(' ')
    .flatMap((each) => Array.from({ length: Number(each.slice(3)) }, () => each.slice(0, 2)));

/** By the buyer's number alone: the seed deals out how buyers behave, not where they live. */
function countryOf(number: number): string {
  return countries[(number * 7919) % countries.length] ?? 'CN';
}

export function createVisit({ number, setup, random, tally, calls, witness }: VisitOptions): Visit {
  const email = `drill-buyer-${number}@example.com`;
  const acknowledgedIds = new Set<string>();

  async function post(
    call: Parameters<Calls['insist']>[0],
    path: string,
    body: object,
    headers: Record<string, string> = {},
    options?: InsistOptions,
  ): Promise<Reply> {
    return calls.insist(call, { method: 'POST', path, headers, body: JSON.stringify(body) }, options);
  }

  function acknowledge(quote: SignedQuote, order: Order): void {
    witness.note({ kind: 'order', atMs: Date.now(), asked: quote.orderId, order });
    tally.demand(
      'quotedPrice',
      isAsQuoted(quote, order),
      () =>
        `order ${order.orderId} is not what its quote says: ${JSON.stringify({ quote: priceOf(quote), order: priceOf(order) })}`,
    );
    if (acknowledgedIds.has(quote.orderId)) return;
    acknowledgedIds.add(quote.orderId);
    tally.count('ordersAcknowledged');
    tally.count('unitsAcknowledged', hotUnits(setup, order));
  }

  return {
    setup,
    random,
    tally,
    email,

    async quoteHot(quantity, buyer) {
      const reply = await this.quote({
        lines: [{ variantId: setup.hot.variantId, quantity }],
        contact: { email },
        deliveryAddress: { name: 'A buyer', line1: 'A street', city: 'A city', countryCode: countryOf(number) },
        ...(buyer !== undefined && { buyer }),
      });
      if (reply.status !== 201) throw new WrongAnswer(`a quote was answered ${reply.status} ${reply.slug}`);
      return reply.body as SignedQuote;
    },

    quote: (body, key) =>
      post('quote', '/v1/quotes', body, key === undefined ? {} : { 'idempotency-key': key }, { inFlightPatienceMs }),

    async order(quote, options) {
      witness.note({ kind: 'asked', orderId: quote.orderId, buyerId: quote.buyerId });
      const reply = await post('order', '/v1/orders', { quote: quote.quote }, {}, options);
      if (reply.status === 201) {
        const order = reply.body as Order;
        acknowledge(quote, order);
        return { kind: 'placed', order };
      }
      if (reply.slug === 'sold-out') {
        tally.count('soldOutAnswers');
        const isSingle = quote.lines.length === 1 && quote.lines[0]?.quantity === 1;
        if (isSingle && hotUnits(setup, quote) === 1) tally.count('singleRefusals');
        return { kind: 'sold-out' };
      }
      if (reply.status === 409 && reply.slug !== undefined) return { kind: 'refused', slug: reply.slug };
      throw new WrongAnswer(`an order was answered ${reply.status} ${reply.slug}`);
    },

    orderForged(token, claimedOrderId) {
      witness.note({ kind: 'forged', orderId: claimedOrderId });
      return post('order', '/v1/orders', { quote: token });
    },

    payRaw(order, card, key, options = {}) {
      witness.note({ kind: 'paying', orderId: order.orderId, key });
      const headers = { 'idempotency-key': key, authorization: `Bearer ${order.key}` };
      return post('payment', `/v1/orders/${order.orderId}/payments`, { card }, headers, {
        inFlightPatienceMs,
        ...options,
      });
    },

    async pay(order, card, key = randomUUID(), options) {
      const { orderId } = order;
      const reply = await this.payRaw(order, card, key, options).catch(pendingIfInFlight);
      if (reply === 'in-flight') return { kind: 'pending' };
      const { status } = reply;
      const testify = (payment: Pick<Payment, 'paymentId'>) =>
        witness.note({ kind: 'payment', atMs: Date.now(), status, orderId, key, payment });
      if (status === 201 || status === 202) {
        const payment = reply.body as Payment;
        testify(payment);
        return status === 201 ? { kind: 'paid', payment } : { kind: 'pending' };
      }
      if (reply.slug === 'payment-declined') {
        testify(reply.body as { paymentId: string });
        return { kind: 'declined' };
      }
      throw new WrongAnswer(`a payment was answered ${status} ${reply.slug}`);
    },

    async cancel(order) {
      const { orderId, key } = order;
      witness.note({ kind: 'cancelling', orderId });
      const headers = { authorization: `Bearer ${key}` };
      const reply = await calls.insist('cancel', { method: 'POST', path: `/v1/orders/${orderId}/cancel`, headers });
      if (reply.status === 200) {
        witness.note({ kind: 'cancelled', orderId });
        tally.count('unitsReturned', hotUnits(setup, order));
        return 'cancelled';
      }
      if (reply.slug === 'order-not-cancellable') return 'refused';
      throw new WrongAnswer(`a cancellation was answered ${reply.status} ${reply.slug}`);
    },

    async call(method, path, body, statuses) {
      const request = { method, path, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const reply = await calls.insist('cart', request);
      if (!statuses.includes(reply.status)) {
        throw new WrongAnswer(
          `${method} ${path.replace(/[0-9a-f-]{36}/g, '…')} was answered ${reply.status} ${reply.slug}`,
        );
      }
      return reply;
    },
  };
}

function pendingIfInFlight(error: unknown): 'in-flight' {
  if (error instanceof NoAnswer && error.lastSlug === 'idempotency-key-in-flight') return 'in-flight';
  throw error;
}

function hotUnits(setup: SaleSetup, { lines }: Pick<Order, 'lines'>): number {
  return lines.reduce((sum, line) => sum + (line.variantId === setup.hot.variantId ? line.quantity : 0), 0);
}

function isAsQuoted(quote: SignedQuote, order: Order): boolean {
  return order.orderId === quote.orderId && JSON.stringify(priceOf(order)) === JSON.stringify(priceOf(quote));
}

/** What the buyer agreed to, in one order of lines. */
function priceOf({ currency, lines, deliveryMinor, taxMinor, totalMinor }: SignedQuote | Order) {
  return {
    currency,
    deliveryMinor,
    taxMinor,
    totalMinor,
    lines: lines
      .map(({ variantId, quantity, unitPriceMinor, discountMinor, totalMinor: lineMinor }) => [
        variantId,
        quantity,
        unitPriceMinor,
        discountMinor,
        lineMinor,
      ])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  };
}
