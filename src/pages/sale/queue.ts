import type { Room } from '../../edge/waiting-room/api.ts';

/** A waiting room as the page of a sale tells of it. */
export interface SaleQueue {
  readonly roomId: string;
  /** Absent where it stands before every purchase. */
  readonly saleId?: string;
  /** `announced`: nobody can line up yet. */
  readonly state: 'announced' | 'before' | 'open' | 'promised';
  readonly opensAtMs?: number;
}

/** Undefined where there is nothing to line up for, now or soon. */
export function queueIn({ roomId, saleId, state, opensAtMs }: Room, nowMs: number): SaleQueue | undefined {
  const isAnnounced = state === 'off' && opensAtMs !== undefined && opensAtMs > nowMs;
  if (state === 'over' || (state === 'off' && !isAnnounced)) return undefined;
  return {
    roomId,
    state: state === 'off' ? 'announced' : state,
    ...(saleId !== undefined && { saleId }),
    ...(opensAtMs !== undefined && { opensAtMs }),
  };
}

/** What stands before a sale: its own room first, one that is on before one that is announced. */
export function queueOf(rooms: readonly Room[], saleId: string, nowMs: number): SaleQueue | undefined {
  const rank = (queue: SaleQueue) => (queue.state === 'announced' ? 2 : 0) + (queue.saleId === undefined ? 1 : 0);
  return rooms
    .filter((room) => room.saleId === saleId || room.saleId === undefined)
    .flatMap((room) => queueIn(room, nowMs) ?? [])
    .sort((one, other) => rank(one) - rank(other))[0];
}
