import type { ServerResponse } from 'node:http';
import type { Problem, ProblemReply } from './problem.ts';

/**
 * Answers are written straight to Node's response, with their headers as one flat list: Fastify's reply, its serialiser
 * lookup and its hooks would cost about as much again as the rest of a cached read. So no `onSend` hook sees them.
 */

export const jsonType = 'application/json; charset=utf-8';
export const problemType = 'application/problem+json; charset=utf-8';

/** Headers of every answer, names and values in turn. */
const everywhere = ['x-content-type-options', 'nosniff'] as const;

/** Writes a whole answer. Returns false if nobody is there to read it. */
export function writeAnswer(
  response: ServerResponse,
  status: number,
  headers: string[],
  payload: string | Buffer | undefined,
): boolean {
  if (response.headersSent || response.destroyed) return false;
  if (payload === undefined) {
    if (status !== 204 && status !== 304) headers.push('content-length', '0');
    response.writeHead(status, headers);
    response.end();
    return true;
  }
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  headers.push('content-length', String(length));
  response.writeHead(status, headers);
  // As many bytes as characters: plain ASCII, which Node writes faster when it need not look for more.
  if (typeof payload === 'string' && length === payload.length) response.end(payload, 'latin1');
  else response.end(payload);
  return true;
}

export function commonHeaders(contentType: string | undefined, cacheControl: string): string[] {
  const headers: string[] = [...everywhere, 'cache-control', cacheControl];
  return contentType === undefined ? headers : [...headers, 'content-type', contentType];
}

export function writeProblem(
  response: ServerResponse,
  reply: ProblemReply,
  requestId: string,
  extraHeaders: Readonly<Record<string, string>> = {},
): boolean {
  const headers = [...commonHeaders(problemType, 'no-store'), 'x-request-id', requestId];
  for (const [name, value] of Object.entries({ ...reply.headers, ...extraHeaders })) headers.push(name, value);
  return writeAnswer(response, reply.status, headers, problemJson(reply.problem, requestId));
}

export function problemJson(problem: Problem, requestId?: string): string {
  return JSON.stringify(requestId === undefined ? problem : { ...problem, requestId });
}

/** A whole HTTP/1.1 response, for a socket whose request could not be read. It ends the connection. */
export function rawProblem(reply: ProblemReply): string {
  const body = problemJson(reply.problem);
  return [
    `HTTP/1.1 ${reply.status} ${reasonOf(reply.status)}`,
    `Content-Type: ${problemType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

function reasonOf(status: number): string {
  if (status === 408) return 'Request Timeout';
  return status === 431 ? 'Request Header Fields Too Large' : 'Bad Request';
}
