import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';
import type { Movement, MovementInput } from './api.ts';

/** A movement with what it rests on, if it is a count. */
export type NewMovement = MovementInput & { readonly ifOnHand?: number | undefined };
export type RecordedMovement = Movement & { readonly ifOnHand?: number | undefined };

type MovementRow = Omit<Movement, 'note'> & { note: string | null; ifOnHand: number | null };

/** Records movements as requested; one with a known id stays what it was. */
export async function insertMovements(
  on: Queryable,
  movements: readonly NewMovement[],
  createdAtMs: number,
): Promise<void> {
  await sql`
    insert into stock.movement (movement_id, variant_id, quantity, reason, note, if_on_hand, created_at)
    select movement_id, variant_id, quantity, reason, note, if_on_hand, to_timestamp(${createdAtMs}::bigint / 1000.0)
      from unnest(${plainArray(movements.map((movement) => movement.movementId))}::uuid[],
                  ${plainArray(movements.map((movement) => movement.variantId))}::uuid[],
                  ${plainArray(movements.map((movement) => movement.quantity))}::bigint[],
                  ${plainArray(movements.map((movement) => movement.reason))}::text[],
                  ${movements.map((movement) => movement.note ?? null)}::text[],
                  ${plainArray(movements.map((movement) => movement.ifOnHand ?? null))}::bigint[])
        as given (movement_id, variant_id, quantity, reason, note, if_on_hand)
     order by movement_id
        on conflict on constraint movement_pkey do nothing`.execute(on);
}

export async function loadMovements(
  on: Queryable,
  movementIds: readonly string[],
): Promise<Map<string, RecordedMovement>> {
  const { rows } = await sql<MovementRow>`
    select movement_id as "movementId", variant_id as "variantId", quantity, reason, note, state,
           if_on_hand as "ifOnHand", created_at as "createdAtMs"
      from stock.movement
     where movement_id = any(${plainArray(movementIds)}::uuid[])`.execute(on);
  return new Map(rows.map((row) => [row.movementId, toMovement(row)]));
}

/**
 * Writes down how movements ended; returns the ids of those that are applied only since now. What was applied once stays
 * applied, whatever an older answer says that arrives late.
 */
export async function finishMovements(
  on: Queryable,
  finished: readonly { movementId: string; state: 'applied' | 'refused' }[],
): Promise<Set<string>> {
  const { rows } = await sql<{ movementId: string; state: string }>`
    update stock.movement
       set state = finished.state
      from unnest(${plainArray(finished.map(({ movementId }) => movementId))}::uuid[],
                  ${plainArray(finished.map(({ state }) => state))}::text[]) as finished (movement_id, state)
     where movement.movement_id = finished.movement_id
       and movement.state <> 'applied'
       and movement.state <> finished.state
    returning movement.movement_id as "movementId", movement.state`.execute(on);
  return new Set(rows.filter((row) => row.state === 'applied').map((row) => row.movementId));
}

/** Movements that were requested before `beforeMs` and never finished: their process died on the way. */
export async function loadUnfinished(on: Queryable, beforeMs: number, countMax: number): Promise<RecordedMovement[]> {
  const { rows } = await sql<MovementRow>`
    select movement_id as "movementId", variant_id as "variantId", quantity, reason, note, state,
           if_on_hand as "ifOnHand", created_at as "createdAtMs"
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
           if_on_hand as "ifOnHand", created_at as "createdAtMs"
      from stock.movement
     where variant_id = ${variantId}::uuid
       and (${page.before ?? null}::uuid is null
            or (created_at, movement_id) < (select created_at, movement_id
                                              from stock.movement
                                             where movement_id = ${page.before ?? null}::uuid))
     order by created_at desc, movement_id desc
     limit ${page.countMax}::integer`.execute(on);
  return rows.map((row) => {
    const { ifOnHand: _, ...movement } = toMovement(row);
    return movement;
  });
}

function toMovement({ note, ifOnHand, ...row }: MovementRow): RecordedMovement {
  return { ...row, ...(note !== null && { note }), ...(ifOnHand !== null && { ifOnHand }) };
}
