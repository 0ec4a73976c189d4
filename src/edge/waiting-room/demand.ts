import type { Context } from '../../platform/context/context.ts';
import { answeredMs } from './absence.ts';
import type { RoomSettings } from './settings.ts';
import { loadDemand } from './store.ts';
import type { Demand } from './tick.ts';
import { absenceOf, type RoomView } from './view.ts';

export type DemandContext = Pick<Context, 'clock' | 'database'>;

/** A pass is claimed, and an order placed, a moment after it was asked for. */
export const graceMs = 5_000;
/** Of whom the show rate is learnt: those whose time was up within so long. */
const dueWithinMs = 120_000;

export const noDemand: Demand = { passesOut: 0, calledOut: 0, dueCount: 0, cameCount: 0, usedPasses: 0, usedUnits: 0 };

/** What became of the places that this room has called. */
export async function readDemand(ctx: DemandContext, view: RoomView, settings: RoomSettings): Promise<Demand> {
  const { config, progress } = view.record;
  const nowMs = ctx.clock.nowMs();
  const absence = absenceOf(view, nowMs, settings);
  const openMs = settings.claimWithinMs + graceMs;
  let openFrom = progress.admitted;
  let dueFrom = progress.admitted;
  let openCount = 0;
  let dueCount = 0;
  for (let index = view.calls.length - 1; index >= 0; index--) {
    const call = view.calls[index];
    if (call === undefined) break;
    const agoMs = answeredMs(call.atMs, nowMs, absence);
    if (agoMs <= openMs) {
      openFrom = call.from;
      openCount += call.to - call.from;
    } else if (agoMs <= openMs + dueWithinMs) dueCount += call.to - call.from;
    else break;
    dueFrom = call.from;
  }
  const { roomId } = config;
  const { admitted } = progress;
  const { claimedOfOpen, leftOfOpen, leftOfDue, ...found } = await loadDemand(ctx.database, {
    roomId,
    dueFrom,
    openFrom,
    admitted,
    outSinceMs: nowMs - graceMs,
  });
  return {
    ...found,
    dueCount: Math.max(0, dueCount - leftOfDue),
    calledOut: Math.max(0, openCount - claimedOfOpen - leftOfOpen),
  };
}
