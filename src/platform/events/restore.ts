import type { Database } from '../database/database.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { isRestored, keepUnhandled, lockProgress, passAll, promoteAllKept, settleEvents } from './store-restore.ts';

/**
 * After a dump was restored into another cluster: every group goes on where the dump left it (decision 0002). To be called
 * before anybody announces events or handles them.
 */
export async function adoptRestoredEvents(database: Database, nowMs: number, log: Log): Promise<void> {
  if (!(await isRestored(database))) return;
  const isAdopted = await database.transaction(
    async (tx) => {
      await lockProgress(tx);
      if (!(await isRestored(tx))) return false;
      await keepUnhandled(tx);
      await promoteAllKept(tx, nowMs);
      await settleEvents(tx);
      await passAll(tx);
      return true;
    },
    { isolation: 'read committed' },
  );
  if (isAdopted) log.warn({}, 'the events come from another database cluster, so their groups were given a new place');
}
