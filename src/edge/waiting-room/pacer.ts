import { randomBytes } from 'node:crypto';
import type { Client } from '../../platform/api/contract.ts';
import { succeeded } from '../../platform/api/peer.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Tx } from '../../platform/database/database.ts';
import type { LoadReading } from '../../platform/overload/load-reading.ts';
import type { checkoutApi } from '../../services/checkout/api.ts';
import type { promotionApi, Sale } from '../../services/promotion/api.ts';
import { answeredMs, awayAfterMs } from './absence.ts';
import { roomChanged } from './events.ts';
import { lotSeedBytes } from './lot.ts';
import type { RoomProgress, RoomRecord } from './room.ts';
import type { RoomSettings } from './settings.ts';
import { beginLine, drawLot, insertCall, loadDemand, lockProgress, writeProgress } from './store.ts';
import { type Demand, decideTick, isAtRest, type TickFacts } from './tick.ts';
import { absenceOf, type RoomView } from './view.ts';

export interface PacerPeers {
  readonly checkout: Client<typeof checkoutApi>;
  readonly promotion: Client<typeof promotionApi>;
}

export type PacerContext = Pick<Context, 'clock' | 'log' | 'database' | 'events'>;

export interface PacerOptions {
  readonly settings: RoomSettings;
  readonly load: () => LoadReading;
}

/** A tick sooner than this after another one does nothing: of many processes, one ticks. */
export const tickEveryMs = 250;
const tickNotBeforeMs = tickEveryMs - 50;
/** A pass is claimed, and an order placed, a moment after it was asked for. */
const graceMs = 5_000;
/** Of whom the show rate is learnt: those whose time was up within so long. */
const dueWithinMs = 120_000;

export interface Pacer {
  /** Does what is due in each of these rooms, whichever process does it. Returns how many have moved on. */
  tick(views: readonly RoomView[]): Promise<number>;
  /** Whether it was not ticked just now, by whomever. */
  isDue(view: RoomView): boolean;
}

const noDemand: Demand = { passesOut: 0, calledOut: 0, dueCount: 0, cameCount: 0, usedPasses: 0, usedUnits: 0 };

/** Moves rooms on: switches, opens, calls. */
export function createPacer(ctx: PacerContext, peers: PacerPeers, { settings, load }: PacerOptions): Pacer {
  async function tickRoom(view: RoomView, sales: readonly Sale[]): Promise<boolean> {
    const { config, progress } = view.record;
    const { roomId, saleId } = config;
    const sale = saleId === undefined ? undefined : (sales.find((each) => each.saleId === saleId) ?? 'gone');
    // In this order: what is promised before what there is, so that an order in between is counted twice rather than never.
    const demand = await demandOf(view, sale);
    const stock = sale === undefined || sale === 'gone' ? undefined : await stockOf(sale);
    const atOnce: TickFacts = { nowMs: ctx.clock.nowMs(), load: load(), sale, stock, demand };
    if (isAtRest(view.record, decideTick(view.record, atOnce, settings))) return false;
    const next = await ctx.database.transaction(async (tx) => {
      const locked = await lockProgress(tx, roomId);
      // Another process is at it, or was since this one looked: what was read is no ground for a decision.
      if (locked?.tickedAtMs !== progress.tickedAtMs || locked?.admitted !== progress.admitted) return undefined;
      return move(tx, view.record, { ...atOnce, nowMs: ctx.clock.nowMs() });
    });
    if (next !== undefined && next.state !== progress.state) {
      const { switchedBy } = config;
      ctx.log.info({ roomId, from: progress.state, to: next.state, switchedBy }, 'a waiting room has changed');
    }
    return next !== undefined;
  }

  /** Decides and writes it down. */
  async function move(tx: Tx, room: RoomRecord, facts: TickFacts): Promise<RoomProgress> {
    const { roomId, saleId } = room.config;
    const { nowMs } = facts;
    const decision = decideTick(room, facts, settings);
    let next = decision.progress;
    if (decision.beginsAnew) next = { ...next, admitted: Math.max(next.admitted, await beginLine(tx, roomId)) };
    if (decision.opens) await drawLot(tx, roomId, randomBytes(lotSeedBytes), nowMs);
    const from = next.admitted - decision.callCount;
    if (decision.callCount > 0) await insertCall(tx, roomId, { from, to: next.admitted, atMs: nowMs });
    await writeProgress(tx, roomId, next);
    if (next.state !== room.progress.state) {
      await ctx.events.publish(tx, [roomChanged({ roomId, saleId, state: next.state })]);
    }
    return next;
  }

  async function demandOf(view: RoomView, sale: TickFacts['sale']): Promise<Demand> {
    const { config, progress } = view.record;
    if (progress.state === 'off' || progress.state === 'before' || sale === 'gone') return noDemand;
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
    const found = await loadDemand(ctx.database, { roomId, dueFrom, openFrom, outSinceMs: nowMs - graceMs });
    return { ...found, dueCount, calledOut: Math.max(0, openCount - found.claimedOfOpen) };
  }

  async function stockOf(sale: Sale) {
    const subjectIds = [...new Set(sale.items.map(({ variantId }) => variantId))];
    const { items } = succeeded('checkout', await peers.checkout.getAllotments({ body: { subjectIds } })).body;
    let available = 0;
    let reserved = 0;
    for (const allotment of items) {
      available += allotment.granted - allotment.reserved - allotment.sold;
      reserved += allotment.reserved;
    }
    return { available, reserved };
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
      const hasSale = due.some(({ record }) => record.config.saleId !== undefined);
      const sales = hasSale ? succeeded('promotion', await peers.promotion.listSales({})).body.items : [];
      const moved = await Promise.all(due.map((view) => tickRoom(view, sales)));
      return moved.filter(Boolean).length;
    },
  };
}
