import type { Database } from '../database/database.ts';
import { deletePassed } from './store-retention.ts';

// A statement's worth: some 50 ms of work, so that it never stands in the way of the order lane for long.
const pageMax = 5_000;

/**
 * Deletes events that occurred before `beforeMs` and that every group has passed. What a group has not looked at, waits for
 * or keeps as a dead letter stays, however old. Returns how many were deleted.
 */
export async function deleteOldEvents(database: Database, options: { beforeMs: number }): Promise<number> {
  let deletedCount = 0;
  let afterId = 0;
  for (;;) {
    const page = await deletePassed(database, { beforeMs: options.beforeMs, afterId, limit: pageMax });
    deletedCount += page.deletedCount;
    // Ids and instants rise together but for clocks and long transactions: a page without a single old event is the end.
    if (page.oldCount === 0 || page.lastId === undefined) return deletedCount;
    afterId = page.lastId;
  }
}
