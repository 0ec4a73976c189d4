import type { Clock } from '../context/context.ts';
import type { Database } from '../database/database.ts';
import type { JobDefinition } from '../jobs/job.ts';
import { deletePassed } from './store-retention.ts';

// A statement's worth: some 50 ms of work, so that it never stands in the way of the order lane for long.
const pageMax = 5_000;

// Long enough to look into what happened last month, and to replay it to a consumer that comes later.
const keptDays = 30;
const dayMs = 86_400_000;

/** Deletes, every hour, what is older than a month and what every group has passed. */
export function eventRetention({ database, clock }: { database: Database; clock: Clock }): JobDefinition {
  return {
    name: 'events-delete-old',
    everyMs: 3_600_000,
    async run() {
      await deleteOldEvents(database, { beforeMs: clock.nowMs() - keptDays * dayMs });
    },
  };
}

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
