import { randomBytes } from 'node:crypto';
import type { Context } from '../../platform/context/context.ts';
import type { Tx } from '../../platform/database/database.ts';
import type { LoadReading } from '../../platform/overload/load-reading.ts';
import { awayAfterMs } from './absence.ts';
import { roomChanged } from './events.ts';
import { type Ledger, type LedgerPeers, readLedger } from './ledger.ts';
import { lotSeedBytes } from './lot.ts';
import type { RoomRecord } from './room.ts';
import type { RoomSettings } from './settings.ts';
import { beginLine, drawLot, insertCall, lockProgress, writeProgress } from './store.ts';
import { loadAdmitted, tryLockPromises } from './store-promises.ts';
import { decideTick, isAtRest, type TickDecision, type TickFacts } from './tick.ts';
import type { RoomView } from './view.ts';

export type PacerContext = Pick<Context, 'clock' | 'log' | 'database' | 'events'>;

export interface PacerOptions {
  readonly settings: RoomSettings;
  readonly load: () => LoadReading;
}

/** A tick sooner than this after another one does nothing: of many processes, one ticks. */
export const tickEveryMs = 250;
const tickNotBeforeMs = tickEveryMs - 50;

export interface Pacer {
  /** Does what is due in each of these rooms, whichever process does it. Returns how many have moved on. */
  tick(views: readonly RoomView[]): Promise<number>;
  /** Whether it was not ticked just now, by whomever. */
  isDue(view: RoomView): boolean;
}

type Moved = Pick<TickDecision, 'progress' | 'calledCount'>;

/** Moves rooms on: switches, opens, calls. */
export function createPacer(ctx: PacerContext, peers: LedgerPeers, { settings, load }: PacerOptions): Pacer {
  /** Undefined: it has not moved. */
  async function tickRoom(view: RoomView, ledger: Ledger): Promise<Moved | undefined> {
    const { config, progress } = view.record;
    const { roomId } = config;
    const facts: TickFacts = { nowMs: ctx.clock.nowMs(), load: load(), ...ledger.factsOf(roomId) };
    if (isAtRest(view.record, decideTick(view.record, facts, settings))) return undefined;
    const moved = await ctx.database.transaction(async (tx) => {
      // Another process is at it, or was since this one looked: what was read is no ground for a decision.
      const locked = await lockProgress(tx, roomId);
      if (locked?.tickedAtMs !== progress.tickedAtMs || locked?.admitted !== progress.admitted) return undefined;
      return move(tx, view.record, { ...facts, nowMs: ctx.clock.nowMs() }, ledger);
    });
    if (moved !== undefined && moved.progress.state !== progress.state) {
      const { switchedBy } = config;
      ctx.log.info(
        { roomId, from: progress.state, to: moved.progress.state, switchedBy },
        'a waiting room has changed',
      );
    }
    return moved;
  }

  /** Whether the ledger is still right, and nobody else promises anything until the transaction ends. */
  async function lockLedger(tx: Tx, ledger: Ledger): Promise<boolean> {
    return (await tryLockPromises(tx)) && ledger.isCurrent(await loadAdmitted(tx));
  }

  /** Decides and writes it down. */
  async function move(tx: Tx, room: RoomRecord, facts: TickFacts, ledger: Ledger): Promise<Moved | undefined> {
    const { roomId, saleId } = room.config;
    const { nowMs } = facts;
    const decision = decideTick(room, facts, settings);
    // What another room has promised meanwhile must not be promised again.
    if (decision.placeCount > 0 && saleId !== undefined && !(await lockLedger(tx, ledger))) return undefined;
    let next = decision.progress;
    if (decision.beginsAnew) next = { ...next, admitted: Math.max(next.admitted, await beginLine(tx, roomId)) };
    if (decision.opens) await drawLot(tx, roomId, randomBytes(lotSeedBytes), nowMs);
    const from = next.admitted - decision.placeCount;
    if (decision.placeCount > 0) await insertCall(tx, roomId, { from, to: next.admitted, atMs: nowMs });
    await writeProgress(tx, roomId, next);
    if (next.state !== room.progress.state) {
      await ctx.events.publish(tx, [roomChanged({ roomId, saleId, state: next.state })]);
    }
    return { progress: next, calledCount: decision.calledCount };
  }

  function isDue({ record }: RoomView): boolean {
    const { tickedAtMs } = record.progress;
    const sinceMs = tickedAtMs === undefined ? Number.POSITIVE_INFINITY : ctx.clock.nowMs() - tickedAtMs;
    // A tick that is a little in the future was made just now by a process that has the time a little less well. Would this one
    // tick as well, from an earlier time, the other would find that more has passed than has, and call more. Much in the future:
    // the clock that all share was set back.
    return sinceMs < -awayAfterMs || sinceMs >= tickNotBeforeMs;
  }

  return {
    isDue,
    async tick(views) {
      const due = views.filter(isDue);
      if (due.length === 0) return 0;
      const ledger = await readLedger(ctx, peers, views, settings);
      let movedCount = 0;
      // One after another, so that each knows what those before it have promised.
      for (const view of due.toSorted((a, b) => lastCalledAtMs(a) - lastCalledAtMs(b))) {
        const moved = await tickRoom(view, ledger);
        if (moved === undefined) continue;
        ledger.enter(view.record.config.roomId, { calledCount: moved.calledCount, admitted: moved.progress.admitted });
        movedCount += 1;
      }
      return movedCount;
    },
  };
}

/** Who has called longest ago goes first: of the little that is given back each of several rooms gets something. */
function lastCalledAtMs({ calls }: RoomView): number {
  return calls.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
}
