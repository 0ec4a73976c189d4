import type { Queryable } from '../../platform/database/sql.ts';
import { findOverlappingCalls, findUncalledPasses } from './store-audit.ts';

/**
 * What is unfair in the books of the waiting rooms, as sentences; none when promise I6 holds: every place was called once at most,
 * and nobody came in before his place was called. Reads all calls and passes: for drills and tests.
 */
export async function auditWaitingRooms(on: Queryable, countMax = 20): Promise<string[]> {
  const [calls, passes] = await Promise.all([findOverlappingCalls(on, countMax), findUncalledPasses(on, countMax)]);
  return [
    ...calls.map(
      ({ roomId, fromPlace, toPlace }) =>
        `room ${roomId}: the places from ${fromPlace} to ${toPlace} were called before, or are not admitted`,
    ),
    ...passes.map(({ roomId, place }) => `room ${roomId}: place ${place} has a pass and was never called`),
  ];
}
