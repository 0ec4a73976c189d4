import { type Static, Type } from 'typebox';
import { defineContract } from '../../platform/api/contract.ts';
import { InstantMs, strict, text, Uuid } from '../../platform/api/schema.ts';

const Count = Type.Integer({ minimum: 0 });

/**
 * - `off`: nobody queues here.
 * - `before`: tickets are given out, the order in which they are called is drawn by lot when the room opens.
 * - `open`: tickets are called in their order, as fast as the shop can take orders.
 * - `promised`: all that is left is promised to those who were called; nobody is called unless one of them gives it up.
 * - `over`: nothing is left, or the sale is over.
 */
export const RoomState = Type.Enum(['off', 'before', 'open', 'promised', 'over'], {
  description:
    'off: nobody queues here. before: places are drawn by lot at the opening. open: tickets are called in order. promised: all that is left is promised to those called. over: nothing is left, or the sale is over.',
});
export type RoomState = Static<typeof RoomState>;

/** What stands before one sale, or before every purchase (`saleId` left out). */
export const RoomInput = strict(
  {
    name: Type.Optional(
      text(200, {
        minLength: 1,
        description: 'What people read above their place; left out, "Waiting room" in the language of each.',
      }),
    ),
    saleId: Type.Optional({ ...Uuid, description: 'The sale that it stands before; left out, every purchase.' }),
    switchedBy: Type.Enum(['schedule', 'load', 'hand'], {
      description:
        'schedule: on from `queueFromMs` until the sale ends. load: on while the shop is busier than it can be for long. hand: as `isOn` says.',
    }),
    isOn: Type.Optional(Type.Boolean({ description: 'With `hand` only.' })),
    queueFromMs: Type.Optional({ ...InstantMs, description: 'From when tickets are given out before the opening.' }),
    opensAtMs: Type.Optional({ ...InstantMs, description: 'When the lot is drawn; left out, when the sale starts.' }),
    pacePerSMax: Type.Optional(
      Type.Number({ minimum: 0.1, maximum: 100_000, description: 'Never call more a second, however idle the shop.' }),
    ),
  },
  { title: 'RoomInput' },
);
export type RoomInput = Static<typeof RoomInput>;

/** What everybody may know of a room: the same answer for all, made once a second. */
export const Room = strict(
  {
    roomId: Uuid,
    name: Type.Optional(Type.String()),
    saleId: Type.Optional(Uuid),
    state: RoomState,
    opensAtMs: Type.Optional(InstantMs),
    issuedCount: { ...Count, description: 'Tickets given out.' },
    admittedCount: { ...Count, description: 'Places called so far: a ticket with a smaller place may come in.' },
    pacePerS: Type.Number({ description: 'Places called a second, lately, without those that were passed over.' }),
    lot: Type.Optional(
      strict({
        seed: Type.String({ description: 'Drawn at the opening, hexadecimal.' }),
        ticketCount: { ...Count, description: 'How many tickets took part.' },
        firstNumber: Type.Optional({ ...Count, description: 'The number of the first of them; left out, 0.' }),
      }),
    ),
  },
  { title: 'Room' },
);
export type Room = Static<typeof Room>;

export const Estimate = strict(
  { fromS: Count, toS: Count },
  { title: 'Estimate', description: 'Nine times out of ten the wait is within this range.' },
);
export type Estimate = Static<typeof Estimate>;

export const TicketStatus = strict(
  {
    roomId: Uuid,
    room: RoomState,
    standing: Type.Enum(['waiting', 'called', 'promised', 'over', 'off'], {
      description:
        'waiting: in line (before the opening without a place). called: fetch the pass now. promised: in line, but all that is left is promised to others. over: nothing to wait for. off: no queue, just buy.',
    }),
    ticket: Type.String({ description: 'The same place, seen now: keep this one in place of the one you sent.' }),
    number: Type.Optional({
      ...Count,
      description: 'Of the ticket, in the order of asking: what the lot is drawn on.',
    }),
    place: Type.Optional({ ...Count, description: 'Place in line, from 0; none before the opening.' }),
    aheadCount: Type.Optional({
      ...Count,
      description:
        'How many are called before this one: places ahead, without those whose holders are known to have left.',
    }),
    estimate: Type.Optional(Estimate),
    calledUntilMs: Type.Optional({ ...InstantMs, description: 'Once called: fetch the pass before.' }),
    opensAtMs: Type.Optional(InstantMs),
    pollAfterS: { ...Count, description: 'Ask again after so long.' },
    keptS: { ...Count, description: 'Who is silent for longer gives up the place.' },
  },
  { title: 'TicketStatus' },
);
export type TicketStatus = Static<typeof TicketStatus>;

/** How tickets stand, for who answers in the shop's own process: from memory, at once. */
export interface TicketReader {
  /** The ticket is seen by it, and signed anew. Undefined: ask the API, which says why or looks further. */
  glance(roomId: string, token: string): TicketStatus | undefined;
}

export const Pass = strict(
  {
    roomId: Uuid,
    pass: Type.String({ description: 'Send it as `pass` with `POST /v1/quotes`. Good for one order of this buyer.' }),
    expiresAtMs: InstantMs,
  },
  { title: 'Pass' },
);
export type Pass = Static<typeof Pass>;

const roomParams = strict({ roomId: Uuid });
/** Sent as `Authorization: Bearer <ticket>`, so that it stands in no log. */
const byTicket = 'Send the ticket as the bearer token.';

export const waitingRoomApi = defineContract({
  name: 'waiting-room',
  routes: {
    listRooms: {
      method: 'GET',
      path: '/v1/waiting-rooms',
      summary: 'Read the waiting rooms that are on or announced',
      scope: 'public',
      importance: 'standard',
      idempotency: 'safe',
      cache: { maxAgeS: 1, staleWhileRevalidateS: 2, shared: true },
      responses: { 200: strict({ items: Type.Array(Room) }) },
    },
    getRoom: {
      method: 'GET',
      path: '/v1/waiting-rooms/:roomId',
      summary: 'Read how far a waiting room is',
      scope: 'public',
      importance: 'standard',
      idempotency: 'safe',
      cache: { maxAgeS: 1, staleWhileRevalidateS: 2, notFoundMaxAgeS: 1, shared: true },
      params: roomParams,
      responses: { 200: Room },
      problems: ['not-found'],
    },
    listRoomSetups: {
      method: 'GET',
      path: '/v1/admin/waiting-rooms',
      summary: 'Read all waiting rooms, also those that are off or over, and how they are set up',
      scope: 'admin',
      importance: 'standard',
      idempotency: 'safe',
      responses: { 200: strict({ items: Type.Array(strict({ room: Room, setup: RoomInput })) }) },
    },
    putRoom: {
      method: 'PUT',
      path: '/v1/waiting-rooms/:roomId',
      summary: 'Set up a waiting room, or change how it is switched',
      scope: 'admin',
      importance: 'core',
      idempotency: 'by-nature',
      params: roomParams,
      body: RoomInput,
      responses: { 200: Room, 201: Room },
      problems: ['bad-request', 'conflict'],
    },
    deleteRoom: {
      method: 'DELETE',
      path: '/v1/waiting-rooms/:roomId',
      summary: 'Delete a waiting room that is off or over',
      description:
        'Nobody may queue in it. Which places it called when, and who came, is kept as long as of other rooms.',
      scope: 'admin',
      importance: 'standard',
      idempotency: 'by-nature',
      params: roomParams,
      responses: { 204: Type.Null() },
      problems: ['not-found', 'conflict'],
    },
    takeTicket: {
      method: 'POST',
      path: '/v1/waiting-rooms/:roomId/tickets',
      summary: 'Take a place in line',
      description:
        'A ticket is bound to its buyer: only his quotes pass with what it becomes. One place a ticket. Who sends a good ticket of this room as the bearer token keeps it.',
      scope: 'public',
      importance: 'core',
      idempotency: 'honoured',
      params: roomParams,
      isBodyOptional: true,
      body: strict({
        buyer: Type.Optional(Type.String({ maxLength: 200, description: 'Of an earlier cart or quote.' })),
      }),
      responses: {
        201: strict({ ...TicketStatus.properties, buyer: Type.String({ description: 'Whose ticket it is.' }) }),
      },
      problems: ['not-found', 'bad-request', 'ticket-invalid', 'challenge-required'],
    },
    getTicket: {
      method: 'GET',
      path: '/v1/waiting-rooms/:roomId/ticket',
      summary: 'Ask how far a ticket is; keeps the place',
      description: byTicket,
      scope: 'public',
      importance: 'core',
      idempotency: 'safe',
      costUnits: 0.2,
      params: roomParams,
      responses: { 200: TicketStatus },
      problems: ['not-found', 'ticket-invalid'],
    },
    leaveLine: {
      method: 'DELETE',
      path: '/v1/waiting-rooms/:roomId/ticket',
      summary: 'Leave the line: give up the place of a ticket',
      description: `${byTicket} Those behind it move up at once, or, where it was left before the opening, soon after that. The ticket is good for nothing more. Leaving twice is leaving. A ticket that has become a pass has left the line already (409).`,
      scope: 'public',
      importance: 'core',
      idempotency: 'by-nature',
      params: roomParams,
      responses: { 204: Type.Null() },
      problems: ['not-found', 'ticket-invalid', 'conflict'],
    },
    takePass: {
      method: 'POST',
      path: '/v1/waiting-rooms/:roomId/passes',
      summary: 'Come in: turn a called ticket into a pass',
      description: `${byTicket} However often it is asked, a ticket gives one pass.`,
      scope: 'public',
      importance: 'core',
      idempotency: 'by-nature',
      params: roomParams,
      responses: { 200: Pass },
      problems: ['not-found', 'ticket-invalid', 'not-your-turn'],
    },
  },
});
