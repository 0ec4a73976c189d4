import type { Room, TicketStatus } from '../../edge/waiting-room/api.ts';
import { failureOf } from '../../platform/api/fault.ts';
import { isProblem, type ProblemReply, problemSlug } from '../../platform/api/problem.ts';
import { refuse } from '../../platform/api/refusal.ts';
import { isUuid } from '../../platform/database/id.ts';
import { keepBuyer, knownBuyer } from '../cart/cart-cookie.ts';
import { challengePage, type Resend, solutionOf, withSolution } from '../challenge/challenge-page.tsx';
import type { PagesHost } from '../host.ts';
import { type Locale, localPath } from '../locale.ts';
import { answered } from '../site/answered.ts';
import { asHolder } from '../site/as-holder.ts';
import { ownPath } from '../site/own-path.ts';
import type { Cookie, PageLook, PageReply, PageRequest, PageRoute } from '../site/page-request.ts';
import { keepsCookies, markTried, trialCookie } from './cookie-check.ts';
import { roomText } from './messages.ts';
import { newsOf, type RoomNews } from './news.ts';
import { dropPass, type HeldTicket, hasLeft, heldTicket, keepLeft, keepPass, keepTicket } from './room-cookies.ts';
import type { RoomPages } from './room-page.ts';
import { waitingRoomPath } from './room-path.ts';
import { type RoomView, viewOf } from './room-view.ts';

/** How far one visitor is. */
interface Seen {
  readonly view: RoomView;
  readonly pollAfterS: number;
  /** As it was seen now; to be kept in place of the one that was sent. */
  readonly held?: HeldTicket;
  /** Whose the ticket is, where it is a new one. */
  readonly buyer?: string;
}

const busyRetryS = 5;
const offPollS = 5;
const off: Seen = { view: { kind: 'off' }, pollAfterS: offPollS };
const entering: Seen = { view: { kind: 'entering' }, pollAfterS: 1 };
const cookieless: Seen = { view: { kind: 'cookieless' }, pollAfterS: busyRetryS };

/** The waiting page: takes a ticket for who has none, says how far he is, and lets him in. */
export function createWaitingRoomRoutes(host: PagesHost, pages: RoomPages): PageRoute[] {
  const { ctx } = host;
  const { waitingRoom, tickets } = host.peers;

  async function show(request: PageRequest): Promise<PageReply> {
    const roomId = roomIdOf(request);
    const room = await findRoom(request, roomId);
    // Deleted while his page was open: nobody queues there any more, and the way leads on.
    if (isProblem(room) && isKnownTo(request, roomId)) return page(request, { roomId }, off, []);
    if (isProblem(room)) throw refuse('not-found');
    if (mustTryCookies(request, room)) return tryCookies(request, room);
    const seen = await look(request, room);
    if (isProblem(seen)) return workFirst(request, room, seen, { method: 'get', path: `/waiting-room/${roomId}` });
    // The solution is no part of the address that is looked at again and again.
    return solutionOf(request) === undefined ? reply(request, room, seen) : atRoom(request, room, seen);
  }

  /** Whether he is sure. He keeps his place while he thinks, and is let in when it is his turn. */
  async function showLeaving(request: PageRequest): Promise<PageReply> {
    const room = await findRoom(request, roomIdOf(request));
    if (isProblem(room)) throw refuse('not-found');
    const held = heldTicket(request, room.roomId);
    if (held === undefined) return atRoom(request, room, {});
    const given = await lookAgain(request, room, held);
    const { kind } = given.view;
    const isInLine = kind === 'before' || kind === 'waiting' || kind === 'promised';
    return reply(request, room, isInLine ? { ...given, view: { kind: 'leaving' } } : given);
  }

  /** The ticket stays in its cookie, and the page goes on asking: nobody loses his place because the shop stumbled. */
  async function orBusy(
    request: PageRequest,
    answer: (request: PageRequest) => Promise<PageReply>,
  ): Promise<PageReply> {
    try {
      return await answer(request);
    } catch (error) {
      const { kind, reply: failed } = failureOf(error);
      if (kind === 'bug' || failed.status < 500 || request.wantsJson) throw error;
      return page(request, { roomId: roomIdOf(request) }, { view: { kind: 'busy' }, pollAfterS: busyRetryS }, []);
    }
  }

  /** What the page's script asks again and again, for who waits in line: from memory. */
  function news({ locale, params: { roomId = '' }, cookies, wantsJson }: PageLook): PageReply | undefined {
    const held = wantsJson ? heldTicket({ cookies }, roomId) : undefined;
    const status = held && tickets.glance(roomId, held.ticket);
    if (status === undefined || (status.standing !== 'waiting' && status.standing !== 'promised')) return undefined;
    const { view, pollAfterS, held: kept } = seen(status, status, held?.startAhead);
    const body = newsFor(locale, { view, pollAfterS }, ctx.clock.nowMs());
    return { kind: 'json', status: 200, body, cookies: kept === undefined ? [] : [keepTicket(roomId, kept)] };
  }

  async function findRoom({ call }: PageRequest, roomId: string): Promise<Room | ProblemReply> {
    const found = answered(await waitingRoom.getRoom({ params: { roomId } }, call), ['not-found']);
    return isProblem(found) ? found : found.body;
  }

  async function look(request: PageRequest, room: Room): Promise<Seen | ProblemReply> {
    const held = heldTicket(request, room.roomId);
    // Nobody takes a place where there is nothing to wait for.
    if (room.state === 'off') return off;
    if (room.state === 'over' && held === undefined) return { view: { kind: 'over' }, pollAfterS: offPollS };
    if (held !== undefined) return lookAgain(request, room, held);
    if (hasLeft(request, room.roomId)) return goneBy('left');
    if (request.isUnseen) return entering;
    if (keepsCookies(request) === true) {
      // A script asks for who has a page already: its cookie would come too late for the next look.
      return request.wantsJson ? goneBy('silent') : takeTicket(request, room);
    }
    return cookieless;
  }

  /** Before a place is given to a browser that would have forgotten it at the next look, and take another one then. */
  function mustTryCookies(request: PageRequest, room: Room): boolean {
    return hasQueue(room) && !request.wantsJson && !request.isUnseen && keepsCookies(request) === undefined;
  }

  function tryCookies(request: PageRequest, room: Room): PageReply {
    return { kind: 'redirect', to: markTried(addressOf(request, room)), cookies: [trialCookie] };
  }

  async function lookAgain(request: PageRequest, room: Room, held: HeldTicket): Promise<Seen> {
    const asked = { params: { roomId: room.roomId } };
    const found = answered(await waitingRoom.getTicket(asked, asHolder(request.call, held.ticket)), ['ticket-invalid']);
    if (isProblem(found)) return goneBy(found.problem.why);
    return seen(room, found.body, held.startAhead);
  }

  /** The problem is that he is to work first. */
  async function takeTicket(request: PageRequest, room: Room): Promise<Seen | ProblemReply> {
    const body = knownBuyer(request, ctx.signer);
    const call = withSolution(request.call, solutionOf(request));
    const taken = answered(await waitingRoom.takeTicket({ params: { roomId: room.roomId }, body }, call), [
      'challenge-required',
    ]);
    if (isProblem(taken)) return taken;
    return { ...seen(room, taken.body, undefined), buyer: taken.body.buyer };
  }

  function workFirst(
    request: PageRequest,
    { roomId }: Room,
    reply: ProblemReply,
    { method, path }: Pick<Resend, 'method' | 'path'>,
  ): Promise<PageReply> {
    const to = ownPath(request.form.get('to') ?? request.query.get('to'));
    const resend = { method, path, fields: to === undefined ? {} : { to } };
    return challengePage(host, request, { purpose: 'ticket', subject: roomId, reply, resend });
  }

  /** On to the page itself, with the place that he has now. */
  function atRoom(request: PageRequest, { roomId }: Pick<Room, 'roomId'>, { held, buyer }: Partial<Seen>): PageReply {
    return {
      kind: 'redirect',
      to: addressOf(request, { roomId }),
      cookies: [
        ...(held === undefined ? [] : [keepTicket(roomId, held)]),
        ...(buyer === undefined ? [] : [keepBuyer(buyer)]),
      ],
    };
  }

  function addressOf({ locale, query, form }: PageRequest, { roomId }: Pick<Room, 'roomId'>): string {
    const to = ownPath(form.get('to') ?? query.get('to'));
    return localPath(locale, to === undefined ? `/waiting-room/${roomId}` : waitingRoomPath(roomId, to));
  }

  function seen(room: Pick<Room, 'opensAtMs'>, status: TicketStatus, startAhead: number | undefined): Seen {
    const start = startAhead ?? status.aheadCount;
    const view = viewOf(status, room, start);
    return { view, pollAfterS: status.pollAfterS, held: { ticket: status.ticket, startAhead: start } };
  }

  async function reply(request: PageRequest, room: Room, given: Seen): Promise<PageReply> {
    const { held, buyer } = given;
    const cookies = [
      ...(held === undefined ? [] : [keepTicket(room.roomId, held)]),
      ...(buyer === undefined ? [] : [keepBuyer(buyer)]),
    ];
    if (given.view.kind !== 'called' || held === undefined || request.isUnseen)
      return page(request, room, given, cookies);
    // Whose turn it is comes in at once.
    const claimed = answered(
      await waitingRoom.takePass({ params: { roomId: room.roomId } }, asHolder(request.call, held.ticket)),
      ['not-your-turn', 'ticket-invalid'],
    );
    if (isProblem(claimed)) {
      return page(
        request,
        room,
        problemSlug(claimed) === 'ticket-invalid' ? goneBy(claimed.problem.why) : { ...given, pollAfterS: 1 },
        cookies,
      );
    }
    const nowMs = ctx.clock.nowMs();
    const admitted = [...cookies, ...keepPass(claimed.body, nowMs)];
    const { to } = waysOf(request, room);
    if (!request.wantsJson) return { kind: 'redirect', to, cookies: admitted };
    return { kind: 'json', status: 200, body: { ...newsFor(request.locale, given, nowMs), go: to }, cookies: admitted };
  }

  async function page(
    request: PageRequest,
    room: Pick<Room, 'roomId'> & Partial<Room>,
    { view, pollAfterS }: Seen,
    cookies: readonly Cookie[],
  ): Promise<PageReply> {
    const nowMs = ctx.clock.nowMs();
    if (request.wantsJson) {
      return { kind: 'json', status: 200, body: newsFor(request.locale, { view, pollAfterS }, nowMs), cookies };
    }
    const { roomId, state, name } = room;
    const roomName = state === undefined ? undefined : (name ?? roomText(request.locale).nameless);
    const ways = waysOf(request, room);
    const html = pages.render(request.locale, { roomId, roomName, view, ...ways, nowMs, pollAfterS });
    const { contentSecurityPolicy } = pages;
    const shown = { kind: 'page', html, cookies, contentSecurityPolicy } as const;
    return view.kind === 'busy' ? { ...shown, status: 503, retryAfterS: pollAfterS } : { ...shown, status: 200 };
  }

  function newsFor(locale: Locale, { view, pollAfterS }: Seen, nowMs: number): RoomNews {
    return newsOf({ view, text: roomText(locale), format: pages.format(locale), nowMs, pollAfterS });
  }

  /** Where the visitor wants to go, and where there is something to look at. */
  function waysOf({ locale, query, form }: PageRequest, { saleId }: Partial<Room>) {
    const salePath = saleId === undefined ? undefined : localPath(locale, `/sales/${saleId}`);
    return { salePath, to: ownPath(form.get('to') ?? query.get('to')) ?? salePath ?? localPath(locale, '/') };
  }

  /** A new place for who has lost his, or has used his pass. */
  async function lineUp(request: PageRequest): Promise<PageReply> {
    const roomId = roomIdOf(request);
    const room = await findRoom(request, roomId);
    if (isProblem(room)) throw refuse('not-found');
    // Whether cookies are kept is tried there.
    const mayTake = hasQueue(room) && keepsCookies(request) === true;
    const seen = mayTake ? await takeTicket(request, room) : {};
    if (isProblem(seen)) {
      return workFirst(request, room, seen, { method: 'post', path: `/waiting-room/${roomId}/tickets` });
    }
    const onward = atRoom(request, room, seen);
    return { ...onward, cookies: [...dropPass(roomId), ...(onward.cookies ?? [])] };
  }

  /** Whatever is said of his ticket, he holds no place after it. */
  async function leave(request: PageRequest): Promise<PageReply> {
    const roomId = roomIdOf(request);
    if (!isKnownTo(request, roomId) && isProblem(await findRoom(request, roomId))) throw refuse('not-found');
    const held = heldTicket(request, roomId);
    if (held !== undefined) {
      const asked = { params: { roomId } };
      answered(await waitingRoom.leaveLine(asked, asHolder(request.call, held.ticket)), [
        'not-found',
        'ticket-invalid',
        'conflict',
      ]);
    }
    return { ...atRoom(request, { roomId }, {}), cookies: keepLeft(roomId) };
  }

  // Who waits in line is not to be turned away from the line; and how far he is costs what a program's question costs.
  const inLine = { importance: 'core', isContinuation: true } as const;
  const byScript = { scriptCostUnits: 0.2 };
  return [
    {
      method: 'GET',
      path: '/waiting-room/:roomId',
      ...inLine,
      ...byScript,
      handle: (request) => orBusy(request, show),
      atOnce: news,
    },
    { method: 'POST', path: '/waiting-room/:roomId/tickets', ...inLine, handle: lineUp },
    {
      method: 'GET',
      path: '/waiting-room/:roomId/leave',
      ...inLine,
      ...byScript,
      handle: (request) => orBusy(request, showLeaving),
    },
    { method: 'POST', path: '/waiting-room/:roomId/leave', ...inLine, handle: leave },
  ];
}

/** `why`: as the API says of a ticket whose place is gone. */
function goneBy(why: unknown): Seen {
  const kind = why === 'expired' ? 'missed' : why === 'left' || why === 'used' || why === 'missed' ? why : 'lost';
  return { view: { kind }, pollAfterS: busyRetryS };
}

function hasQueue({ state }: Room): boolean {
  return state !== 'off' && state !== 'over';
}

function isKnownTo(request: PageRequest, roomId: string): boolean {
  return heldTicket(request, roomId) !== undefined || hasLeft(request, roomId);
}

function roomIdOf({ params: { roomId = '' } }: PageRequest): string {
  if (!isUuid(roomId)) throw refuse('not-found');
  return roomId.toLowerCase();
}
