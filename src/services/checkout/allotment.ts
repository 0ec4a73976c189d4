import type { Database } from '../../platform/database/database.ts';
import { lockAvailable } from './store.ts';
import {
  addGranted,
  forgetGrants,
  type Grant,
  insertEmptyAllotments,
  insertGrants,
  loadGrants,
} from './store-allotment.ts';

export type GrantOutcome = 'applied' | 'insufficient' | 'conflict';

/**
 * Which grants go through, first come first served: units can be taken back only while they are available, never while
 * they are reserved or sold. `available`: units by subject.
 */
export function decideGrants(grants: readonly Grant[], available: ReadonlyMap<string, number>): boolean[] {
  const left = new Map(available);
  return grants.map(({ subjectId, quantity }) => {
    const after = (left.get(subjectId) ?? 0) + quantity;
    if (after < 0) return false;
    left.set(subjectId, after);
    return true;
  });
}

/** Deals units to this shard, in one transaction, each grant once. Grants with an id of the batch's own appear once in it. */
export async function applyGrants(
  { database }: { database: Pick<Database, 'transaction'> },
  grants: readonly Grant[],
): Promise<GrantOutcome[]> {
  const firstById = new Map<string, Grant>();
  for (const grant of grants) if (!firstById.has(grant.grantId)) firstById.set(grant.grantId, grant);
  const unique = [...firstById.values()];
  const subjectIds = [...new Set(unique.map((grant) => grant.subjectId))];

  const { refused, known } = await database.transaction(async (tx) => {
    const inserted = await insertGrants(tx, unique);
    const fresh = unique.filter((grant) => inserted.has(grant.grantId));
    const [available, known] = await Promise.all([
      insertEmptyAllotments(tx, subjectIds).then(() => lockAvailable(tx, subjectIds)),
      loadGrants(
        tx,
        unique.map((grant) => grant.grantId),
      ),
    ]);
    const isApplied = decideGrants(fresh, available);
    const unitsBySubject = new Map<string, number>();
    fresh.forEach(({ subjectId, quantity }, index) => {
      if (isApplied[index]) unitsBySubject.set(subjectId, (unitsBySubject.get(subjectId) ?? 0) + quantity);
    });
    const refused = new Set(fresh.filter((_, index) => !isApplied[index]).map((grant) => grant.grantId));
    await Promise.all([
      unitsBySubject.size > 0 && addGranted(tx, unitsBySubject),
      refused.size > 0 && forgetGrants(tx, [...refused]),
    ]);
    return { refused, known };
  });

  return grants.map((grant) => {
    if (refused.has(grant.grantId)) return 'insufficient';
    const remembered = known.get(grant.grantId);
    const isSame = remembered?.subjectId === grant.subjectId && remembered.quantity === grant.quantity;
    return isSame ? 'applied' : 'conflict';
  });
}
