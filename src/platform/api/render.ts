import type { FastifyReply, FastifyRequest } from 'fastify';
import { commonHeaders, jsonType, problemJson, problemType } from './answer.ts';
import { areBytes, mediaTypesOf } from './bytes.ts';
import type { CacheLabel, LabelHeaders } from './cache-labels.ts';
import { cacheControlOf, matchesIfNoneMatch, notFoundControlOf } from './conditional.ts';
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
  /** `request` of a problem that is the handler's own answer: a 404 may be kept then. */
  problem(reply: ProblemReply, requestId: string, request?: FastifyRequest): Rendered;
}

/** Turns replies of one route into bytes. `warn` is told once of each problem that the contract does not list. */
export function createRenderer(
  route: Route,
  warn: (fields: object, message: string) => void,
  labelHeaders: LabelHeaders,
): Renderer {
  const routeId = `${route.method} ${route.path}`;
  const cacheControl = cacheControlOf(route);
  const isRead = route.method === 'GET';
  const withBody = commonHeaders(jsonType, cacheControl);
  const withoutBody = commonHeaders(undefined, cacheControl);
  const problemHeaders = commonHeaders(problemType, 'no-store');
  const addLabels = createLabels(route, labelHeaders, { isAnnounced: route.cache?.isAnnounced === true });
  const notFoundHeaders = createNotFoundHeaders(route, labelHeaders);
  const documented = documentedProblems(route);
  const undocumented = new Set<string>();
  const bodiless = new Set(
    Object.entries(route.responses)
      .filter(([, schema]) => (schema as { type?: unknown }).type === 'null')
      .map(([status]) => Number(status)),
  );

  const givesBytes = new Map(
    Object.entries(route.responses).flatMap(([status, schema]) => {
      const mediaTypes = mediaTypesOf(schema);
      return mediaTypes === undefined ? [] : [[Number(status), mediaTypes] as const];
    }),
  );
  const payloadOf = (reply: SuccessReply, fastifyReply: FastifyReply) =>
    bodiless.has(reply.status) ? undefined : (reply.json ?? serialise(reply, fastifyReply, routeId));

  return {
    success(reply, request, fastifyReply) {
      const { status, headers: given } = reply;
      const etag = given?.etag;
      const mediaTypes = givesBytes.size === 0 ? undefined : givesBytes.get(status);
      const bytes = mediaTypes === undefined ? undefined : bytesIn(reply, mediaTypes, routeId);
      const payload = bytes === undefined ? payloadOf(reply, fastifyReply) : bytes.payload;
      const headers = bytes?.headers(cacheControl) ?? (payload === undefined ? withoutBody : withBody).slice();
      if (given !== undefined) addGiven(headers, given);
      // What the handler itself has to say about keeping it goes before what the contract says.
      if (given?.['cache-control'] === undefined) addLabels?.(headers, request);
      const ifNoneMatch = isRead && etag !== undefined ? request.raw.headers['if-none-match'] : undefined;
      if (ifNoneMatch !== undefined && etag !== undefined && matchesIfNoneMatch(ifNoneMatch, etag)) {
        return { status: 304, headers, payload: undefined, contentType: undefined, location: undefined };
      }
      const contentType = payload === undefined ? undefined : (bytes?.contentType ?? jsonType);
      return { status, headers, payload, contentType, location: given?.location };
    },
    problem(reply, requestId, request) {
      const slug = problemSlug(reply);
      if (!documented.has(slug as ProblemSlug) && !undocumented.has(slug)) {
        undocumented.add(slug);
        warn({ route: routeId, slug }, 'a handler answers with a problem that its contract does not list');
      }
      const kept = reply.status === 404 ? request && notFoundHeaders?.(request) : undefined;
      const headers = kept ?? problemHeaders.slice();
      for (const name in reply.headers) headers.push(name, reply.headers[name as keyof typeof reply.headers] ?? '');
      // Who is given it later did not send this request.
      const payload = problemJson(reply.problem, kept === undefined ? requestId : undefined);
      return { status: reply.status, headers, payload, contentType: problemType, location: undefined };
    },
  };
}

/** Tells shared caches by what they can be purged of the route's answers; undefined for a route that they must not keep. */
function createLabels({ cache }: Route, labelHeaders: LabelHeaders, { isAnnounced }: Pick<CacheLabel, 'isAnnounced'>) {
  if (!cache?.shared || cache.tags === undefined) return undefined;
  const { tags } = cache;
  return (headers: string[], { params, query }: FastifyRequest): void => {
    const given = { params: (params ?? {}) as Values, query: (query ?? {}) as Values };
    headers.push(...labelHeaders({ tags: tags(given), isAnnounced }));
  };
}

type Values = Record<string, unknown>;

/** The headers of a 404 that shared caches may keep; undefined where nobody may, and for who shows a token. */
function createNotFoundHeaders(route: Route, labelHeaders: LabelHeaders) {
  const control = notFoundControlOf(route);
  if (control === undefined) return undefined;
  const common = commonHeaders(problemType, control);
  // To a CDN it is as short: a purge that it missed would hide what has come to be for an hour.
  const addLabels = createLabels(route, labelHeaders, { isAnnounced: false });
  return (request: FastifyRequest): string[] | undefined => {
    if (request.raw.headers.authorization !== undefined) return undefined;
    const headers = common.slice();
    addLabels?.(headers, request);
    return headers;
  };
}

function bytesIn({ status, body }: SuccessReply, mediaTypes: readonly string[], routeId: string) {
  if (!areBytes(body, mediaTypes)) throw new Error(`${routeId} answers ${status} without bytes of its media types`);
  const { contentType, bytes } = body;
  const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { payload, contentType, headers: (cacheControl: string) => commonHeaders(contentType, cacheControl) };
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
  if (given['content-security-policy'] !== undefined) {
    headers.push('content-security-policy', given['content-security-policy']);
  }
  if (given['cache-control'] !== undefined) replaceCacheControl(headers, given['cache-control']);
}

function replaceCacheControl(headers: string[], value: string): void {
  headers[headers.indexOf('cache-control') + 1] = value;
}
