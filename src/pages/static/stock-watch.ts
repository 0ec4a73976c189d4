import type { Database } from '../../platform/database/database.ts';
import type { Consumer } from '../../platform/events/event.ts';
import { createPoller } from '../../platform/events/poller.ts';
import type { Log } from '../../platform/telemetry/telemetry.ts';
import { outdatedStockTags } from './stock-tags.ts';
import { touchPages } from './store.ts';
import { forgetMoved, loadMoved, markMoved } from './store-stock.ts';

export interface StockWatchContext {
  readonly database: Database;
  readonly log: Log;
  /** Units that can be had now, never from a cache; variants that never had stock are left out. */
  stockOf(variantIds: readonly string[]): Promise<ReadonlyMap<string, { readonly available: number }>>;
  /** Pages were marked. */
  onTouched(): void;
}

export interface StockWatch {
  /** Notes whose stock orders have moved. */
  readonly consumer: Consumer;
  /** Deals with some of them once; true when there may be more. */
  look(): Promise<boolean>;
  start(): void;
  stop(): Promise<void>;
}

// Of what sells by the thousand a second, this is how often anybody asks how many are left.
const pollMs = 500;
const variantsAtOnce = 500;

/**
 * Has pages built anew that say "sold out", "only 3 left" or "in stock" where it is no longer so. An order touches no page:
 * only what is left after some of them is compared with what the pages show, which is in their tags.
 */
export function createStockWatch(ctx: StockWatchContext): StockWatch {
  const { database } = ctx;

  async function look(): Promise<boolean> {
    // Before the stock is asked for: an order that comes in between is a mark of its own, and is looked at again.
    const moved = await loadMoved(database, variantsAtOnce);
    if (moved.length === 0) return false;
    const stock = await ctx.stockOf(moved.map(({ variantId }) => variantId));
    const outdated = moved.flatMap(({ variantId }) =>
      outdatedStockTags(variantId, stock.get(variantId)?.available ?? 0),
    );
    await database.transaction(
      async (tx) => {
        await touchPages(tx, outdated);
        await forgetMoved(tx, moved);
      },
      { isolation: 'read committed' },
    );
    ctx.onTouched();
    return moved.length === variantsAtOnce;
  }

  const poller = createPoller({ look, pollMs, log: ctx.log, name: 'stock that pages show' });
  return {
    consumer: {
      group: 'pages-stock',
      // A payment moves no unit: what was reserved is sold.
      topics: ['order.placed', 'order.cancelled', 'order.expired'],
      async handle(tx, events) {
        const lines = events.flatMap(({ payload }) => (payload.lines ?? []) as readonly { variantId: string }[]);
        await markMoved(tx, [...new Set(lines.map(({ variantId }) => variantId))]);
      },
    },
    look,
    start: () => poller.start(),
    stop: () => poller.stop(),
  };
}
