import type { InputOf } from '../../platform/api/contract.ts';
import { succeeded } from '../../platform/api/peer.ts';
import { isProblem, type ProblemReply, problemSlug } from '../../platform/api/problem.ts';
import { isUuid } from '../../platform/database/id.ts';
import type { quoteApi } from '../../services/quote/api.ts';
import { keepBuyer } from '../cart/cart-cookie.ts';
import type { PagesHost } from '../host.ts';
import { localPath } from '../locale.ts';
import type { Cookie, PageReply, PageRequest } from '../site/page-request.ts';
import { heldPasses, heldTicket, heldTickets, keepTicket } from './room-cookies.ts';
import { waitingRoomPath } from './room-path.ts';

type QuoteBody = InputOf<(typeof quoteApi)['routes']['createQuote']>['body'];
type Visitor = Pick<PageRequest, 'cookies' | 'call'>;

/**
 * A quote for who may hold passes and tickets of several waiting rooms, most of which have nothing to do with this purchase.
 * The room that it needs is found by being told: an answer names it.
 */
export async function quoteThroughRoom({ peers }: Pick<PagesHost, 'peers'>, visitor: Visitor, body: QuoteBody) {
  const passes = heldPasses(visitor);
  const tickets = heldTickets(visitor);
  const ask = (roomId: string | undefined) => {
    const pass = passes.get(roomId ?? '');
    const ticket = tickets.get(roomId ?? '')?.ticket;
    const shown = { ...(pass !== undefined && { pass }), ...(ticket !== undefined && { ticket }) };
    return peers.quote.createQuote({ body: { ...body, ...shown } }, visitor.call);
  };
  const [first] = [...passes.keys(), ...tickets.keys()];
  const reply = await ask(first);
  const roomId = isProblem(reply) ? roomOf(reply) : undefined;
  return roomId === undefined || roomId === first || first === undefined ? reply : ask(roomId);
}

/**
 * Whether this visitor would be sent to a waiting room for these. Asked before a quote that only says what it would cost: who is
 * not let in is given a ticket with the answer, and a ticket that nobody keeps is a gap in the line.
 */
export async function mustQueue(
  { peers }: Pick<PagesHost, 'peers'>,
  { cookies, call }: Visitor,
  wanted: { readonly variantIds: readonly string[]; readonly currency: string },
): Promise<boolean> {
  const rooms = succeeded('waiting-room', await peers.waitingRoom.listRooms({}, call)).body.items;
  const passes = heldPasses({ cookies });
  const closed = rooms.filter(({ state }) => state !== 'off');
  const isShut = ({ roomId }: { readonly roomId: string }) => !passes.has(roomId);
  if (!closed.some(isShut)) return false;
  if (closed.some((room) => room.saleId === undefined && isShut(room))) return true;
  const body = { variantIds: [...new Set(wanted.variantIds)], currency: wanted.currency };
  const { runningSales } = succeeded('promotion', await peers.promotion.getOffers({ body }, call)).body;
  // Of several rooms before one variant, the pass of any lets in.
  return runningSales.some(({ saleIds }) => {
    const before = closed.filter(({ saleId }) => saleId !== undefined && saleIds.includes(saleId));
    return before.length > 0 && before.every(isShut);
  });
}

/** The waiting room that a problem of quoting is about. */
export function roomOf({ problem: { roomId } }: ProblemReply): string | undefined {
  return typeof roomId === 'string' && isUuid(roomId) ? roomId : undefined;
}

/** Off to the queue that stands before this, with the place that the answer brought; and back when it is his turn. */
export function toWaitingRoom(request: PageRequest, reply: ProblemReply, to: string): PageReply | undefined {
  const roomId = roomOf(reply);
  // Who is to solve a puzzle for his ticket is asked to there.
  const isQueue = ['waiting-room', 'challenge-required'].includes(problemSlug(reply));
  if (!isQueue || roomId === undefined) return undefined;
  return {
    kind: 'redirect',
    to: localPath(request.locale, waitingRoomPath(roomId, localPath(request.locale, to))),
    cookies: placeIn(request, roomId, reply),
  };
}

/** Who had no ticket got one with the answer: the page need not ask for another. */
function placeIn(request: PageRequest, roomId: string, { problem: { ticket, buyer } }: ProblemReply): Cookie[] {
  if (heldTicket(request, roomId) !== undefined || typeof ticket !== 'string' || typeof buyer !== 'string') return [];
  return [keepTicket(roomId, { ticket, startAhead: undefined }), keepBuyer(buyer)];
}
