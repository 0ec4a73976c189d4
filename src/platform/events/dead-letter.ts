import type { Database } from '../database/database.ts';
import type { Queryable } from '../database/sql.ts';
import { parkEvents, promoteKept, reviveDeadLetters, withdrawTurns } from './store-retry.ts';

/**
 * Puts dead letters back before their group: the given events, or all. Returns how many. Later events of their keys have
 * gone by meanwhile; those that come after now wait behind them again. The group finds them at its next poll.
 */
export async function replayDeadLetters(
  database: Database,
  options: { group: string; eventIds?: readonly number[]; nowMs: number },
): Promise<number> {
  return database.transaction(async (tx) => {
    const keys = await reviveDeadLetters(tx, options.group, options.eventIds);
    const distinctKeys = [...new Set(keys)];
    await withdrawTurns(tx, options.group, distinctKeys);
    await promoteKept(tx, options.group, distinctKeys, options.nowMs);
    return keys.length;
  });
}

/**
 * Makes dead letters of events that a group has handled and whose effect failed for good later, outside the database. Replayed,
 * they are handled again. Events that are forgotten already are left out.
 */
export async function parkAsDead(
  tx: Queryable,
  options: { group: string; eventIds: readonly number[]; reason: string },
): Promise<void> {
  if (options.eventIds.length > 0) await parkEvents(tx, options);
}
