import type { Queryable } from '../../platform/database/sql.ts';
import { findMisbookedMovements, findMiscountedRefunds, findUnpaidSettlements, sumLedger } from './store-audit.ts';

/** What is wrong in the payments' books, as sentences; none when the promise (I4) holds. Reads all rows: for drills and tests. */
export async function auditPayments(on: Queryable, countMax = 20): Promise<string[]> {
  const [sums, movements, refunds, settlements] = await Promise.all([
    sumLedger(on),
    findMisbookedMovements(on, countMax),
    findMiscountedRefunds(on, countMax),
    findUnpaidSettlements(on, countMax),
  ]);
  return [
    ...sums.filter(({ sumMinor }) => sumMinor !== 0).map((row) => `the ledger sums to ${row.sumMinor} ${row.currency}`),
    ...movements.map(
      (row) =>
        `movement ${row.movementId}: ${row.bookedMinor} booked of ${row.expectedMinor}, entries sum to ${row.sumMinor}`,
    ),
    ...refunds.map(
      (row) =>
        `payment ${row.paymentId}: ${row.refundedMinor} counted as given back, refunds sum to ${row.refundsMinor}`,
    ),
    ...settlements.map((row) => `order ${row.orderId} is paid by payment ${row.paymentId}, which is ${row.state}`),
  ];
}
