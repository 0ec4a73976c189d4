import { type Queryable, sql } from '../../platform/database/sql.ts';
import type { RoomState } from './api.ts';

/**
 * Deletes calls that were made before this instant, `countMax` at most, the oldest first, each with the passes of its places: a
 * place that could still be called, but no longer had its pass, would get a second one. A call stays while one of its passes has
 * not been expired for as long. Returns how many calls were deleted.
 */
export async function deleteOldCalls(on: Queryable, beforeMs: number, countMax: number): Promise<number> {
  const { rowCount } = await sql`
    with old as (
      select room_id, from_place, to_place
        from waiting_room.call
       where called_at < to_timestamp(${beforeMs}::double precision / 1000)
         -- Not by "not exists", which is planned as a join with every pass that has not expired for so long.
         and coalesce((
           select max(expires_at)
             from waiting_room.pass
            where pass.room_id = call.room_id
              and pass.place >= call.from_place
              and pass.place < call.to_place
         ), '-infinity') < to_timestamp(${beforeMs}::double precision / 1000)
       order by called_at
       limit ${countMax}::integer
         for update skip locked
    ), forgotten as (
      delete from waiting_room.pass
       using old
       where pass.room_id = old.room_id
         and pass.place >= old.from_place
         and pass.place < old.to_place
    )
    delete from waiting_room.call
     using old
     where call.room_id = old.room_id
       and call.from_place = old.from_place`.execute(on);
  return rowCount ?? 0;
}

/** Deletes that lines were left before this instant: no ticket of then is good for anything. `countMax` at most; returns how many. */
export async function deleteOldDepartures(on: Queryable, beforeMs: number, countMax: number): Promise<number> {
  const { rowCount } = await sql`
    delete from waiting_room.departure
     where ctid = any(array(
             select ctid
               from waiting_room.departure
              where left_at < to_timestamp(${beforeMs}::double precision / 1000)
              limit ${countMax}::integer
                for update skip locked
           ))`.execute(on);
  return rowCount ?? 0;
}

/** What a room stands before and its state, which nobody changes until the transaction ends. */
export async function lockRoom(
  tx: Queryable,
  roomId: string,
): Promise<{ saleId: string | undefined; state: RoomState } | undefined> {
  const { rows } = await sql<{ saleId: string | null; state: RoomState }>`
    select sale_id as "saleId", state
      from waiting_room.room
      join waiting_room.progress on progress.room_id = room.room_id
     where room.room_id = ${roomId}::uuid
       for update`.execute(tx);
  return rows[0] && { ...rows[0], saleId: rows[0].saleId ?? undefined };
}

/** Its counters stay, with the sale that its passes are for, and its calls and passes until they are old. */
export async function deleteRoom(tx: Queryable, roomId: string): Promise<void> {
  await sql`
    with deleted as (
      delete from waiting_room.room
       where room_id = ${roomId}::uuid
      returning room_id, sale_id
    )
    update waiting_room.progress
       set deleted_sale_id = deleted.sale_id
      from deleted
     where progress.room_id = deleted.room_id`.execute(tx);
}
