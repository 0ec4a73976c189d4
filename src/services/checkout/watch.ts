import type { StreamEvent } from '../../platform/api/contract.ts';
import type { Events } from '../../platform/events/event.ts';
import type { Order } from './api.ts';
import { orderTopics } from './events.ts';

/**
 * Who follows which order. One listener serves all watchers of this process, and there is none while nobody watches, so
 * following costs the database one read per change, not one per watcher and second.
 */
export function createOrderWatch(events: Events) {
  const wakersByOrder = new Map<string, Set<() => void>>();
  let stopListening: (() => void) | undefined;

  function wake(orderId: string): void {
    for (const waker of wakersByOrder.get(orderId) ?? []) waker();
  }

  function addWaker(orderId: string, waker: () => void): () => void {
    stopListening ??= events.listen({
      topics: [...orderTopics],
      hear: (heard) => {
        for (const { key } of heard) wake(key);
      },
    });
    const wakers = wakersByOrder.get(orderId) ?? new Set();
    wakersByOrder.set(orderId, wakers.add(waker));
    return () => {
      wakers.delete(waker);
      if (wakers.size === 0) wakersByOrder.delete(orderId);
      if (wakersByOrder.size > 0) return;
      stopListening?.();
      stopListening = undefined;
    };
  }

  return {
    /** The order now and after each change, until it can change no more or the caller goes. */
    async *follow(
      orderId: string,
      load: () => Promise<Order | undefined>,
      signal: AbortSignal | undefined,
    ): AsyncGenerator<StreamEvent> {
      let isStale = true;
      let resume: (() => void) | undefined;
      const waker = () => {
        isStale = true;
        resume?.();
      };
      // Listening begins before the first read: a change between the two is then heard rather than missed.
      const removeWaker = addWaker(orderId, waker);
      signal?.addEventListener('abort', waker);
      let lastState: string | undefined;
      try {
        while (!signal?.aborted) {
          if (!isStale) {
            await new Promise<void>((resolve) => {
              resume = resolve;
            });
            continue;
          }
          isStale = false;
          const order = await load();
          if (order === undefined) return;
          if (order.state !== lastState) yield { id: order.state, event: 'order', data: order };
          lastState = order.state;
          if (isFinal(order)) return;
        }
      } finally {
        signal?.removeEventListener('abort', waker);
        removeWaker();
      }
    },
  };
}

function isFinal(order: Order): boolean {
  return order.state === 'fulfilled' || order.state === 'cancelled' || order.state === 'expired';
}
