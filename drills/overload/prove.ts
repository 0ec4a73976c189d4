import { readBooks } from '../sale/audit.ts';
import type { Proof } from '../sale/case.ts';
import { gatherClaims } from '../sale/claims.ts';
import { byPromise } from '../sale/judge.ts';
import { judgeMoney } from '../sale/judge-money.ts';
import { judgeOrders } from '../sale/judge-orders.ts';
import { judgeStock } from '../sale/judge-stock.ts';
import { isPaid } from '../sale/proof.ts';
import type { SaleSetup } from '../sale/setup.ts';
import { createTally } from '../sale/tally.ts';
import { readWitnessBooks } from '../sale/witness.ts';

export interface ProveOptions {
  readonly databaseUrl: () => string;
  readonly setup: SaleSetup;
  readonly witnessFile: string;
  /** Told how much has not come to an end yet. */
  readonly onWait: (underWayCount: number) => void;
}

/** What the sale drill proves from the database, of the orders of all steps. */
export async function prove({
  databaseUrl,
  setup,
  witnessFile,
  onWait,
}: ProveOptions): Promise<{ promises: Proof[]; paidOrders: number }> {
  const claims = gatherClaims(readWitnessBooks([witnessFile]));
  const books = await readBooks({ databaseUrl, setup, claims, onWait });
  const given = { setup, claims, books, tally: createTally().toJson(), buyerCount: claims.asked.size };
  const proofs = [...judgeStock(given).proofs, ...judgeOrders(given).proofs, ...judgeMoney(given).proofs];
  return {
    // Nobody is told that anything is sold out here: there is more than can be sold.
    promises: proofs.filter(({ promise }) => promise !== 'nobody refused in vain').sort(byPromise),
    paidOrders: books.orders.filter(({ state }) => isPaid(state)).length,
  };
}
