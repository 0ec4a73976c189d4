import assert from 'node:assert/strict';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Metrics } from '../telemetry/telemetry.ts';
import { commonHeaders, problemJson, problemType, writeAnswer } from './answer.ts';
import type { ClientAddress, ClientAddressOf } from './client-address.ts';
import type { ClientLimits } from './client-limits.ts';
import { networksOfSite } from './client-prefix.ts';
import type { Gate } from './gate.ts';
import { isHost } from './host.ts';
import type { HttpLimits } from './limits.ts';
import { cutIfSilent } from './overdue.ts';
import { type ProblemReply, problem } from './problem.ts';

export interface ConnectionsOptions {
  readonly addressOf: ClientAddressOf;
  readonly clientLimits?: ClientLimits;
  readonly limits: Pick<
    HttpLimits,
    | 'headerCountMax'
    | 'connectionsMax'
    | 'connectionsPerClientMax'
    | 'requestsPerConnectionMax'
    | 'pipelinedMax'
    | 'bytesPerSMin'
    | 'slowGraceMs'
  >;
  /** Milliseconds that have passed since whenever. */
  readonly timeMs: () => number;
  /** Left out, nothing is counted. */
  readonly metrics?: Metrics;
}

/** What a server is made with whose connections are watched. */
export function watchedServer(headersTimeoutMs: number) {
  return {
    headersTimeout: headersTimeoutMs,
    // How often Node looks for clients that are too slow; its half a minute would let them stay three times as long.
    connectionsCheckingInterval: Math.min(headersTimeoutMs, 5_000),
    // Node would refuse without a word; the gate says what is missing.
    requireHostHeader: false,
  };
}

/** Often enough that whoever is slow is not there for twice as long as he may be. */
export const sweepEveryMs = 2_000;

export interface Connections {
  /** Refuses what one connection may not ask; goes before all other gates. */
  readonly gate: Gate;
  /** Cuts off those that are too slow; to be called every `sweepEveryMs`. */
  sweep(): void;
}

type Reason = 'too-often' | 'too-many' | 'too-many-of-one' | 'made-room' | 'slow-sender' | 'slow-reader';

interface Connection {
  readonly socket: Socket;
  /** Those that it is counted with: its client's, and its end site's where it has one. Undefined for whom no limit of clients holds. */
  readonly siblings: readonly Siblings[] | undefined;
  /** The oldest answer that was under way when the last request came, and how many came after its request. */
  response: ServerResponse | undefined;
  request: IncomingMessage | undefined;
  pipelinedCount: number;
  requestCount: number;
  /** Bytes read and when the sweep saw the last of them. */
  readBytes: number;
  quietSinceMs: number;
  sending: Progress | undefined;
  reading: Progress | undefined;
}

/** The connections of one client, or of all clients of one end site. */
interface Siblings {
  readonly name: string;
  readonly max: number;
  /** How many of them are looked at for one that can make room. */
  readonly candidatesMax: number;
  readonly open: Set<Connection>;
}

/** How far a transfer was at the beginning of the stretch in which it is watched. */
interface Progress {
  readonly sinceMs: number;
  readonly fromBytes: number;
  readonly of: object;
}

const headerFlood = problem('header-too-large', { detail: 'There are more headers than a request needs.' });
// RFC 9112, 3.2, wants all refused: of two, whoever stands before us may have believed the other one.
const noHost = problem('bad-request', { detail: 'There is no Host header.' });
const falseHost = problem('bad-request', { detail: 'The Host header is not a host.' });
const severalHosts = problem('bad-request', { detail: 'There is more than one Host header.' });
const pipelineFlood = problem(
  'too-many-requests',
  { detail: 'Wait for the answers to what was sent over this connection before you send more.' },
  { 'retry-after': '1' },
);
// Where all places are taken, or a site's, so many are looked at for one that can make room.
const candidatesMax = 64;
// So many more are kept of a flood of headers as it takes to know it for one; Node would leave the rest out without a word.
const headersToTell = 20;

/**
 * Watches over a server's connections, below HTTP: how many there are and of whom, how fast they send and read. Of `server`
 * nobody else may take the listener of connections away afterwards.
 */
export function watchConnections(server: Server, options: ConnectionsOptions): Connections {
  const { addressOf, clientLimits, limits, timeMs } = options;
  const [take] = server.listeners('connection') as ((socket: Socket) => void)[];
  assert(take !== undefined, 'an HTTP server listens to its connections');
  server.removeListener('connection', take);
  server.maxHeadersCount = limits.headerCountMax + headersToTell;
  server.on('timeout', cutIfSilent);

  // In the order in which they came, but for those that were found busy when room was wanted.
  const all = new Set<Connection>();
  const ofSocket = new WeakMap<Socket, Connection>();
  const siblingsBy = new Map<string, Siblings>();
  const cuts = options.metrics?.counter('onrush_http_connections_cut_total', 'Connections that were cut off.', [
    'reason',
  ]);
  options.metrics?.gauge('onrush_http_connections', 'Connections that are open.', () => all.size);

  server.on('connection', (socket: Socket) => {
    const client = addressOf({ socket, headers: {} });
    const siblings = isBounded(client) ? siblingsOf(client) : undefined;
    const reason = refusalOf(client, siblings);
    if (reason !== undefined) return cut(socket, reason);
    const connection = open(socket, siblings);
    socket.once('close', () => close(connection));
    take.call(server, socket);
  });

  function refusalOf(client: ClientAddress, siblings: readonly Siblings[] | undefined): Reason | undefined {
    if (siblings !== undefined) {
      if (clientLimits?.admitsConnection(client) === false) return 'too-often';
      const isTooMany = siblings.some(
        ({ open, max, candidatesMax }) => open.size >= max && !makeRoom(open, candidatesMax),
      );
      if (isTooMany) return 'too-many-of-one';
    }
    return all.size >= limits.connectionsMax && !makeRoom(all, candidatesMax) ? 'too-many' : undefined;
  }

  function isBounded(client: ClientAddress): boolean {
    return !client.isProxy && clientLimits?.isExempt(client) !== true;
  }

  function siblingsOf({ address, prefix, network }: ClientAddress): Siblings[] {
    const max = limits.connectionsPerClientMax;
    const known = (name: string, bounds: Pick<Siblings, 'max' | 'candidatesMax'>) =>
      siblingsBy.get(name) ?? { name, ...bounds, open: new Set<Connection>() };
    const ofClient = known(prefix, { max, candidatesMax: max });
    // Of IPv4 the address itself is the prefix, and its neighbours are others.
    return prefix === address ? [ofClient] : [ofClient, known(network, { max: networksOfSite * max, candidatesMax })];
  }

  function open(socket: Socket, siblings: readonly Siblings[] | undefined): Connection {
    const connection: Connection = {
      socket,
      siblings,
      response: undefined,
      request: undefined,
      pipelinedCount: 0,
      requestCount: 0,
      readBytes: 0,
      quietSinceMs: timeMs(),
      sending: undefined,
      reading: undefined,
    };
    all.add(connection);
    for (const each of siblings ?? []) {
      siblingsBy.set(each.name, each);
      each.open.add(connection);
    }
    ofSocket.set(socket, connection);
    return connection;
  }

  function close(connection: Connection): void {
    all.delete(connection);
    for (const each of connection.siblings ?? []) {
      each.open.delete(connection);
      // Told twice of one that was cut: by then there may be a set of those that came since.
      if (each.open.size === 0 && siblingsBy.get(each.name) === each) siblingsBy.delete(each.name);
    }
  }

  /** As nginx does when it runs out of them: whoever has been silent for longest and is owed nothing makes room. */
  function makeRoom(among: Set<Connection>, countMax: number): boolean {
    let quietest: Connection | undefined;
    let count = 0;
    for (const connection of among) {
      if (++count > countMax) break;
      if (isBusy(connection)) {
        // Not asked first the next time.
        among.delete(connection);
        among.add(connection);
      } else if (quietest === undefined || connection.quietSinceMs < quietest.quietSinceMs) quietest = connection;
    }
    if (quietest === undefined) return false;
    close(quietest);
    cut(quietest.socket, 'made-room');
    return true;
  }

  function cut(socket: Socket, reason: Reason): void {
    cuts?.add(1, { reason });
    // Without the wait for its last word that would keep a place of it.
    socket.resetAndDestroy();
  }

  function pass(request: IncomingMessage, response: ServerResponse, onward: () => void): void {
    const connection = ofSocket.get(request.socket);
    // Whoever is exempt, and a trusted proxy, asks as often as he needs over one connection.
    const isBoundedOne = connection?.siblings !== undefined;
    if (connection !== undefined) {
      const isPipelined = connection.response !== undefined && !isOver(connection.response);
      connection.pipelinedCount = isPipelined ? connection.pipelinedCount + 1 : 0;
      if (!isPipelined) connection.response = response;
      connection.request = request;
      // Node's own `maxRequestsPerSocket` only asks the client to close.
      const isLast = ++connection.requestCount >= limits.requestsPerConnectionMax;
      if (isBoundedOne && isLast) response.shouldKeepAlive = false;
    }
    const hostCount = countHosts(request.rawHeaders);
    if (request.rawHeaders.length > 2 * limits.headerCountMax) refuse(response, headerFlood);
    else if (hostCount > 1) refuse(response, severalHosts);
    else if (hostCount === 0 && request.httpVersion === '1.1') refuse(response, noHost);
    else if (!isHost(request.headers.host ?? '')) refuse(response, falseHost);
    else if (isBoundedOne && connection.pipelinedCount >= limits.pipelinedMax) {
      // What follows the one that ends the connection is not answered.
      if (connection.pipelinedCount === limits.pipelinedMax) refuse(response, pipelineFlood);
    } else onward();
  }

  function sweep(): void {
    const nowMs = timeMs();
    for (const connection of all) {
      const reason = tooSlow(connection, nowMs);
      if (reason !== undefined) cut(connection.socket, reason);
      letGo(connection);
    }
  }

  /** Of what is over nothing is asked any more, and a connection may wait long for its next request. */
  function letGo(connection: Connection): void {
    if (connection.response !== undefined && isOver(connection.response)) connection.response = undefined;
    if (connection.request?.complete === true) connection.request = undefined;
  }

  function tooSlow(connection: Connection, nowMs: number): Reason | undefined {
    const { socket, request } = connection;
    const { bytesRead } = socket;
    if (bytesRead !== connection.readBytes) {
      connection.readBytes = bytesRead;
      connection.quietSinceMs = nowMs;
    }
    connection.sending =
      request !== undefined && isSending(request) ? progress(connection.sending, request, bytesRead, nowMs) : undefined;
    if (isStalled(connection.sending, bytesRead, nowMs)) return 'slow-sender';
    const sentBytes = socket.writableLength > 0 ? takenBytes(socket) : undefined;
    connection.reading = sentBytes === undefined ? undefined : progress(connection.reading, socket, sentBytes, nowMs);
    return sentBytes !== undefined && isStalled(connection.reading, sentBytes, nowMs) ? 'slow-reader' : undefined;
  }

  /** Begins anew after each stretch that was fast enough: who was fast once has no credit for ever. */
  function progress(known: Progress | undefined, of: object, bytes: number, nowMs: number): Progress {
    const isOn = known?.of === of && (nowMs - known.sinceMs <= limits.slowGraceMs || isStalled(known, bytes, nowMs));
    return isOn ? known : { of, sinceMs: nowMs, fromBytes: bytes };
  }

  function isStalled(progress: Progress | undefined, bytes: number, nowMs: number): boolean {
    if (progress === undefined) return false;
    const elapsedMs = nowMs - progress.sinceMs;
    return elapsedMs > limits.slowGraceMs && bytes - progress.fromBytes < (elapsedMs / 1000) * limits.bytesPerSMin;
  }

  return { gate: { name: 'connections', pass }, sweep };
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

function refuse(response: ServerResponse, reply: ProblemReply): void {
  const headers = [...commonHeaders(problemType, 'no-store'), 'connection', 'close'];
  for (const [name, value] of Object.entries(reply.headers ?? {})) headers.push(name, value);
  writeAnswer(response, reply.status, headers, problemJson(reply.problem));
}

/** Whether more of its body is awaited, and taken: a handler that passes it on takes it as fast as it is taken there. */
function isSending(request: IncomingMessage): boolean {
  return !request.complete && !request.destroyed && request.readableLength < request.readableHighWaterMark;
}

function isOver(response: ServerResponse): boolean {
  return response.writableFinished || response.destroyed;
}

function isBusy({ socket, response }: Connection): boolean {
  return socket.writableLength > 0 || (response !== undefined && !isOver(response));
}

/** What the system has taken of what was written; a large chunk is not one step. */
function takenBytes(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: { bytesWritten: number; writeQueueSize: number } | null };
  return handle === undefined || handle === null ? 0 : handle.bytesWritten - handle.writeQueueSize;
}
