import type { ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';

/** Names and values in turn, as lines of a head. They must be ours: nothing checks them. */
export function linesOf(headers: readonly string[]): string {
  let lines = '';
  for (let at = 0; at < headers.length; at += 2) lines += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return lines;
}

/** What the response has been given so far, as lines of a head, but for fields of these names (in lower case). */
export function givenLines(response: ServerResponse, but: ReadonlySet<string>): string {
  let lines = '';
  for (const name of response.getHeaderNames()) {
    if (but.has(name)) continue;
    const value = response.getHeader(name);
    if (Array.isArray(value)) for (const each of value) lines += `${name}: ${each}\r\n`;
    else lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/** What an answer must say of the connection that it leaves open, as Node writes it; each line with its end. */
export function keepAliveLines(socket: Socket | null): string {
  const { server } = (socket ?? {}) as { server?: Server & { keepAliveTimeout?: number } };
  const seconds = Math.floor((server?.keepAliveTimeout ?? 0) / 1000);
  return seconds > 0 ? `connection: keep-alive\r\nkeep-alive: timeout=${seconds}\r\n` : 'connection: keep-alive\r\n';
}

/**
 * Whether an answer with a body that is held ready may be written for this one: an HTTP/1.1 request, not a HEAD, whose connection
 * stays open, and whose turn it is. Node does all the rest better: it waits for answers to what was asked before, and ends connections.
 */
export function takesWhole(response: ServerResponse): boolean {
  const { req, socket } = response;
  return (
    socket?.writable === true &&
    !response.headersSent &&
    response.shouldKeepAlive &&
    req.method !== 'HEAD' &&
    req.httpVersionMajor === 1 &&
    req.httpVersionMinor === 1 &&
    (response as Internals).maxRequestsOnConnectionReached !== true
  );
}

/**
 * Answers with these bytes (or a text of one byte a character), head and all, of this status: one write, in place of the making, checking
 * and joining of a head. Only where `takesWhole`. Whoever listens to the response sees it finish as any other.
 */
export function sendWhole(response: ServerResponse, status: number, bytes: Buffer | string, body?: Buffer): void {
  const { socket } = response;
  const internals = response as Internals;
  response.statusCode = status;
  // To Node a head was made and sent, so that all it has left to do is to end the answer. It has had these two, and libraries
  // have relied on them, since version 0.4; whole-answer.test.ts tells if that changes.
  internals._header = 'whole';
  internals._headerSent = true;
  if (body === undefined) socket?.write(bytes, 'latin1');
  else {
    socket?.cork();
    socket?.write(bytes, 'latin1');
    socket?.write(body);
  }
  response.end();
}

type Internals = ServerResponse & {
  _header: string | null;
  _headerSent: boolean;
  readonly maxRequestsOnConnectionReached?: boolean;
};
