import { isProblem, type ProblemReply, problem } from '../../platform/api/problem.ts';
import type { Lane } from '../../platform/batch/lane.ts';
import type { Context } from '../../platform/context/context.ts';
import { subjectToken } from '../../platform/signing/subject-token.ts';
import type { Pass, TicketStatus } from './api.ts';
import type { PlaceLanes } from './lanes.ts';
import { isQueueing } from './room.ts';
import type { RoomSettings } from './settings.ts';
import type { SpentPasses } from './spent-passes.ts';
import { keptSOf, type LostWhy, type Standing, standingOf } from './status.ts';
import type { StoredPass } from './store.ts';
import { readTicket, roomOfTicket, signPass, signTicket, type Ticket } from './ticket.ts';
import { lotIdOf, type RoomView } from './view.ts';

export type CounterContext = Pick<Context, 'clock' | 'signer'>;

export interface CounterLanes extends PlaceLanes {
  readonly tickets: Lane<string, number | undefined>;
}

export type TicketIssued = TicketStatus & { readonly buyer: string };

/** Where tickets are given out, looked at and turned into passes. */
export interface Counter {
  /** Whose ticket it is, if it is one of this room. */
  holderOf(view: RoomView, held: string | undefined): string | undefined;
  /** Whether it is a ticket of another room: of no use in this one, and kept for the other. */
  isOfAnother(view: RoomView, held: string | undefined): boolean;
  /** The ticket that is held, seen now, if it is this buyer's and good. */
  keep(view: RoomView, buyerId: string, held: string | undefined): TicketIssued | undefined;
  /** A new ticket for this buyer. */
  issue(view: RoomView, buyerId: string): Promise<TicketIssued>;
  /** How the ticket stands, where that is known without asking the database: for nearly everyone who waits. */
  glance(view: RoomView, token: string): TicketStatus | undefined;
  look(view: RoomView, token: string | undefined): Promise<TicketStatus | ProblemReply>;
  claim(view: RoomView, token: string | undefined): Promise<Pass | ProblemReply>;
  /** Gives up the place. Undefined: it is given up, now or before. */
  leave(view: RoomView, token: string | undefined): Promise<ProblemReply | undefined>;
}

export function createCounter(
  ctx: CounterContext,
  lanes: CounterLanes,
  settings: RoomSettings,
  spent: Pick<SpentPasses, 'has'>,
): Counter {
  const { clock, signer } = ctx;
  const keptS = keptSOf(settings);

  /** How a ticket stands in its room and, once called, with its pass, as far as this process has heard. */
  function stand(view: RoomView, ticket: Ticket, nowMs: number): Standing {
    const standing = standingOf(view, ticket, nowMs, settings);
    const { place } = standing;
    const isCalled = standing.kind === 'stands' && standing.status.standing === 'called';
    if (!isCalled || place === undefined || !spent.has(ticket.roomId, place)) return standing;
    return { kind: 'lost', why: 'used', place };
  }

  /** The same ticket, seen now. */
  function renewed(
    view: RoomView,
    ticket: Ticket,
    standing: Extract<Standing, { kind: 'stands' }>,
    nowMs: number,
  ): TicketStatus {
    const { place, status } = standing;
    const reckoned = place === undefined ? undefined : { place, lotId: lotIdOf(view) };
    return { ...status, ticket: signTicket(signer, { ...ticket, ...reckoned, seenAtMs: nowMs }) };
  }

  /** What its holder got for it, where this process knows only that its place was called long ago. */
  function passOf(ticket: Ticket, place: number, isDue: boolean): Promise<StoredPass | undefined> {
    const { roomId, number, buyerId } = ticket;
    if (number === undefined) return Promise.resolve(undefined);
    return lanes.passes.submit({ roomId, place, number, buyerId, isDue });
  }

  /** Whose place is gone may have come in before; else why it is gone. */
  async function goodPassOf(
    ticket: Ticket,
    { why, place }: Extract<Standing, { kind: 'lost' }>,
    nowMs: number,
  ): Promise<StoredPass | ProblemReply> {
    const pass = place === undefined || why === 'used' ? undefined : await passOf(ticket, place, false);
    if (pass === undefined) return lostPlace(why);
    if (pass.isUsed) return lostPlace('used');
    return pass.expiresAtMs <= nowMs ? lostPlace('expired') : pass;
  }

  /** He is past the line, and has what he waited for. */
  function hasCome(view: RoomView, ticket: Ticket, { place, expiresAtMs }: StoredPass, nowMs: number): TicketStatus {
    const status = {
      roomId: ticket.roomId,
      room: view.record.progress.state,
      standing: 'called' as const,
      place,
      aheadCount: 0,
      calledUntilMs: expiresAtMs,
      pollAfterS: 10,
      keptS,
    };
    return renewed(view, ticket, { kind: 'stands', place, status }, nowMs);
  }

  return {
    holderOf: (view, held) => readTicket(signer, held, view.record.config.roomId)?.buyerId,

    isOfAnother(view, held) {
      const roomId = roomOfTicket(signer, held);
      return roomId !== undefined && roomId !== view.record.config.roomId;
    },

    keep(view, buyerId, held) {
      const old = readTicket(signer, held, view.record.config.roomId);
      if (old === undefined || old.buyerId !== buyerId || !isQueueing(view.record.progress.state)) return undefined;
      const nowMs = clock.nowMs();
      const standing = stand(view, old, nowMs);
      if (standing.kind !== 'stands') return undefined;
      return { ...renewed(view, old, standing, nowMs), buyer: subjectToken(signer, 'buyer', buyerId) };
    },

    async issue(view, buyerId) {
      const { roomId } = view.record.config;
      const nowMs = clock.nowMs();
      const buyer = subjectToken(signer, 'buyer', buyerId);
      const number = isQueueing(view.record.progress.state) ? await lanes.tickets.submit(roomId) : undefined;
      const ticket: Ticket = {
        roomId,
        number,
        buyerId,
        issuedAtMs: nowMs,
        seenAtMs: nowMs,
        place: undefined,
        lotId: undefined,
      };
      const standing = stand(view, ticket, nowMs);
      if (standing.kind === 'stands') return { ...renewed(view, ticket, standing, nowMs), buyer };
      // The room went on in this moment, and this process has not read it yet.
      const { state: room } = view.record.progress;
      const status = { roomId, room, standing: 'waiting' as const, pollAfterS: 1, keptS };
      return { ...status, ticket: signTicket(signer, ticket), buyer };
    },

    glance(view, token) {
      const ticket = readTicket(signer, token, view.record.config.roomId);
      if (ticket === undefined) return undefined;
      const nowMs = clock.nowMs();
      const standing = stand(view, ticket, nowMs);
      return standing.kind === 'stands' ? renewed(view, ticket, standing, nowMs) : undefined;
    },

    async look(view, token) {
      const ticket = readTicket(signer, token, view.record.config.roomId);
      if (ticket === undefined) return notOurs();
      const nowMs = clock.nowMs();
      const standing = stand(view, ticket, nowMs);
      if (standing.kind === 'stands') return renewed(view, ticket, standing, nowMs);
      const pass = await goodPassOf(ticket, standing, nowMs);
      return isProblem(pass) ? pass : hasCome(view, ticket, pass, nowMs);
    },

    async claim(view, token) {
      const ticket = readTicket(signer, token, view.record.config.roomId);
      if (ticket === undefined) return notOurs();
      const nowMs = clock.nowMs();
      const standing = stand(view, ticket, nowMs);
      const { place } = standing;
      const isDue = standing.kind === 'stands' && standing.status.standing === 'called';
      if (standing.kind === 'stands' && standing.status.standing === 'off') {
        return problem('not-your-turn', { detail: 'Nobody queues here now: buy without a pass.', standing: 'off' });
      }
      if (standing.kind === 'stands' && !isDue && (place === undefined || place >= view.record.progress.admitted)) {
        const { pollAfterS, standing: how } = standing.status;
        return problem('not-your-turn', { standing: how }, { 'retry-after': String(pollAfterS) });
      }
      if (standing.kind === 'lost' && standing.why === 'used') return lostPlace('used');
      const pass = place === undefined ? undefined : await passOf(ticket, place, isDue);
      // A place that is called gives a pass unless its holder has left, which this process has not heard of yet.
      if (pass === undefined) return lostPlace(standing.kind === 'lost' ? standing.why : isDue ? 'left' : 'missed');
      if (pass.buyerId !== ticket.buyerId) return notOurs();
      if (pass.isUsed) return lostPlace('used');
      const { roomId, expiresAtMs } = pass;
      if (expiresAtMs <= nowMs) return lostPlace('expired');
      return { roomId, pass: signPass(signer, pass), expiresAtMs };
    },

    async leave(view, token) {
      const ticket = readTicket(signer, token, view.record.config.roomId);
      if (ticket === undefined) return notOurs();
      const nowMs = clock.nowMs();
      const standing = stand(view, ticket, nowMs);
      const { roomId, number } = ticket;
      if (standing.kind === 'lost') {
        if (standing.why === 'left') return undefined;
        const pass = await goodPassOf(ticket, standing, nowMs);
        return isProblem(pass) ? pass : hasPass();
      }
      // One that was given out when nobody queued has no place to give up.
      if (number === undefined) return undefined;
      // A room that this process believes closed may have opened anew, and its next lot gives another place.
      const place = isQueueing(view.record.progress.state) ? standing.place : undefined;
      return (await lanes.departures.submit({ roomId, number, place })) ? undefined : hasPass();
    },
  };
}

function notOurs(): ProblemReply {
  return problem('ticket-invalid', { detail: 'Send a ticket of this waiting room as the bearer token.' });
}

function hasPass(): ProblemReply {
  return problem('conflict', {
    detail: 'This ticket has become a pass, which is good until it is used or expires: there is no place to give up.',
  });
}

function lostPlace(why: LostWhy): ProblemReply {
  return problem('ticket-invalid', { detail: `${whyLost[why]} Take a new one.`, why });
}

const whyLost: Readonly<Record<LostWhy, string>> = {
  past: 'This ticket is of an earlier queue.',
  silent: 'Nobody asked about this ticket for so long that its place was given up.',
  missed: 'This ticket was called and nobody came, so its place was given up.',
  left: 'The line was left with this ticket, so its place was given up.',
  used: 'The pass of this ticket has become an order, and a pass is good for one.',
  expired: 'The pass of this ticket has run out.',
};
