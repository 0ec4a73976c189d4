import type { FastifyReply, FastifyRequest } from 'fastify';
import { commonHeaders, jsonType, problemJson, problemType } from './answer.ts';
import { cacheControlOf, matchesIfNoneMatch } from './conditional.ts';
import type { ReplyHeaders, Route } from './contract.ts';
import { documentedProblems } from './documented.ts';
import { type ProblemReply, type ProblemSlug, problemSlug } from './problem.ts';

/** What a handler returns, without the types of its route. */
export type AnyReply = SuccessReply | ProblemReply;

export interface SuccessReply {
  readonly status: number;
  readonly body?: unknown;
  readonly json?: string | Buffer;
  readonly headers?: ReplyHeaders;
}

/** An answer ready to be written, and kept. */
export interface Rendered {
  readonly status: number;
  /** Names and values in turn, without `content-length` and `x-request-id`. */
  readonly headers: string[];
  readonly payload: string | Buffer | undefined;
  readonly contentType: string | undefined;
  readonly location: string | undefined;
}

export interface Renderer {
  success(reply: SuccessReply, request: FastifyRequest, fastifyReply: FastifyReply): Rendered;
  problem(reply: ProblemReply, requestId: string): Rendered;
}

/** Turns replies of one route into bytes. `warn` is told once of each problem that the contract does not list. */
export function createRenderer(route: Route, warn: (fields: object, message: string) => void): Renderer {
  const routeId = `${route.method} ${route.path}`;
  const cacheControl = cacheControlOf(route);
  const isRead = route.method === 'GET';
  const withBody = commonHeaders(jsonType, cacheControl);
  const withoutBody = commonHeaders(undefined, cacheControl);
  const problemHeaders = commonHeaders(problemType, 'no-store');
  const documented = documentedProblems(route);
  const undocumented = new Set<string>();
  const bodiless = new Set(
    Object.entries(route.responses)
      .filter(([, schema]) => (schema as { type?: unknown }).type === 'null')
      .map(([status]) => Number(status)),
  );

  return {
    success(reply, request, fastifyReply) {
      const { status, headers: given } = reply;
      const etag = given?.etag;
      const payload = bodiless.has(status) ? undefined : (reply.json ?? serialise(reply, fastifyReply, routeId));
      const headers = (payload === undefined ? withoutBody : withBody).slice();
      if (given !== undefined) addGiven(headers, given);
      const ifNoneMatch = isRead && etag !== undefined ? request.raw.headers['if-none-match'] : undefined;
      if (ifNoneMatch !== undefined && etag !== undefined && matchesIfNoneMatch(ifNoneMatch, etag)) {
        return { status: 304, headers, payload: undefined, contentType: undefined, location: undefined };
      }
      const contentType = payload === undefined ? undefined : jsonType;
      return { status, headers, payload, contentType, location: given?.location };
    },
    problem(reply, requestId) {
      const slug = problemSlug(reply);
      if (!documented.has(slug as ProblemSlug) && !undocumented.has(slug)) {
        undocumented.add(slug);
        warn({ route: routeId, slug }, 'a handler answers with a problem that its contract does not list');
      }
      const headers = problemHeaders.slice();
      for (const name in reply.headers) headers.push(name, reply.headers[name as keyof typeof reply.headers] ?? '');
      const payload = problemJson(reply.problem, requestId);
      return { status: reply.status, headers, payload, contentType: problemType, location: undefined };
    },
  };
}

/** By the contract's schema: faster than JSON.stringify, and what the contract does not name stays inside. */
function serialise(reply: SuccessReply, fastifyReply: FastifyReply, routeId: string): string {
  const serializer = fastifyReply.getSerializationFunction(String(reply.status)) as
    | ((body: unknown) => string)
    | undefined;
  if (serializer === undefined) throw new Error(`${routeId} answers with ${reply.status}, which its contract lacks`);
  return serializer(reply.body);
}

function addGiven(headers: string[], given: ReplyHeaders): void {
  if (given.etag !== undefined) headers.push('etag', `"${given.etag}"`);
  if (given.location !== undefined) headers.push('location', given.location);
  if (given['retry-after'] !== undefined) headers.push('retry-after', given['retry-after']);
  if (given['cache-control'] !== undefined) replaceCacheControl(headers, given['cache-control']);
}

function replaceCacheControl(headers: string[], value: string): void {
  headers[headers.indexOf('cache-control') + 1] = value;
}
