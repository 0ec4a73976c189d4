import { type Queryable, sql } from '../../platform/database/sql.ts';

/** Calls of places that an earlier one has called, or that reach beyond what is admitted. */
export async function findOverlappingCalls(on: Queryable, countMax: number) {
  const { rows } = await sql<{ roomId: string; fromPlace: number; toPlace: number }>`
    with in_order as (
      select room_id, from_place, to_place,
             max(to_place) over (partition by room_id order by from_place
                                  rows between unbounded preceding and 1 preceding) as called_before
        from waiting_room.call
    )
    select in_order.room_id as "roomId", from_place as "fromPlace", to_place as "toPlace"
      from in_order
      join waiting_room.progress on progress.room_id = in_order.room_id
     where from_place < called_before
        or to_place > admitted
     limit ${countMax}::integer`.execute(on);
  return rows;
}

/** Passes of places that were never called. */
export async function findUncalledPasses(on: Queryable, countMax: number) {
  const { rows } = await sql<{ roomId: string; place: number }>`
    select pass.room_id as "roomId", pass.place
      from waiting_room.pass
      left join lateral (
             select to_place
               from waiting_room.call
              where call.room_id = pass.room_id
                and call.from_place <= pass.place
              order by call.from_place desc
              limit 1
           ) as called on true
     where called.to_place is null
        or called.to_place <= pass.place
     limit ${countMax}::integer`.execute(on);
  return rows;
}
