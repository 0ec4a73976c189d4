import type { ServerResponse } from 'node:http';
import type { Server } from 'node:net';

/** Names and values in turn, as lines of a head. They must be ours: nothing checks them. */
export function linesOf(headers: readonly string[]): string {
  let lines = '';
  for (let at = 0; at < headers.length; at += 2) lines += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return lines;
}

/** What an answer must say of the connection that it leaves open, as Node writes it; each line with its end. */
export function keepAliveLines(response: ServerResponse): string {
  const { server } = response.socket as { server?: Server & { keepAliveTimeout?: number } };
  const seconds = Math.floor((server?.keepAliveTimeout ?? 0) / 1000);
  return seconds > 0 ? `connection: keep-alive\r\nkeep-alive: timeout=${seconds}\r\n` : 'connection: keep-alive\r\n';
}

/**
 * Whether an answer that is held ready as bytes may be written for this one: an HTTP/1.1 GET whose connection stays open, and
 * whose turn it is. Node does all the rest better: it waits for answers to what was asked before, and ends connections.
 */
export function takesWhole(response: ServerResponse): boolean {
  const { req, socket } = response;
  return (
    socket !== null &&
    !socket.destroyed &&
    !response.headersSent &&
    response.shouldKeepAlive &&
    req.method === 'GET' &&
    req.httpVersionMajor === 1 &&
    req.httpVersionMinor === 1 &&
    (response as Internals).maxRequestsOnConnectionReached !== true
  );
}

/**
 * Answers with these bytes, head and all, of this status: one write, in place of the making, checking and joining of a head. Only where
 * `takesWhole`. Whoever listens to the response sees it finish as any other.
 */
export function sendWhole(response: ServerResponse, status: number, bytes: Buffer, body?: Buffer): void {
  const { socket } = response;
  const internals = response as Internals;
  response.statusCode = status;
  // To Node a head was made and sent, so that all it has left to do is to end the answer. It has had these two, and libraries
  // have relied on them, since version 0.4; whole-answer.test.ts tells if that changes.
  internals._header = 'whole';
  internals._headerSent = true;
  if (body === undefined) socket?.write(bytes);
  else {
    socket?.cork();
    socket?.write(bytes);
    socket?.write(body);
  }
  response.end();
}

type Internals = ServerResponse & {
  _header: string | null;
  _headerSent: boolean;
  readonly maxRequestsOnConnectionReached?: boolean;
};
