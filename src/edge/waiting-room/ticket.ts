import type { Signer } from '../../platform/signing/signer.ts';

/**
 * A place in a line, held by the waiter alone: the server knows how many tickets there are, and nothing of any of them. Signed,
 * so that it cannot be made up, and bound to its buyer, so that it is worth nothing to another.
 */
export interface Ticket {
  readonly roomId: string;
  /** From 0, in the order of asking; undefined for one that was given out when nobody queued. */
  readonly number: number | undefined;
  readonly buyerId: string;
  readonly issuedAtMs: number;
  /** When its holder last asked: the heartbeat travels with the ticket. */
  readonly seenAtMs: number;
  /** Once it is known, so that the lot is reckoned once for each ticket. */
  readonly place: number | undefined;
  /** The lot that the place was reckoned by (`lotIdOf`): by a process that has not heard of a new one yet, it may be an old one. */
  readonly lotId: number | undefined;
}

/** As it is signed: names of one letter, because it is sent every few seconds. */
interface TicketPayload {
  readonly r: string;
  readonly n?: number;
  readonly b: string;
  readonly i: number;
  readonly s: number;
  readonly p?: number;
  readonly l?: number;
}

export function signTicket(signer: Signer, ticket: Ticket): string {
  const { roomId, number, buyerId, issuedAtMs, seenAtMs, place, lotId } = ticket;
  const payload: TicketPayload = {
    r: roomId,
    b: buyerId,
    i: issuedAtMs,
    s: seenAtMs,
    ...(number !== undefined && { n: number }),
    ...(place !== undefined && { p: place, ...(lotId !== undefined && { l: lotId }) }),
  };
  return signer.sign('ticket', payload);
}

/** The ticket, if it was issued here for this room. */
export function readTicket(signer: Signer, token: string | undefined, roomId: string): Ticket | undefined {
  if (token === undefined || token.length > tokenLengthMax) return undefined;
  // Its shape needs no second check: nobody else can have signed it.
  const payload = signer.verify('ticket', token) as TicketPayload | undefined;
  if (payload === undefined || payload.r !== roomId) return undefined;
  const { n, b, i, s, p, l } = payload;
  return { roomId, number: n, buyerId: b, issuedAtMs: i, seenAtMs: s, place: p, lotId: l };
}

/** The room that a ticket was issued for; undefined where it was not issued here. */
export function roomOfTicket(signer: Signer, token: string | undefined): string | undefined {
  if (token === undefined || token.length > tokenLengthMax) return undefined;
  return (signer.verify('ticket', token) as TicketPayload | undefined)?.r;
}

/** What a place became: the right to one order, for some minutes, of one buyer. */
export interface PassToken {
  readonly roomId: string;
  readonly place: number;
  readonly buyerId: string;
  readonly expiresAtMs: number;
}

export function signPass(signer: Signer, { roomId, place, buyerId, expiresAtMs }: PassToken): string {
  return signer.sign('pass', { r: roomId, p: place, b: buyerId, e: expiresAtMs });
}

export function readPass(signer: Signer, token: string): PassToken | undefined {
  if (token.length > tokenLengthMax) return undefined;
  const payload = signer.verify('pass', token) as { r: string; p: number; b: string; e: number } | undefined;
  return payload && { roomId: payload.r, place: payload.p, buyerId: payload.b, expiresAtMs: payload.e };
}

/** Ours are a third of it. */
const tokenLengthMax = 1_000;
