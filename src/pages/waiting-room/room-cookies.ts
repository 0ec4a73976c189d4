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

// Longer than anybody queues. A ticket that nobody shows any more is worth nothing long before.
const ticketKeptS = 24 * 3600;
const tokenLengthMax = 1_000;

export interface HeldTicket {
  readonly ticket: string;
  readonly startAhead: number | undefined;
}

export function heldTicket({ cookies }: Pick<PageRequest, 'cookies'>, roomId: string): HeldTicket | undefined {
  const [, ahead = '', ticket] = /^(\d{0,12})~([\w.-]+)$/.exec(cookies.get(ticketCookie + roomId) ?? '') ?? [];
  if (ticket === undefined || ticket.length > tokenLengthMax) return undefined;
  return { ticket, startAhead: ahead === '' ? undefined : Number(ahead) };
}

export function keepTicket(roomId: string, { ticket, startAhead }: HeldTicket): Cookie {
  return { name: ticketCookie + roomId, value: `${startAhead ?? ''}~${ticket}`, maxAgeS: ticketKeptS };
}

export function keepPass({ roomId, pass, expiresAtMs }: Pass, nowMs: number): Cookie {
  return { name: passCookie + roomId, value: pass, maxAgeS: Math.max(1, Math.ceil((expiresAtMs - nowMs) / 1000)) };
}

export function dropPass(roomId: string): Cookie {
  return { name: passCookie + roomId, value: '', maxAgeS: 0 };
}

/** The passes that the browser holds, by room. */
export function heldPasses({ cookies }: Pick<PageRequest, 'cookies'>): ReadonlyMap<string, string> {
  const passes = new Map<string, string>();
  for (const [name, value] of cookies) {
    if (!name.startsWith(passCookie)) continue;
    const roomId = name.slice(passCookie.length);
    if (isUuid(roomId) && value !== '' && value.length <= tokenLengthMax) passes.set(roomId, value);
  }
  return passes;
}
