import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { commonHeaders, rawProblem, writeAnswer, writeProblem } from './answer.ts';
import { nextTraceparent, requestIdOf } from './call.ts';
import type { Failures } from './fault.ts';
import { type ProblemReply, problem, problemSlug } from './problem.ts';
import type { RouteRecorder } from './record.ts';
import type { ErrorPage, Site } from './site.ts';

/** Answers to requests that never reach a route's handler. */
export interface EarlyAnswers {
  onError(error: unknown, request: FastifyRequest, reply: FastifyReply): void;
  onNotFound(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): void;
  /** What Node could not even parse: there is a socket, but no request. */
  onClientError(error: Error & { code?: string }, socket: Socket): void;
  onExpectation(request: IncomingMessage, response: ServerResponse): void;
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export function createEarlyAnswers(host: {
  nextRequestId: () => string;
  failures: Failures;
  recorder: RouteRecorder;
  site?: Site;
}): EarlyAnswers {
  const answer = (
    raw: IncomingMessage,
    response: ServerResponse,
    reply: ProblemReply | ((call: { requestId: string; traceparent: string }) => ProblemReply),
    headers?: Record<string, string>,
  ) => {
    const traceparent = nextTraceparent(raw.headers.traceparent as string | undefined);
    const call = { requestId: requestIdOf(raw, host.nextRequestId), traceparent };
    const told = typeof reply === 'function' ? reply(call) : reply;
    // What is left of a body that nobody reads would be taken for the next request.
    const isUnread =
      !raw.readableEnded && (raw.headers['content-length'] ?? raw.headers['transfer-encoding']) !== undefined;
    const extra = isUnread ? { ...headers, connection: 'close' } : { ...headers };
    const page = isForPeople(raw) ? host.site?.errorPage(raw, told.status, problemSlug(told)) : undefined;
    const isTaken =
      page === undefined
        ? writeProblem(response, told, call.requestId, extra)
        : writePage(response, page, told, { ...extra, 'x-request-id': call.requestId });
    host.recorder.record(isTaken ? told.status : undefined, 0, call);
  };

  return {
    onError(error, request, reply) {
      const { raw } = request;
      const routeId = `${raw.method} ${request.routeOptions.url ?? 'unknown'}`;
      answer(raw, reply.raw, (call) => host.failures.replyTo(error, { call, routeId, response: reply.raw }));
    },
    onNotFound(app, { raw }, reply) {
      const path = (raw.url ?? '').split('?', 1)[0] ?? '';
      const allowed = methods.filter((method) => app.findRoute({ method, url: path }) !== null).join(', ');
      if (allowed === '') answer(raw, reply.raw, problem('not-found'));
      else if (raw.method === 'OPTIONS') {
        writeAnswer(reply.raw, 204, [...commonHeaders(undefined, 'no-store'), 'allow', allowed], undefined);
      } else answer(raw, reply.raw, problem('method-not-allowed'), { allow: allowed });
    },
    onClientError: refuseUnread(unreadProblem),
    onExpectation: (request, response) => answer(request, response, problem('expectation-failed')),
  };
}

/** Why Node could not read a request. */
export type Unread = 'header-too-large' | 'request-timeout' | 'bad-request';

/** Answers what Node could not read, and ends the connection. */
export function refuseUnread(problemOf: (why: Unread) => ProblemReply): EarlyAnswers['onClientError'] {
  return (error, socket) => {
    // Node keeps the answer that is under way here; a second one in its middle would be read as part of it.
    const { _httpMessage: underWay } = socket as { _httpMessage?: ServerResponse | null };
    if (error.code === 'ECONNRESET' || !socket.writable || underWay?.headersSent) return void socket.destroy();
    socket.end(rawProblem(problemOf(whyUnread(error.code))));
  };
}

/** Who reads HTML, and does not ask the API. */
export function isForPeople({ headers, url = '' }: Pick<IncomingMessage, 'headers' | 'url'>): boolean {
  return readsHtml(headers) && !isOfApi(url);
}

export function readsHtml({ accept = '' }: IncomingMessage['headers']): boolean {
  return /\btext\/html\b/i.test(accept);
}

export function isOfApi(url: string): boolean {
  return /^\/(?:v1|internal)(?:[/?]|$)/.test(url);
}

function writePage(
  response: ServerResponse,
  page: ErrorPage,
  { status, headers }: ProblemReply,
  extraHeaders: Readonly<Record<string, string>>,
): boolean {
  const lines = ['content-type', 'text/html; charset=utf-8', 'cache-control', 'no-store', ...page.headers];
  for (const [name, value] of Object.entries({ ...headers, ...extraHeaders })) lines.push(name, value);
  return writeAnswer(response, status, lines, page.html);
}

function whyUnread(code: string | undefined): Unread {
  if (code === 'HPE_HEADER_OVERFLOW') return 'header-too-large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request-timeout' : 'bad-request';
}

function unreadProblem(why: Unread): ProblemReply {
  return why === 'bad-request' ? problem(why, { detail: 'This is not a valid HTTP request.' }) : problem(why);
}
