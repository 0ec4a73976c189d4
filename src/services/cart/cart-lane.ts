import { createLane, type Lane } from '../../platform/batch/lane.ts';
import { commitWith } from '../../platform/database/commit.ts';
import type { Database, Tx } from '../../platform/database/database.ts';
import { type CartOutcome, type CartRequest, makeChanges, type StoredCart } from './cart.ts';
import { loadCarts, lockCarts, writingCarts } from './store.ts';

export interface LaneSettings {
  /** Requests in one transaction at most. */
  readonly batchMax: number;
  /** Requests waiting at most: a second or two of work. Who comes then is told to come again. */
  readonly waitingMax: number;
}

/**
 * Changes many carts in one transaction, so that one commit serves them all. Each cart's row is locked first, so that of
 * two changes of one cart, in whichever batch, lane or process, the later sees what the earlier did.
 *
 * Measured with 64 changes at a time and durable commits: a transaction for each costs 0.32 ms of this process and 0.70 ms
 * of PostgreSQL; in the lane a change costs 0.05 ms of each. A second batch in flight gains nothing.
 */
export async function changeCarts(
  database: Pick<Database, 'transaction'>,
  requests: readonly CartRequest[],
  nowMs: number,
): Promise<readonly CartOutcome[]> {
  const cartIds = requests.flatMap((request) => (request.kind === 'change' ? [request.cartId] : []));
  const work = async (tx: Tx) => {
    const before = cartIds.length === 0 ? new Map<string, StoredCart>() : await lockCarts(tx, [...new Set(cartIds)]);
    const { outcomes, carts } = makeChanges(before, requests, nowMs);
    return commitWith(writingCarts(before, carts), outcomes);
  };
  return database.transaction(work, { readsFirst: true });
}

/** Reads that come together are one statement. */
export function createReadingLane(database: Database, lanes: LaneSettings): Lane<string, StoredCart | undefined> {
  return createLane({
    ...lanes,
    name: 'the lane of cart reads',
    async run(cartIds) {
      const carts = await loadCarts(database, [...new Set(cartIds)]);
      return cartIds.map((cartId) => carts.get(cartId));
    },
  });
}
