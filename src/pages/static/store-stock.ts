import type { Tx } from '../../platform/database/database.ts';
import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';

/** A variant of which orders have taken or given back units, and the mark of the last of them. */
export interface MovedVariant {
  readonly variantId: string;
  readonly mark: number;
}

/** In key order, so that two batches never wait for each other in a circle. */
export async function markMoved(tx: Queryable, variantIds: readonly string[]): Promise<void> {
  if (variantIds.length === 0) return;
  await sql`
    insert into page.moved_variant (variant_id, mark)
    select moved.variant_id, nextval('page.mark')
      from unnest(${[...variantIds].sort()}::uuid[]) as moved (variant_id)
     order by moved.variant_id
    on conflict (variant_id) do update
       set mark = excluded.mark`.execute(tx);
}

/** Those that have waited longest first. */
export async function loadMoved(on: Queryable, limit: number): Promise<MovedVariant[]> {
  const { rows } = await sql<MovedVariant>`
    select variant_id as "variantId", mark
      from page.moved_variant
     order by mark
     limit ${limit}::integer`.execute(on);
  return rows;
}

/** Done with them, save those that have moved again since. */
export async function forgetMoved(tx: Tx, moved: readonly MovedVariant[]): Promise<void> {
  await sql`
    with done as (
      select page.moved_variant.variant_id
        from page.moved_variant
        join unnest(
               ${moved.map(({ variantId }) => variantId)}::uuid[],
               ${plainArray(moved.map(({ mark }) => mark))}::bigint[]
             ) as seen (variant_id, mark)
       using (variant_id, mark)
       order by page.moved_variant.variant_id
         for update of moved_variant
    )
    delete from page.moved_variant
     using done
     where moved_variant.variant_id = done.variant_id`.execute(tx);
}
