import { defaultRoomSettings, type RoomSettings } from '../edge/waiting-room/settings.ts';
import { durationMs } from '../platform/config/duration.ts';
import type { Topology } from '../platform/config/topology.ts';

/** How long waiters, calls and passes last, as the topology says or as it is usual. */
export function roomSettingsOf({ edge }: Pick<Topology, 'edge'>): RoomSettings {
  const { leaveAfter, claimWithin, passTtl } = edge?.waitingRoom ?? {};
  return {
    ...defaultRoomSettings,
    ...(leaveAfter !== undefined && { leaveAfterMs: durationMs(leaveAfter) }),
    ...(claimWithin !== undefined && { claimWithinMs: durationMs(claimWithin) }),
    ...(passTtl !== undefined && { passTtlMs: durationMs(passTtl) }),
  };
}
