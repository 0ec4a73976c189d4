import type { Testimony } from './witness.ts';

export type AcknowledgedOrder = Extract<Testimony, { kind: 'order' }>;
export type AcknowledgedPayment = Extract<Testimony, { kind: 'payment' }>;

/** What all buyers together claim, by order. */
export interface Claims {
  /** Ids of the quotes that buyers asked to be made orders. */
  readonly asked: ReadonlySet<string>;
  /** Ids that forged or expired quotes claimed, and that no buyer asked for otherwise. */
  readonly forged: ReadonlySet<string>;
  /** By the id in the quote. Several are answers to the same request, repeated. */
  readonly orders: ReadonlyMap<string, readonly AcknowledgedOrder[]>;
  /** Payments that buyers asked for, by `paymentKey`. */
  readonly paying: ReadonlySet<string>;
  readonly payments: ReadonlyMap<string, readonly AcknowledgedPayment[]>;
  readonly cancelling: ReadonlySet<string>;
  readonly cancelled: ReadonlySet<string>;
}

export function paymentKey({ orderId, key }: { orderId: string; key: string }): string {
  return `${orderId} ${key}`;
}

export function gatherClaims(testimonies: readonly Testimony[]): Claims {
  const asked = new Set<string>();
  const forged = new Set<string>();
  const orders = new Map<string, AcknowledgedOrder[]>();
  const paying = new Set<string>();
  const payments = new Map<string, AcknowledgedPayment[]>();
  const cancelling = new Set<string>();
  const cancelled = new Set<string>();
  for (const testimony of testimonies) {
    switch (testimony.kind) {
      case 'asked':
        asked.add(testimony.orderId);
        break;
      case 'forged':
        forged.add(testimony.orderId);
        break;
      case 'order':
        push(orders, testimony.asked, testimony);
        break;
      case 'paying':
        paying.add(paymentKey(testimony));
        break;
      case 'payment':
        push(payments, paymentKey(testimony), testimony);
        break;
      case 'cancelling':
        cancelling.add(testimony.orderId);
        break;
      case 'cancelled':
        cancelled.add(testimony.orderId);
        break;
    }
  }
  for (const orderId of asked) forged.delete(orderId);
  return { asked, forged, orders, paying, payments, cancelling, cancelled };
}

/** Ids of all orders that the shop acknowledged. */
export function acknowledgedIds(claims: Claims): string[] {
  return [...new Set([...claims.orders.values()].flat().map(({ order }) => order.orderId))];
}

/** Ids of orders of which something may still be under way: money, or the news of a cancellation. */
export function unsettledIds(claims: Claims): string[] {
  const paid = [...claims.paying].map((key) => key.slice(0, key.indexOf(' ')));
  return [...new Set([...paid, ...claims.cancelling])];
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
