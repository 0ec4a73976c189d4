import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Whose request it is, as a number: for turning away the same sessions rather than everybody now and then. It opens nothing,
 * so it need not be beyond doubt, only cheap and the same from one request to the next.
 */
export interface Sessions {
  of(request: IncomingMessage): SessionKeys;
}

export interface SessionKeys {
  /** 32 bits, of the buyer's cookie or the credential; where there is neither, of the connection. */
  readonly session: number;
  /** Of the connection, or of the client's address where a proxy tells it. */
  readonly connection: number;
}

export interface SessionOptions {
  /** Where the request comes from; the connection itself unless a trusted proxy says otherwise. */
  readonly clientOf?: (request: IncomingMessage) => string;
  /** Makes the numbers others than those of another shop. */
  readonly seed: number;
}

const buyerCookie = 'onrush_buyer=';

export function createSessions({ clientOf, seed }: SessionOptions): Sessions {
  // The same for all requests of a connection, unless it carries those of many clients.
  const bySocket = new WeakMap<Socket, number>();
  const connectionOf = (request: IncomingMessage): number => {
    if (clientOf !== undefined) return hashText(clientOf(request), 0, seed);
    const { socket } = request;
    let known = bySocket.get(socket);
    if (known === undefined) {
      // Who shares an address with many others (an office, a mobile network) is told apart from them by the port.
      known = hashText(`${socket.remoteAddress}:${socket.remotePort}`, 0, seed);
      bySocket.set(socket, known);
    }
    return known;
  };
  return {
    of(request) {
      const { cookie, authorization } = request.headers;
      const connection = connectionOf(request);
      const at = cookie === undefined ? -1 : cookie.indexOf(buyerCookie);
      if (cookie !== undefined && at >= 0) {
        return { session: hashText(cookie, at + buyerCookie.length, seed), connection };
      }
      return { session: authorization === undefined ? connection : hashText(authorization, 0, seed), connection };
    },
  };
}

// What is longer is told apart by its beginning: nobody's long header costs us more.
const hashedMax = 96;

/** FNV-1a with Murmur3's last steps: neither need withstand an attacker, who can take another cookie just as well. */
export function hashText(text: string, from: number, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  const end = Math.min(text.length, from + hashedMax);
  for (let index = from; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x3b /* ; */) break;
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const roundMs = 5 * 60_000;

/**
 * A session's place among all, from 0 (let in first) up to 1. Everybody moves up all the time and begins anew at the end, so that within five
 * minutes each has been among the first: the same people are not turned away for ever.
 */
export function placeOf(session: number, nowMs: number): number {
  const place = session / 2 ** 32 - (nowMs % roundMs) / roundMs;
  return place < 0 ? place + 1 : place;
}

/**
 * Which sessions were let in of late, in a megabyte however many come: a table in which the last one of a slot stays. Whoever is
 * pushed out, or taken for another (one in 16,384 of a slot), stands with those who are new, or before them.
 */
export class KnownSessions {
  readonly #slots = new Uint32Array(2 ** 18);
  readonly #keptS: number;

  constructor(keptMs: number) {
    this.#keptS = Math.ceil(keptMs / 1000);
  }

  add(session: number, nowMs: number): void {
    this.#slots[session & 0x3ffff] = ((session & 0xfffc0000) | (secondOf(nowMs) & 0x3ffff)) >>> 0;
  }

  has(session: number, nowMs: number): boolean {
    const slot = this.#slots[session & 0x3ffff] ?? 0;
    if (slot === 0 || ((slot ^ session) & 0xfffc0000) !== 0) return false;
    return ((secondOf(nowMs) - slot) & 0x3ffff) <= this.#keptS;
  }
}

const secondOf = (nowMs: number) => Math.floor(nowMs / 1000) | 0;
