import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { LRUCache } from 'lru-cache';

/** What of a request tells whose it is. */
type SessionRequest = Pick<IncomingMessage, 'headers' | 'socket'>;

/**
 * Whose request it is, as a number: for turning away the same sessions rather than everybody now and then. It opens nothing,
 * so it need not be beyond doubt, only cheap and the same from one request to the next.
 */
export interface Sessions {
  of(request: SessionRequest): Session;
}

export interface Session {
  /** 32 bits, of the buyer's cookie or the credential; where there is neither, of the client. */
  readonly key: number;
  readonly client: Client;
}

/** A connection, or an address where a proxy tells it. */
export interface Client {
  readonly key: number;
  /** When it was last let in. */
  letInAtMs: number | undefined;
  /** The one session that came with it, if any did; when several do (a proxy, an office), it says nothing of any of them. */
  sessionKey: number | 'several' | undefined;
}

export interface SessionOptions {
  /** Where the request comes from if a proxy that is trusted says so; undefined for the connection itself. */
  readonly clientOf?: (request: SessionRequest) => string | undefined;
  /** Which cookie says which session it is. */
  readonly sessionCookie: string;
  /** Makes the numbers others than those of another shop. */
  readonly seed: number;
}

const addressesMax = 20_000;

export function createSessions({ clientOf, sessionCookie, seed }: SessionOptions): Sessions {
  const cookieStart = `${sessionCookie}=`;
  const bySocket = new WeakMap<Socket, Client>();
  const byAddress = new LRUCache<string, Client>({ max: addressesMax });
  const clientOfRequest = ({ socket }: SessionRequest, address: string | undefined): Client => {
    let client = address === undefined ? bySocket.get(socket) : byAddress.get(address);
    if (client === undefined) {
      // Who shares an address with many others (an office, a mobile network) is told apart from them by the port.
      const name = address ?? `${socket.remoteAddress}:${socket.remotePort}`;
      client = { key: hashText(name, 0, seed), letInAtMs: undefined, sessionKey: undefined };
      if (address === undefined) bySocket.set(socket, client);
      else byAddress.set(address, client);
    }
    return client;
  };
  return {
    of(request) {
      const { cookie, authorization } = request.headers;
      const client = clientOfRequest(request, clientOf?.(request));
      const at = cookie === undefined ? -1 : cookie.indexOf(cookieStart);
      if (cookie !== undefined && at >= 0) {
        return { key: hashText(cookie, at + cookieStart.length, seed), client };
      }
      return { key: authorization === undefined ? client.key : hashText(authorization, 0, seed), client };
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
 * Which sessions were let in of late, by their keys, in a megabyte however many come: a table in which the last one of a slot stays. Whoever is
 * pushed out, or taken for another (one in 16,384 of a slot), stands with those who are new, or before them.
 */
export class KnownSessions {
  readonly #slots = new Uint32Array(2 ** 18);
  readonly #keptMs: number;

  constructor(keptMs: number) {
    this.#keptMs = keptMs;
  }

  add({ key, client }: Session, nowMs: number): void {
    client.letInAtMs = nowMs;
    if (key !== client.key)
      client.sessionKey = client.sessionKey === undefined || client.sessionKey === key ? key : 'several';
    this.#slots[key & 0x3ffff] = ((key & 0xfffc0000) | (secondOf(nowMs) & 0x3ffff || 1)) >>> 0;
  }

  has({ key, client }: Session, nowMs: number): boolean {
    // A first visit has no cookie yet: what it is given comes back on the same connection, or from the same address.
    const isOwn = client.sessionKey === undefined || client.sessionKey === key || key === client.key;
    if (isOwn && client.letInAtMs !== undefined && nowMs - client.letInAtMs <= this.#keptMs) return true;
    const slot = this.#slots[key & 0x3ffff] ?? 0;
    if (slot === 0 || ((slot ^ key) & 0xfffc0000) !== 0) return false;
    return ((secondOf(nowMs) - slot) & 0x3ffff) * 1000 <= this.#keptMs;
  }
}

const secondOf = (nowMs: number) => Math.floor(nowMs / 1000) | 0;
