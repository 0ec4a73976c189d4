import type { Writes } from '../../platform/database/commit.ts';
import { plainArray, type Queryable, type Statement, sql } from '../../platform/database/sql.ts';
import { passKey } from './allocation.ts';

/** The pass of a waiting room, and the order that it becomes. */
export interface PassUse {
  readonly roomId: string;
  readonly place: number;
  readonly orderId: string;
}

/**
 * Takes these passes for this transaction: those that were used are left out of the answer, by `passKey`. Waits for another
 * transaction that is about to use one of them.
 */
export async function claimPasses(tx: Queryable, uses: readonly PassUse[]): Promise<Map<string, PassUse>> {
  // In key order, so that two batches never wait for each other in a circle.
  const { rows } = await sql<PassUse>`
    insert into checkout.used_pass (room_id, place, order_id)
    select *
      from unnest(${plainArray(uses.map(({ roomId }) => roomId))}::uuid[],
                  ${plainArray(uses.map(({ place }) => place))}::bigint[],
                  ${plainArray(uses.map(({ orderId }) => orderId))}::uuid[]) as given (room_id, place, order_id)
     order by room_id, place
        on conflict on constraint used_pass_pkey do nothing
    returning room_id as "roomId", place, order_id as "orderId"`.execute(tx);
  return new Map(rows.map((row) => [passKey(row), row]));
}

/** Of what was claimed keeps what became an order: who was told that it is sold out may use his pass for something else. */
export function keepingPasses(claimed: ReadonlyMap<string, PassUse>, used: readonly PassUse[]): Writes {
  const usedBy = new Map(used.map((use) => [passKey(use), use]));
  const unused: PassUse[] = [];
  const byOthers: PassUse[] = [];
  for (const [key, claim] of claimed) {
    const use = usedBy.get(key);
    if (use === undefined) unused.push(claim);
    else if (use.orderId !== claim.orderId) byOthers.push(use);
  }
  return [unused.length > 0 && deletingPasses(unused), byOthers.length > 0 && renamingPasses(byOthers)];
}

function deletingPasses(uses: readonly PassUse[]): Statement {
  return sql`
    delete from checkout.used_pass
     using unnest(${plainArray(uses.map(({ roomId }) => roomId))}::uuid[],
                  ${plainArray(uses.map(({ place }) => place))}::bigint[]) as given (room_id, place)
     where used_pass.room_id = given.room_id
       and used_pass.place = given.place`;
}

/** Of two orders with one pass in a batch the first may have got nothing and the second something. */
function renamingPasses(uses: readonly PassUse[]): Statement {
  return sql`
    update checkout.used_pass
       set order_id = given.order_id
      from unnest(${plainArray(uses.map(({ roomId }) => roomId))}::uuid[],
                  ${plainArray(uses.map(({ place }) => place))}::bigint[],
                  ${plainArray(uses.map(({ orderId }) => orderId))}::uuid[]) as given (room_id, place, order_id)
     where used_pass.room_id = given.room_id
       and used_pass.place = given.place`;
}
