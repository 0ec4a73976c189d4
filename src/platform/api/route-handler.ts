import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import type { Clock } from '../context/context.ts';
import { type Listed, type Roster, unlisted } from '../roster/roster.ts';
import type { Features } from '../switches/features.ts';
import { writeAnswer } from './answer.ts';
import { mediaTypesOf } from './bytes.ts';
import type { LabelHeaders } from './cache-labels.ts';
import {
  asCall,
  bearerOf,
  type ClientSource,
  deadlineOf,
  HttpCall,
  refusedDeadline,
  requestIdOf,
  takesKeyInQuery,
} from './call.ts';
import { createCheck } from './check.ts';
import { networksOfSite, siteOf } from './client-prefix.ts';
import type { Call, Route, StreamEvent } from './contract.ts';
import { isKeyRequired } from './documented.ts';
import type { EventStreams } from './event-stream.ts';
import type { Failures } from './fault.ts';
import { type IdempotencyHeader, type IdempotencyStore, idempotencyHeaderOf, missingKey } from './idempotency.ts';
import type { HttpLimits } from './limits.ts';
import { createOnce, type Once } from './once.ts';
import { isProblem, type ProblemReply, problem } from './problem.ts';
import type { RouteRecorder } from './record.ts';
import { type AnyReply, createRenderer, type Rendered } from './render.ts';
import { refuseWhileOff } from './switched-off.ts';
import type { Validation } from './validation.ts';
import { type MeterOf, unmetered } from './work.ts';

/** A handler without the types of its route. */
export type AnyHandler = (request: { params: unknown; query: unknown; body: unknown }, call: Call) => Promise<AnyReply>;

/** What all routes of a server share. */
export interface RouteHost {
  readonly clock: Clock;
  readonly limits: HttpLimits;
  readonly validation: Validation;
  readonly idempotency: IdempotencyStore;
  readonly streams: EventStreams;
  /** What is being answered now, for the deadlines. */
  readonly open: Roster<Exchange>;
  nextRequestId(): string;
  readonly failures: Failures;
  readonly labelHeaders: LabelHeaders;
  readonly meterOf?: MeterOf | undefined;
  readonly features: Features;
  isStopping(): boolean;
  warn(fields: object, message: string): void;
  readonly client?: ClientSource | undefined;
}

/** One request and its answer. */
export interface Exchange extends Listed {
  readonly call: HttpCall;
  readonly response: ServerResponse;
  readonly startedAtMs: number;
  isAnswered: boolean;
  /** Answers 504 in place of a handler that is late. */
  readonly expire: (exchange: Exchange) => void;
}

/** What an event stream is counted under: a name that no two things share, how many may be open, and what is said when they are. */
interface StreamCount {
  readonly name: string;
  readonly max: number;
  readonly whenFull: ProblemReply;
}

const timedOut = problem('timeout');
const tooLate = problem(
  'overloaded',
  { detail: 'It could not have been answered in time, so it was not begun.' },
  { 'retry-after': '1' },
);
const tooManyStreams = problem('overloaded', {}, { 'retry-after': '5' });
const tooManyHere = problem(
  'too-many-requests',
  { detail: 'As many event streams of this resource are open as may be; close one first.' },
  { 'retry-after': '5' },
);
const tooManyOfClient = problem(
  'too-many-requests',
  { detail: 'As many event streams are open from this address, or its network, as may be; close one first.' },
  { 'retry-after': '5' },
);
const noHeader: IdempotencyHeader = { kind: 'absent' };

/**
 * The one function between Fastify and a handler: all that a route's policy says is worked out here, once, so that a
 * request pays only for what its own route needs. Fastify has routed the request and read its body; nothing of Fastify
 * runs after it.
 */
export function createRouteHandler(
  route: Route,
  handler: AnyHandler,
  recorder: RouteRecorder,
  host: RouteHost,
): RouteHandlerMethod {
  const { clock, limits, open, streams } = host;
  const meter = host.meterOf?.(route) ?? unmetered;
  const check = createCheck(route, host.validation);
  const render = createRenderer(route, host.warn, host.labelHeaders);
  const streamsOfOneMax = route.streamsMax ?? limits.streamsPerResourceMax;
  const takesKey = takesKeyInQuery(route);
  const readsHeader = isKeyRequired(route) || route.idempotency === 'honoured';
  const isKeptHere = readsHeader && route.idempotency !== 'required-native';
  // Neither the fingerprint of a request nor the answer that is kept has words for bytes.
  const isJson = [route.body, ...Object.values(route.responses)].every((schema) => mediaTypesOf(schema) === undefined);
  assert(isJson || !isKeptHere, `${recorder.routeId} moves bytes: it must be idempotent by nature`);
  const once = isKeptHere ? createOnce(route, host.idempotency, host.warn) : undefined;

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { raw } = request;
    const response = reply.raw;
    const header = readsHeader ? idempotencyHeaderOf(raw) : noHeader;
    const call = new HttpCall(raw, response, {
      requestId: requestIdOf(raw, host.nextRequestId),
      deadlineAtMs: deadlineOf(raw, clock, limits),
      credential: takesKey ? credentialOf(request) : bearerOf(raw),
      idempotencyKey: header.kind === 'given' ? header.key : undefined,
      rawBody: request.rawBody,
      client: host.client,
    });
    if (response.destroyed) {
      // Who has gone while his body was read, or while he waited to be seen, is not worked for.
      recorder.record(undefined, 0, asCall(call));
      return;
    }
    const exchange: Exchange = {
      call,
      response,
      startedAtMs: performance.now(),
      isAnswered: false,
      expire,
      rosterIndex: unlisted,
    };
    open.add(exchange);
    meter.begin();
    let rendered: Rendered | undefined;
    try {
      const refused = refusedDeadline(raw) ?? refusedNow(call) ?? check(request) ?? refusedKey(header);
      if (refused !== undefined) rendered = render.problem(refused, call.requestId);
      else if (once !== undefined && header.kind === 'given')
        rendered = await answerOnce(once, header.key, request, reply, call);
      else if (route.isStream) rendered = await answerWithEvents(exchange, request);
      else rendered = renderReply(await handler(partsOf(request), asCall(call)), request, reply, call);
    } catch (error) {
      const about = { call: asCall(call), routeId: recorder.routeId, response };
      rendered = render.problem(host.failures.replyTo(error, about), call.requestId);
    }
    if (open.delete(exchange)) meter.end(performance.now() - exchange.startedAtMs);
    if (rendered !== undefined) finish(exchange, rendered);
  }

  async function answerOnce(once: Once, key: string, request: FastifyRequest, reply: FastifyReply, call: HttpCall) {
    const { query, body } = request;
    const parts = partsOf(request);
    const { params } = parts;
    const keyed = { key, credential: call.credential, url: request.raw.url ?? '', params, query, body };
    const run = async () => renderReply(await handler(parts, asCall(call)), request, reply, call);
    const result = await once(keyed, run);
    return 'problem' in result ? render.problem(result, call.requestId) : result;
  }

  /** Undefined when the events have been sent, or as many of them as the client stayed for. */
  async function answerWithEvents(exchange: Exchange, request: FastifyRequest): Promise<Rendered | undefined> {
    const { call, response } = exchange;
    const parts = partsOf(request);
    const counts = streamCounts(call.clientPrefix, parts.params);
    const full = fullStreams(counts);
    if (full !== undefined) return render.problem(full, call.requestId);
    const result = await handler(parts, asCall(call));
    if (isProblem(result)) return render.problem(result, call.requestId);
    const events = result.body as AsyncIterable<StreamEvent>;
    // Only who was let in takes a place, and others were let in meanwhile.
    const fullNow = fullStreams(counts);
    if (fullNow !== undefined || exchange.isAnswered) {
      await events[Symbol.asyncIterator]().return?.();
      return fullNow && render.problem(fullNow, call.requestId);
    }
    exchange.isAnswered = true;
    // From here on it is meant to last: no deadline.
    open.delete(exchange);
    meter.end(performance.now() - exchange.startedAtMs);
    recorder.record(200, performance.now() - exchange.startedAtMs, asCall(call));
    const names = counts.map(({ name }) => name);
    await streams.run(response, events, call, names);
    return undefined;
  }

  function streamCounts(clientPrefix: string | undefined, params: unknown): StreamCount[] {
    const resource = { name: JSON.stringify([recorder.routeId, params]), max: streamsOfOneMax, whenFull: tooManyHere };
    if (clientPrefix === undefined) return [resource];
    const ofClient = { max: limits.streamsPerClientMax, whenFull: tooManyOfClient };
    const client = { ...ofClient, name: `client ${clientPrefix}` };
    const siteId = siteOf(clientPrefix);
    if (siteId === undefined) return [client, resource];
    return [client, { ...ofClient, name: `site ${siteId}`, max: networksOfSite * ofClient.max }, resource];
  }

  function fullStreams(counts: readonly StreamCount[]): ProblemReply | undefined {
    if (streams.count >= limits.streamsMax) return tooManyStreams;
    return counts.find(({ name, max }) => streams.countOf(name) >= max)?.whenFull;
  }

  function renderReply(result: AnyReply, request: FastifyRequest, reply: FastifyReply, call: HttpCall): Rendered {
    return isProblem(result) ? render.problem(result, call.requestId, request) : render.success(result, request, reply);
  }

  function partsOf(request: FastifyRequest) {
    return {
      params: route.params === undefined ? undefined : request.params,
      query: route.query === undefined ? undefined : request.query,
      body: route.body === undefined ? undefined : request.body,
    };
  }

  /** What is not begun at all, whatever it asks for. */
  function refusedNow(call: HttpCall): ProblemReply | undefined {
    if (call.deadlineAtMs <= clock.nowMs()) return tooLate;
    return route.feature === undefined ? undefined : refuseWhileOff(host.features, route.feature);
  }

  function refusedKey(header: IdempotencyHeader): ProblemReply | undefined {
    if (header.kind === 'refused') return header.reply;
    return header.kind === 'absent' && isKeyRequired(route) ? missingKey : undefined;
  }

  function finish(exchange: Exchange, rendered: Rendered): void {
    if (exchange.isAnswered) return;
    exchange.isAnswered = true;
    const { call, response } = exchange;
    rendered.headers.push('x-request-id', call.requestId);
    // Else the client keeps the connection that the server waits for.
    if (host.isStopping()) rendered.headers.push('connection', 'close');
    const isTaken = writeAnswer(response, rendered.status, rendered.headers, rendered.payload);
    recorder.record(isTaken ? rendered.status : undefined, performance.now() - exchange.startedAtMs, asCall(call));
  }

  function expire(exchange: Exchange): void {
    finish(exchange, render.problem(timedOut, exchange.call.requestId));
    exchange.call.abort();
  }

  // Nothing is returned to Fastify: a promise would have it wait and look at the reply once more.
  return (request, reply) => {
    answer(request, reply).catch((error: unknown) => host.failures.lost(error, reply.raw));
  };
}

/** The bearer token, or the capability in the link; it is taken out of the query, which no schema needs to name it in. */
function credentialOf(request: FastifyRequest): string | undefined {
  const query = request.query as { key?: unknown };
  const { key } = query;
  if (typeof key === 'string') delete query.key;
  return bearerOf(request.raw) ?? (typeof key === 'string' ? key : undefined);
}
