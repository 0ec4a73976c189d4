import { defaultRoomSettings, type RoomSettings } from '../edge/waiting-room/settings.ts';
import { durationMs } from '../platform/config/duration.ts';
import type { EdgeSettings } from '../platform/config/edge-settings.ts';

/** The settings of the waiting rooms, from the topology. */
export function roomSettingsOf(edge: EdgeSettings | undefined): RoomSettings {
  const given = edge?.waitingRoom ?? {};
  const { pace, ...own } = defaultRoomSettings;
  const ms = (text: string | undefined, otherwise: number) => (text === undefined ? otherwise : durationMs(text));
  return {
    leaveAfterMs: ms(given.leaveAfter, own.leaveAfterMs),
    claimWithinMs: ms(given.claimWithin, own.claimWithinMs),
    passTtlMs: ms(given.passTtl, own.passTtlMs),
    queueBeforeMs: ms(given.queueBefore, own.queueBeforeMs),
    forgetAfterMs: ms(given.forgetAfter, own.forgetAfterMs),
    pace: {
      floorPerS: given.paceFloorPerS ?? pace.floorPerS,
      startPerS: given.paceStartPerS ?? pace.startPerS,
      maxPerS: given.paceMaxPerS ?? pace.maxPerS,
    },
  };
}
