import type { Pass } from '../../edge/waiting-room/api.ts';
import { isUuid } from '../../platform/database/id.ts';
import type { Cookie, PageRequest } from '../site/page-request.ts';

/**
 * Begins the names of the cookies that hold a browser's tickets, one for each room; kept from scripts. The value is how many
 * were ahead when the place was first known (empty before), `~`, and the ticket: the shop keeps nothing of who waits.
 */
const ticketCookie = 'onrush_ticket_';
/** And of its passes. */
const passCookie = 'onrush_pass_';
/** Until when the pass is good, Unix milliseconds, for scripts of pages that are the same for everyone. */
const untilCookie = 'onrush_in_';

/** In place of a ticket: this browser has left the line, and none of its pages is to take a place by itself. */
const left = 'left';
// All its pages have looked by then. Who comes by a link later begins anew.
const leftKeptS = 3600;

// Longer than anybody queues. A ticket that nobody shows any more is worth nothing long before.
const ticketKeptS = 24 * 3600;
// As in the contract of quotes.
const cookieLengthMax = 1_000;

export interface HeldTicket {
  readonly ticket: string;
  readonly startAhead: number | undefined;
}

export function heldTicket(request: Pick<PageRequest, 'cookies'>, roomId: string): HeldTicket | undefined {
  return heldTickets(request).get(roomId);
}

/** The tickets that the browser holds, by room. */
export function heldTickets({ cookies }: Pick<PageRequest, 'cookies'>): ReadonlyMap<string, HeldTicket> {
  const tickets = new Map<string, HeldTicket>();
  for (const [roomId, value] of ofRooms(cookies, ticketCookie)) {
    const [, ahead = '', ticket] = /^(\d{0,12})~([\w.-]+)$/.exec(value) ?? [];
    if (ticket !== undefined) tickets.set(roomId, { ticket, startAhead: ahead === '' ? undefined : Number(ahead) });
  }
  return tickets;
}

export function keepTicket(roomId: string, { ticket, startAhead }: HeldTicket): Cookie {
  return { name: ticketCookie + roomId, value: `${startAhead ?? ''}~${ticket}`, maxAgeS: ticketKeptS };
}

export function keepPass({ roomId, pass, expiresAtMs }: Pass, nowMs: number): Cookie[] {
  const maxAgeS = Math.max(1, Math.ceil((expiresAtMs - nowMs) / 1000));
  return [
    { name: passCookie + roomId, value: pass, maxAgeS },
    { name: untilCookie + roomId, value: String(expiresAtMs), maxAgeS, isReadable: true },
  ];
}

export function dropPass(roomId: string): Cookie[] {
  return [
    { name: passCookie + roomId, value: '', maxAgeS: 0 },
    { name: untilCookie + roomId, value: '', maxAgeS: 0, isReadable: true },
  ];
}

/** The room's business with this browser is done: the next time it begins anew. */
export function dropRoom(roomId: string): Cookie[] {
  return [...dropPass(roomId), { name: ticketCookie + roomId, value: '', maxAgeS: 0 }];
}

/** It has left the line, and what it held of the room is forgotten. */
export function keepLeft(roomId: string): Cookie[] {
  return [...dropPass(roomId), { name: ticketCookie + roomId, value: left, maxAgeS: leftKeptS }];
}

export function hasLeft({ cookies }: Pick<PageRequest, 'cookies'>, roomId: string): boolean {
  return cookies.get(ticketCookie + roomId) === left;
}

/** The passes that the browser holds, by room. */
export function heldPasses({ cookies }: Pick<PageRequest, 'cookies'>): ReadonlyMap<string, string> {
  return new Map(ofRooms(cookies, passCookie));
}

function* ofRooms(cookies: PageRequest['cookies'], prefix: string): Iterable<readonly [roomId: string, value: string]> {
  for (const [name, value] of cookies) {
    if (!name.startsWith(prefix)) continue;
    const roomId = name.slice(prefix.length);
    if (isUuid(roomId) && value !== '' && value.length <= cookieLengthMax) yield [roomId, value];
  }
}
