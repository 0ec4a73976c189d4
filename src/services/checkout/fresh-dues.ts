import { LRUCache } from 'lru-cache';
import type { Quote } from '../quote/api.ts';
import { instrumentMaxOf, type Payable } from './store.ts';

/**
 * What is due on the orders that this process has just placed, each until a payment asks for it: the first payment of an order
 * then begins without reading it. A hint and no more, since another process may have cancelled the order; whether a payment
 * pays it is decided where it is settled.
 */
export interface FreshDues {
  remember(quote: Quote, payByAtMs: number): void;
  /** Told once; undefined where nothing is known, or its time to pay is over. */
  take(orderId: string, nowMs: number): Payable | undefined;
  /** The order moves, or may have moved. */
  forget(orderId: string): void;
}

// As many as are placed in a few seconds of the busiest hour, some three hundred bytes each.
const countMax = 20_000;

export function createFreshDues(max = countMax): FreshDues {
  const dues = new LRUCache<string, Payable>({ max });
  return {
    remember: (quote, payByAtMs) => void dues.set(quote.orderId, dueOf(quote, payByAtMs)),
    take(orderId, nowMs) {
      const due = dues.get(orderId);
      dues.delete(orderId);
      return due !== undefined && nowMs < due.payByAtMs ? due : undefined;
    },
    forget: (orderId) => void dues.delete(orderId),
  };
}

function dueOf({ lines, totalMinor, currency }: Quote, payByAtMs: number): Payable {
  const limits = lines.flatMap(({ limit, quantity }) => {
    const max = instrumentMaxOf(limit);
    return limit === undefined || max === undefined ? [] : [{ limitId: limit.limitId, quantity, max }];
  });
  const instrumentLimits = limits.length === 0 ? undefined : limits;
  return { state: 'placed', totalMinor, currency, payByAtMs, paymentId: undefined, instrumentLimits };
}
