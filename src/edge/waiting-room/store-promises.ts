import { type Queryable, sql } from '../../platform/database/sql.ts';
import type { Demand } from './tick.ts';

/** Makes this transaction the one that promises what is left, over all rooms before sales, if no other is at it now. */
export async function tryLockPromises(tx: Queryable): Promise<boolean> {
  const { rows } = await sql<{ isLocked: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('onrush/waiting-room/promises', 0)) as "isLocked"`.execute(tx);
  return rows[0]?.isLocked === true;
}

/** How many places each room before a sale has called. By a call it becomes more only under the lock of the promises. */
export async function loadAdmitted(on: Queryable): Promise<Map<string, number>> {
  const { rows } = await sql<{ roomId: string; admitted: number }>`
    select room.room_id as "roomId", admitted
      from waiting_room.room
      join waiting_room.progress on progress.room_id = room.room_id
     where sale_id is not null`.execute(on);
  return new Map(rows.map(({ roomId, admitted }) => [roomId, admitted]));
}

export type DeletedDemand = Pick<Demand, 'passesOut' | 'usedPasses' | 'usedUnits'> & { readonly saleId: string };

/** The passes of deleted rooms that are not used and had not expired at this instant. Nobody gets another one. */
export async function loadDeletedDemand(on: Queryable, outSinceMs: number): Promise<DeletedDemand[]> {
  const { rows } = await sql<DeletedDemand>`
    select deleted_sale_id as "saleId", used_passes as "usedPasses", used_units as "usedUnits",
           count(*) as "passesOut"
      from waiting_room.progress
      join waiting_room.pass on pass.room_id = progress.room_id
     where deleted_sale_id is not null
       and not exists (select from waiting_room.room where room.room_id = progress.room_id)
       and used_at is null
       and expires_at > to_timestamp(${outSinceMs}::double precision / 1000)
     group by progress.room_id`.execute(on);
  return rows;
}
