import { type Queryable, sql } from '../../src/platform/database/sql.ts';
import type { CallRow, PassRow, QueueBooks, QueueOrderRow, UseRow } from './case.ts';

export async function loadLine(on: Queryable, roomId: string): Promise<QueueBooks['line'] | undefined> {
  const { rows } = await sql<QueueBooks['line']>`
    select encode(lot_seed, 'hex') as "lotSeed", lot_count as "lotCount", issued, admitted
      from waiting_room.line
      join waiting_room.progress using (room_id)
     where room_id = ${roomId}`.execute(on);
  return rows[0];
}

export async function loadCalls(on: Queryable, roomId: string): Promise<CallRow[]> {
  const { rows } = await sql<CallRow>`
    select from_place as "fromPlace", to_place as "toPlace", called_at as "calledAtMs"
      from waiting_room.call
     where room_id = ${roomId}
     order by from_place`.execute(on);
  return rows;
}

export async function loadPasses(on: Queryable, roomId: string): Promise<PassRow[]> {
  const { rows } = await sql<PassRow>`
    select place, number, buyer_id as "buyerId", claimed_at as "claimedAtMs", expires_at as "expiresAtMs"
      from waiting_room.pass
     where room_id = ${roomId}
     order by place`.execute(on);
  return rows;
}

export async function loadQueueOrders(on: Queryable, variantId: string): Promise<QueueOrderRow[]> {
  const { rows } = await sql<QueueOrderRow>`
    select order_id as "orderId", buyer_id as "buyerId", state, sum(quantity) as units, placed_at as "placedAtMs"
      from checkout.order_line
      join checkout.purchase_order using (order_id)
     where variant_id = ${variantId}
     group by order_id, buyer_id, state, placed_at`.execute(on);
  return rows;
}

export async function loadUses(on: Queryable, roomId: string): Promise<UseRow[]> {
  const { rows } = await sql<UseRow>`
    select place, order_id as "orderId"
      from checkout.used_pass
     where room_id = ${roomId}`.execute(on);
  return rows;
}
