import type { NewEvent } from '../../platform/events/event.ts';
import type { RoomState } from './api.ts';

/** `waiting-room.changed`: set up otherwise, or in another state. */
export function roomChanged(room: { roomId: string; saleId: string | undefined; state: RoomState }): NewEvent {
  const { roomId, saleId, state } = room;
  return {
    topic: 'waiting-room.changed',
    key: roomId,
    payload: { version: 1, roomId, state, ...(saleId !== undefined && { saleId }) },
  };
}

export const waitingRoomTopics = ['waiting-room.changed'] as const;

/** Of `pass.used`, which checkout announces with the order. */
export interface PassUse {
  readonly roomId: string;
  readonly place: number;
  readonly units: number;
}
