import type { Case, Proof, Verdict } from './case.ts';
import { judgeAnswers } from './judge-answers.ts';
import { judgeMoney } from './judge-money.ts';
import { judgeOrders } from './judge-orders.ts';
import { judgeStock } from './judge-stock.ts';

/** Holds what the buyers saw against what the rows say. Pure: the same books give the same verdict. */
export function judge(given: Case): Verdict {
  const stock = judgeStock(given);
  const orders = judgeOrders(given);
  const money = judgeMoney(given);
  const proofs = [...stock.proofs, ...orders.proofs, ...money.proofs, ...judgeAnswers(given)].sort(byPromise);
  return {
    proofs,
    sold: stock.sold,
    paid: stock.paid,
    oversold: stock.oversold,
    lostAcknowledged: orders.lostCount + money.lostCount,
    duplicateOrders: orders.duplicateCount,
    ledgerSum: money.ledgerSum,
    isKept: proofs.every(({ isKept }) => isKept),
  };
}

/** By the promises' numbers; what has none comes last. */
export function byPromise(one: Proof, other: Proof): number {
  const rank = ({ id }: Proof) => (id === '' ? 'Z' : id);
  return rank(one) < rank(other) ? -1 : rank(one) > rank(other) ? 1 : 0;
}
