import { randomUUID } from 'node:crypto';
import type { Random } from '../random.ts';
import type { Importance, OverloadSetup } from './setup.ts';

/** One request of a session. */
export interface Step {
  readonly name: string;
  /** As the shop's contract has it; pages that are made when asked for are deferrable. */
  readonly importance: Importance;
  /** Whoever is refused this goes on without it: a buyer needs no suggestions to buy. */
  readonly isOptional: boolean;
  request(memory: Memory): RequestParts;
  /** Learns from the body of a good answer; without it the body is not even kept. */
  learn?(memory: Memory, body: Buffer, status: number): void;
}

export interface RequestParts {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  /** Lines of their own, each with its line break. */
  readonly headers?: string;
}

/** What a session has learnt on its way. */
export interface Memory {
  cartId: string;
  quote: string;
  orderId: string;
  orderKey: string;
  paymentKey: string;
}

export type SessionKind = 'looker' | 'buyer' | 'cart';

/** How many of a hundred sessions are of each kind: half come to look, half to buy. */
export const sessionShares: Readonly<Record<SessionKind, number>> = { looker: 50, buyer: 35, cart: 15 };

/** Whom the steps tell what the shop was asked for and what it acknowledged. */
export interface StepWitness {
  asked(orderId: string): void;
  acknowledged(orderId: string, body: Buffer): void;
  paying(orderId: string, key: string): void;
  /** 201 captured, 202 under way. */
  paid(orderId: string, key: string, status: number, body: Buffer): void;
}

const contact = '"contact":{"email":"drill@example.com"}';
const address =
  '"deliveryAddress":{"name":"A. Buyer","line1":"1 Harbour Street","city":"Kingston","postalCode":"12401","countryCode":"US"}';
const compressed = 'accept-encoding: gzip, br\r\n';

/** The steps that sessions are made of, for one shop. */
export function createJourneys(setup: OverloadSetup, random: Random, witness: StepWitness) {
  const any = (values: readonly string[]) => values[random.integer(values.length)] ?? '';
  const get = (name: string, importance: Importance, path: () => string, headers = ''): Step => ({
    name,
    importance,
    isOptional: importance === 'deferrable',
    request: () => ({ method: 'GET', path: path(), headers }),
  });
  const word = () => encodeURIComponent(any(setup.words));
  const searchPage = get('search page', 'deferrable', () => `/search?q=${word()}`, compressed);
  const browsePage = get(
    'browse page',
    'deferrable',
    () => `/browse/${any(setup.collections)}?sort=${random.pick(['price', '-price', 'title', 'newest'])}`,
    compressed,
  );
  const suggestions = get(
    'suggestions',
    'deferrable',
    () => `/v1/storefront/suggestions?locale=en&q=${word().slice(0, 2 + random.integer(4))}`,
  );
  const wall = get('wall', 'deferrable', () => `/v1/pulse?key=${setup.wallKey}`);
  const list = get(
    'collection',
    'standard',
    () => `/v1/products?limit=24&collection=${encodeURIComponent(any(setup.collections))}`,
  );
  // A page's script asks it; the page sells without.
  const live: Step = {
    ...get('live stock', 'standard', () => `/v1/storefront/variants?variantIds=${setup.hotVariantId}`),
    isOptional: true,
  };
  const product = get('product', 'core', () => `/v1/products/${any(setup.slugs)}`);

  const change = (name: string, request: Step['request'], learn?: Step['learn']): Step => ({
    name,
    importance: 'core',
    isOptional: false,
    request,
    ...(learn !== undefined && { learn }),
  });

  const createCart = change(
    'cart',
    () => ({ method: 'POST', path: '/v1/carts', body: '{}' }),
    (memory, body) => {
      memory.cartId = field(body, 'cartId');
    },
  );
  const addLine = change('cart line', (memory) => ({
    method: 'POST',
    path: `/v1/carts/${memory.cartId}/lines`,
    body: `{"variantId":"${any(setup.variantIds)}","quantity":1}`,
  }));
  const cartAddress = change('cart address', (memory) => ({
    method: 'PUT',
    path: `/v1/carts/${memory.cartId}/address`,
    body: `{${contact},${address}}`,
  }));
  const cartDelivery = change('cart delivery', (memory) => ({
    method: 'PUT',
    path: `/v1/carts/${memory.cartId}/delivery`,
    body: `{"deliveryMethod":"${setup.deliveryMethod}"}`,
  }));
  const learnQuote = (memory: Memory, body: Buffer) => {
    memory.quote = field(body, 'quote');
    memory.orderId = field(body, 'orderId');
  };
  const quoteHot = change(
    'quote',
    () => ({
      method: 'POST',
      path: '/v1/quotes',
      body: `{"lines":[{"variantId":"${setup.hotVariantId}","quantity":1}],${contact},${address}}`,
    }),
    learnQuote,
  );
  const quoteCart = change(
    'quote',
    (memory) => ({ method: 'POST', path: '/v1/quotes', body: `{"cartId":"${memory.cartId}"}` }),
    learnQuote,
  );
  const order = change(
    'order',
    (memory) => {
      witness.asked(memory.orderId);
      return { method: 'POST', path: '/v1/orders', body: `{"quote":"${memory.quote}"}` };
    },
    (memory, body) => {
      witness.acknowledged(memory.orderId, body);
      memory.orderKey = field(body, 'key');
    },
  );
  const pay = change(
    'payment',
    (memory) => {
      // The same when it comes a second time: one key, one payment.
      if (memory.paymentKey === '') memory.paymentKey = randomUUID();
      witness.paying(memory.orderId, memory.paymentKey);
      return {
        method: 'POST',
        path: `/v1/orders/${memory.orderId}/payments`,
        body: '{"card":"test-ok"}',
        headers: `authorization: Bearer ${memory.orderKey}\r\nidempotency-key: ${memory.paymentKey}\r\n`,
      };
    },
    (memory, body, status) => witness.paid(memory.orderId, memory.paymentKey, status, body),
  );

  const looking: readonly [Step, ...Step[]] = [searchPage, browsePage, suggestions, wall];
  return {
    /** The steps of one session: what it does is drawn anew each time. */
    stepsOf(kind: SessionKind): readonly Step[] {
      switch (kind) {
        case 'looker':
          // Who only looks has come for the looking: nothing of it is optional.
          return [random.pick(looking), list, random.pick(looking), product].map((step) => ({
            ...step,
            isOptional: false,
          }));
        case 'buyer':
          return [...(random.chance(0.5) ? [suggestions] : []), product, live, quoteHot, order, pay];
        case 'cart':
          return [searchPage, product, createCart, addLine, cartAddress, cartDelivery, quoteCart, order, pay];
      }
    },
    drawKind(): SessionKind {
      const drawn = random.integer(100);
      return drawn < sessionShares.looker
        ? 'looker'
        : drawn < sessionShares.looker + sessionShares.buyer
          ? 'buyer'
          : 'cart';
    },
  };
}

/** The first string field of this name in a JSON body, without reading all of it: its values are tokens and ids, which hold no escapes. */
export function field(body: Buffer, name: string): string {
  const before = `"${name}":"`;
  const at = body.indexOf(before);
  if (at < 0) return '';
  const start = at + before.length;
  return body.toString('latin1', start, body.indexOf('"', start));
}
