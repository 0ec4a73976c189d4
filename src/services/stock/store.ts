import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';
import type { Movement, MovementInput } from './api.ts';

type MovementRow = Omit<Movement, 'note'> & { note: string | null };

/** Records movements as requested; one with a known id stays what it was. */
export async function insertMovements(
  on: Queryable,
  movements: readonly MovementInput[],
  createdAtMs: number,
): Promise<void> {
  await sql`
    insert into stock.movement (movement_id, variant_id, quantity, reason, note, created_at)
    select movement_id, variant_id, quantity, reason, note, to_timestamp(${createdAtMs}::bigint / 1000.0)
      from unnest(${plainArray(movements.map((movement) => movement.movementId))}::uuid[],
                  ${plainArray(movements.map((movement) => movement.variantId))}::uuid[],
                  ${plainArray(movements.map((movement) => movement.quantity))}::bigint[],
                  ${plainArray(movements.map((movement) => movement.reason))}::text[],
                  ${movements.map((movement) => movement.note ?? null)}::text[])
        as given (movement_id, variant_id, quantity, reason, note)
     order by movement_id
        on conflict on constraint movement_pkey do nothing`.execute(on);
}

export async function loadMovements(on: Queryable, movementIds: readonly string[]): Promise<Map<string, Movement>> {
  const { rows } = await sql<MovementRow>`
    select movement_id as "movementId", variant_id as "variantId", quantity, reason, note, state,
           created_at as "createdAtMs"
      from stock.movement
     where movement_id = any(${plainArray(movementIds)}::uuid[])`.execute(on);
  return new Map(rows.map((row) => [row.movementId, toMovement(row)]));
}

export async function finishMovements(
  on: Queryable,
  finished: readonly { movementId: string; state: 'applied' | 'refused' }[],
): Promise<void> {
  await sql`
    update stock.movement
       set state = finished.state
      from unnest(${plainArray(finished.map(({ movementId }) => movementId))}::uuid[],
                  ${plainArray(finished.map(({ state }) => state))}::text[]) as finished (movement_id, state)
     where movement.movement_id = finished.movement_id
       and movement.state = 'requested'`.execute(on);
}

/** Movements that were requested before `beforeMs` and never finished: their process died on the way. */
export async function loadUnfinished(on: Queryable, beforeMs: number, countMax: number): Promise<Movement[]> {
  const { rows } = await sql<MovementRow>`
    select movement_id as "movementId", variant_id as "variantId", quantity, reason, note, state,
           created_at as "createdAtMs"
      from stock.movement
     where state = 'requested'
       and created_at < to_timestamp(${beforeMs}::bigint / 1000.0)
     order by created_at
     limit ${countMax}::integer`.execute(on);
  return rows.map(toMovement);
}

/** A variant's movements before the one with id `before` (absent: from the newest). */
export async function listMovements(
  on: Queryable,
  variantId: string,
  page: { before: string | undefined; countMax: number },
): Promise<Movement[]> {
  const { rows } = await sql<MovementRow>`
    select movement_id as "movementId", variant_id as "variantId", quantity, reason, note, state,
           created_at as "createdAtMs"
      from stock.movement
     where variant_id = ${variantId}::uuid
       and (${page.before ?? null}::uuid is null
            or (created_at, movement_id) < (select created_at, movement_id
                                              from stock.movement
                                             where movement_id = ${page.before ?? null}::uuid))
     order by created_at desc, movement_id desc
     limit ${page.countMax}::integer`.execute(on);
  return rows.map(toMovement);
}

function toMovement({ note, ...row }: MovementRow): Movement {
  return note === null ? row : { ...row, note };
}
