import type { Database } from '../../platform/database/database.ts';
import {
  type Allotment,
  addGranted,
  forgetGrants,
  type Grant,
  insertEmptyAllotments,
  insertGrants,
  loadGrants,
  lockAllotments,
} from './store-allotment.ts';

export type GrantOutcome = 'applied' | 'insufficient' | 'changed' | 'conflict';

/**
 * Which grants go through, first come first served: units can be taken back only while they are available, never while
 * they are reserved or sold; a grant that was worked out from a count goes through only while that count still holds.
 * What is absent from `allotments` has nothing yet.
 */
export function decideGrants(
  grants: readonly (Grant & { readonly ifOnHand?: number | undefined })[],
  allotments: ReadonlyMap<string, Allotment>,
): Exclude<GrantOutcome, 'conflict'>[] {
  const granted = new Map([...allotments].map(([subjectId, allotment]) => [subjectId, allotment.granted]));
  return grants.map(({ subjectId, quantity, ifOnHand }) => {
    const { reserved, sold } = allotments.get(subjectId) ?? { reserved: 0, sold: 0 };
    const before = granted.get(subjectId) ?? 0;
    if (ifOnHand !== undefined && before - sold !== ifOnHand) return 'changed';
    if (before + quantity < reserved + sold) return 'insufficient';
    granted.set(subjectId, before + quantity);
    return 'applied';
  });
}

/** Deals units to this shard, in one transaction, each grant once. Grants with an id of the batch's own appear once in it. */
export async function applyGrants(
  { database }: { database: Pick<Database, 'transaction'> },
  grants: readonly (Grant & { readonly ifOnHand?: number | undefined })[],
): Promise<GrantOutcome[]> {
  const unique = [...new Map(grants.toReversed().map((grant) => [grant.grantId, grant])).values()].reverse();
  const subjectIds = [...new Set(unique.map((grant) => grant.subjectId))];

  const { refusals, known } = await database.transaction(async (tx) => {
    const inserted = await insertGrants(tx, unique);
    const fresh = unique.filter((grant) => inserted.has(grant.grantId));
    await insertEmptyAllotments(tx, subjectIds);
    const [allotments, known] = await Promise.all([
      lockAllotments(tx, subjectIds),
      loadGrants(
        tx,
        unique.map((grant) => grant.grantId),
      ),
    ]);
    const outcomes = decideGrants(fresh, allotments);
    const unitsBySubject = new Map<string, number>();
    const refusals = new Map<string, GrantOutcome>();
    fresh.forEach(({ grantId, subjectId, quantity }, index) => {
      const outcome = outcomes[index] ?? 'conflict';
      if (outcome !== 'applied') refusals.set(grantId, outcome);
      else unitsBySubject.set(subjectId, (unitsBySubject.get(subjectId) ?? 0) + quantity);
    });
    await Promise.all([
      unitsBySubject.size > 0 && addGranted(tx, unitsBySubject),
      refusals.size > 0 && forgetGrants(tx, [...refusals.keys()]),
    ]);
    return { refusals, known };
  });

  return grants.map((grant) => {
    const refusal = refusals.get(grant.grantId);
    if (refusal !== undefined) return refusal;
    const remembered = known.get(grant.grantId);
    const isSame = remembered?.subjectId === grant.subjectId && remembered.quantity === grant.quantity;
    return isSame ? 'applied' : 'conflict';
  });
}
