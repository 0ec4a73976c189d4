import type { Queryable } from '../../platform/database/sql.ts';
import { findStrayPasses, findUnbalancedAllotments, findUnbalancedTakings, findWrongTotals } from './store-audit.ts';

/** What is wrong in the checkout's books, as sentences; none when the promises hold. Reads all orders: for drills and tests. */
export async function auditCheckout(on: Queryable, countMax = 20): Promise<string[]> {
  const [allotments, takings, totals, passes] = await Promise.all([
    findUnbalancedAllotments(on, countMax),
    findUnbalancedTakings(on, countMax),
    findWrongTotals(on, countMax),
    findStrayPasses(on, countMax),
  ]);
  return [
    ...allotments.map(
      (row) =>
        `${row.subjectId}: granted ${row.granted} (grants: ${row.grantedInFact}), reserved ${row.reserved} (orders: ${row.reservedInFact}), sold ${row.sold} (orders: ${row.soldInFact})`,
    ),
    ...takings.map(
      (row) => `buyer ${row.buyerId} under limit ${row.limitId}: ${row.taken} taken (orders: ${row.takenInFact})`,
    ),
    ...totals.map((row) => `order ${row.orderId}: total ${row.totalMinor}, lines and delivery ${row.sumMinor}`),
    ...passes.map((row) => `pass ${row.place} of room ${row.roomId}: used by order ${row.orderId}, which is not there`),
  ];
}
