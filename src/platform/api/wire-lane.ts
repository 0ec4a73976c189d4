import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { cutIfSilent } from './overdue.ts';
import { createTurnEnd } from './turn-end.ts';
import { createWireBox, type WireAnswer } from './wire-box.ts';
import { parseHead, type WireRequest } from './wire-request.ts';

export interface WireLaneOptions {
  /**
   * A whole HTTP/1.1 response, for a connection that stays open, now or in a moment; undefined for what is not held ready.
   * What it rejects with is met again, and told, on the way through Node's server. So is who has to be refused.
   */
  answer(request: WireRequest): WireAnswer | Promise<WireAnswer | undefined> | undefined;
  /** How long a new connection may be silent, as Node's `headersTimeout`. */
  readonly firstBytesTimeoutMs: number;
  /** How long a connection waits for its next request. */
  readonly idleTimeoutMs: number;
  readonly headBytesMax: number;
}

// How long a client has to take its last bytes and close, once its connection was ended between two requests.
const lingerMs = 1_000;

// Beyond this much that a client has not read, nothing more is written for it here.
const unreadBytesMax = 256 * 1024;

export interface WireLane {
  /** Ends what waits for a request; a client that does not close within a second is cut off. */
  stop(): void;
  /**
   * Cuts off every connection there is. Node's `closeAllConnections` knows those only with which its HTTP has begun, and
   * `close` waits for all of them.
   */
  destroy(): void;
}

/**
 * Answers the plainest of requests straight from the socket, where the answer is ready as bytes. Node's HTTP
 * (a parser's callbacks, a request, a response) costs three times as much as reading and writing the bytes; and a page that is
 * looked at by everyone at once, and a refusal of those who are too many, are nothing but that. `npm run bench -- pages` has the figures.
 *
 * It understands only what is beyond doubt. A request whose answer is not ready is given to Node's HTTP server whole, and the lane goes on
 * once that is answered. At the first that is anything else (a second chunk, a doubtful header, a request that does not wait for the
 * answer to the one before) the connection is Node's for good, with the bytes that have been read: so there is one implementation
 * of HTTP, and this is not it. Since Node was given whole requests only, both always stand at the same byte.
 */
export function createWireLane(server: Server, options: WireLaneOptions): WireLane {
  const [take] = server.listeners('connection') as ((socket: Socket) => void)[];
  assert(take !== undefined, 'an HTTP server listens to its connections');
  server.removeListener('connection', take);
  // Those whose next request the lane reads; those that it owes an answer; and all, whoever has them.
  const waiting = new Set<Socket>();
  const owed = new Set<Socket>();
  const all = new Set<Socket>();
  const turnEnd = createTurnEnd();
  let isStopping = false;

  const closeIdle = server.closeIdleConnections;
  server.closeIdleConnections = () => {
    // To Node a connection is idle that has no request of its own: it would cut off who is owed an answer here, or reads one still.
    const reading = [...waiting].filter((socket) => socket.writableLength > 0 && isWritten(socket));
    const restore = [...owed, ...reading].map(asWithNode);
    closeIdle.call(server);
    for (const socket of reading) socket.end();
    for (const undo of restore) undo();
  };

  server.on('connection', (socket: Socket) => {
    all.add(socket);
    socket.once('close', () => {
      for (const set of [all, waiting, owed]) set.delete(socket);
    });
    if (isStopping) return take.call(server, socket);
    waiting.add(socket);
    const box = createWireBox(socket, turnEnd);
    /** Node's ear for this connection, once it has been given a request. */
    let nodeHears: ((chunk: Buffer) => void) | undefined;

    /** Answers the requests of a chunk from this byte on. */
    const proceed = (chunk: Buffer, from: number): void => {
      let at = from;
      while (at < chunk.length) {
        if (isStopping || isWithNode(socket)) break;
        if (socket.writableLength + box.length > unreadBytesMax) break;
        const text = chunk.toString('latin1', at, Math.min(chunk.length, at + options.headBytesMax));
        const headEnd = text.indexOf('\r\n\r\n');
        const request = headEnd < 0 ? undefined : parseHead(text.slice(0, headEnd + 4), socket);
        if (request === undefined) break;
        const end = at + headEnd + 4 + request.bodyBytes;
        if (end > chunk.length) break;
        const answer = options.answer(request);
        if (answer === undefined) {
          if (end < chunk.length) break;
          lend(chunk.subarray(at));
          return;
        }
        if (answer instanceof Promise) {
          void wait(answer, chunk, at, end);
          return;
        }
        box.put(answer);
        at = end;
      }
      if (at < chunk.length) handOver(chunk.subarray(at));
    };
    const wait = async (coming: Promise<WireAnswer | undefined>, chunk: Buffer, from: number, to: number) => {
      // It is not among those that a stop may end.
      waiting.delete(socket);
      owed.add(socket);
      socket.pause();
      const answer = await coming.catch(() => undefined);
      owed.delete(socket);
      if (socket.destroyed) return;
      socket.resume();
      if (answer === undefined || isStopping) return handOver(chunk.subarray(from));
      waiting.add(socket);
      box.put(answer);
      proceed(chunk, to);
    };
    let isNew = true;
    const onData = (chunk: Buffer) => {
      if (isNew) {
        isNew = false;
        socket.setTimeout(options.idleTimeoutMs);
      }
      proceed(chunk, 0);
    };
    const onEnd = () => {
      box.send();
      socket.end();
    };
    const onTimeout = () => cutIfSilent(socket);
    const onError = () => socket.destroy();

    /** Node gets this request, which is a whole one, and the lane the next one. */
    function lend(request: Buffer): void {
      // Node may answer at once, and must not be before what was asked before.
      box.send();
      if (nodeHears === undefined) {
        leave();
        take?.call(server, socket);
        // It takes bytes from below unless somebody else listens; and then it is to hear what it is given.
        socket.prependListener('data', onData).prependListener('end', box.send);
        nodeHears = socket.listeners('data').find((listener) => listener !== onData) as typeof nodeHears;
        assert(nodeHears !== undefined, 'Node listens to a connection that it has been given');
        socket.off('data', nodeHears);
      }
      nodeHears.call(socket, request);
    }

    function handOver(rest: Buffer): void {
      waiting.delete(socket);
      if (nodeHears === undefined) {
        box.send();
        leave();
        take?.call(server, socket);
      } else {
        socket.off('data', onData).off('end', box.send).on('data', nodeHears);
        box.send();
      }
      socket.emit('data', rest);
    }

    function leave(): void {
      socket.off('data', onData).off('end', onEnd).off('timeout', onTimeout).off('error', onError);
      socket.setTimeout(0);
    }

    socket.on('data', onData).on('end', onEnd).on('timeout', onTimeout).on('error', onError);
    socket.setTimeout(options.firstBytesTimeoutMs);
  });

  return {
    /** Between two chunks every answer has been written whole, so each connection can end where it is. */
    stop() {
      isStopping = true;
      turnEnd.sendAll();
      const ended = [...waiting].filter((socket) => !isWithNode(socket));
      for (const socket of ended) socket.end();
      // A client that went without a word never closes, and the server would wait for it without end.
      setTimeout(() => {
        // Whoever still reads his page has until the end of the drain.
        for (const socket of ended) if (socket.writableLength === 0) socket.destroy();
      }, lingerMs).unref();
    },
    destroy() {
      for (const socket of all) socket.destroy();
    },
  };
}

/** Node has kept the answer that is being made there since version 0.4; wire-lane.test.ts tells if that changes. */
type WithAnswer = Socket & { _httpMessage?: { readonly finished: boolean } | null };

/** Whether Node owes an answer on this connection. */
function isWithNode(socket: WithAnswer): boolean {
  return (socket._httpMessage ?? null) !== null;
}

/** Whether all that Node owes on this connection has been written, if not sent. */
function isWritten({ _httpMessage: answer }: WithAnswer): boolean {
  return answer?.finished !== false;
}

/** Has Node take it for one on which it owes an answer, until what is returned is called. */
function asWithNode(socket: WithAnswer): () => void {
  const { _httpMessage: own = null } = socket;
  socket._httpMessage = { finished: false };
  return () => {
    socket._httpMessage = own;
  };
}
