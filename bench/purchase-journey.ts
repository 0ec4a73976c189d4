import type { Journey } from './load.ts';
import { prepareRequest } from './load.ts';

export interface PurchaseOptions {
  /**
   * - `buy-now`: quote, order, payment (3 calls).
   * - `long-way`: cart, line, address, delivery, quote, order, payment (the 7 calls that other shops need).
   */
  readonly flow: 'buy-now' | 'long-way';
  readonly variantId: string;
  /** Purchases per connection. */
  readonly count: number;
}

type Answer = Readonly<Record<string, string>>;
type Step = (previous: Answer) => Buffer;

/** A buyer who buys again and again, each step made from the answer to the one before. */
export function createJourney({ flow, variantId, count }: PurchaseOptions): Journey {
  const steps = flow === 'buy-now' ? buyNow(variantId) : longWay(variantId);
  let at = 0;
  let purchases = 0;
  return {
    next(previous) {
      if (previous !== undefined && previous.status > 201) {
        throw new Error(`step ${at} of ${flow} was answered ${previous.status}: ${previous.body}`);
      }
      if (at === steps.length) {
        purchases += 1;
        at = 0;
      }
      if (purchases === count) return undefined;
      const step = steps[at];
      at += 1;
      return step?.(at === 1 || previous === undefined ? {} : (JSON.parse(previous.body.toString()) as Answer));
    },
  };
}

function buyNow(variantId: string): Step[] {
  return [() => post('/v1/quotes', { lines: [{ variantId, quantity: 1 }] }), placeOrder, pay];
}

function longWay(variantId: string): Step[] {
  let cartId = '';
  return [
    () => post('/v1/carts', {}),
    (cart) => {
      cartId = cart.cartId ?? '';
      return post(`/v1/carts/${cartId}/lines`, { variantId, quantity: 1 });
    },
    () => put(`/v1/carts/${cartId}/address`, address),
    () => put(`/v1/carts/${cartId}/delivery`, { deliveryMethod: 'standard' }),
    () => post('/v1/quotes', { cartId }),
    placeOrder,
    pay,
  ];
}

const address = {
  contact: { email: 'buyer@example.com' },
  deliveryAddress: {
    name: 'A Buyer',
    line1: '1 High Street',
    city: 'Springfield',
    postalCode: '12345',
    countryCode: 'US',
  },
};

function placeOrder({ quote }: Answer): Buffer {
  return post('/v1/orders', { quote });
}

function pay({ orderId, key }: Answer): Buffer {
  const headers = { authorization: `Bearer ${key}`, 'idempotency-key': orderId ?? '' };
  return post(`/v1/orders/${orderId}/payments`, { card: 'test-ok' }, headers);
}

function post(path: string, body: object, headers: Record<string, string> = {}): Buffer {
  return prepareRequest({ method: 'POST', path, headers, body });
}

function put(path: string, body: object): Buffer {
  return prepareRequest({ method: 'PUT', path, body });
}
