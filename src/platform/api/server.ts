import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import fastify, {
  type FastifyHttpOptions,
  type FastifyInstance,
  LogController,
  type onRequestHookHandler,
  type RouteHandlerMethod,
} from 'fastify';
import type { Clock } from '../context/context.ts';
import { Roster } from '../roster/roster.ts';
import { everythingOn, type Features } from '../switches/features.ts';
import type { Log, Metrics } from '../telemetry/telemetry.ts';
import { takeBytes, takeJson } from './body.ts';
import { mediaTypesOf } from './bytes.ts';
import { type LabelHeaders, standardLabels } from './cache-labels.ts';
import { bearerOf, type ClientSource, createRequestIds } from './call.ts';
import { type ClientAddressOf, createClientAddress } from './client-address.ts';
import type { ClientLimits } from './client-limits.ts';
import { type ConnectionsOptions, sweepEveryMs, watchConnections, watchedServer } from './connections.ts';
import type { Contract, Route } from './contract.ts';
import { addDocs } from './docs.ts';
import { createEarlyAnswers, type EarlyAnswers, isOfApi } from './early.ts';
import { createEventStreams } from './event-stream.ts';
import { createFailures } from './fault.ts';
import { behindGates, type Gate, type RequestListener } from './gate.ts';
import type { IdempotencyStore } from './idempotency.ts';
import { standaloneSchema } from './json-schema.ts';
import { defaultLimits, type HttpLimits } from './limits.ts';
import { createOpenApi } from './openapi.ts';
import { addPages } from './pages.ts';
import { addProbes } from './probes.ts';
import { type AccessLog, createRecorder } from './record.ts';
import { refuse } from './refusal.ts';
import { type AnyHandler, createRouteHandler, type Exchange, type RouteHost } from './route-handler.ts';
import type { Site } from './site.ts';
import { createValidation } from './validation.ts';
import { createWireLane } from './wire-lane.ts';
import type { MeterOf } from './work.ts';

/** A service as the server hosts it; its handlers' types are between it and its contract. */
export interface HostedService {
  readonly contract: Contract;
  readonly handlers: { readonly [route: string]: (request: never, call: never) => Promise<object> };
}

export interface HttpServerOptions {
  readonly services: readonly HostedService[];
  /** Decides who is the shop's staff, in constant time for equal lengths: the token comes from whoever likes to guess. */
  readonly admin: { isAdmin(token: string): boolean };
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  /** Why this process should not be sent requests now; none if it should. */
  readonly readiness: () => Promise<readonly string[]>;
  readonly idempotency: IdempotencyStore;
  /** Pages for people beside the API. */
  readonly site?: Site;
  /** Whose request it is; by default whoever the connection comes from. */
  readonly addressOf?: ClientAddressOf;
  /** How much a client may ask for before there is a request that passes a gate; without it, as much as there is room for. */
  readonly clientLimits?: ClientLimits;
  /** What every request passes before it is routed or answered from a kept page, in this order. */
  readonly gates?: readonly Gate[];
  /** How shared caches are told by what to purge an answer; as most of them read it by default. */
  readonly labelHeaders?: LabelHeaders;
  /** What those pass besides that neither a gate nor a kept page has answered. */
  readonly innerGates?: readonly Gate[];
  /** Told of the work that requests make. */
  readonly meterOf?: MeterOf;
  /** Which features work at present; by default all. */
  readonly features?: Features;
  /** Who sends a request, for handlers that count by network; left out, nobody does. */
  readonly client?: ClientSource;
  readonly limits?: Partial<HttpLimits>;
  readonly accessLog?: AccessLog;
  /** Told of an assertion that failed, after the request that hit it was answered: the process must stop. */
  readonly onBug?: (error: unknown) => void;
}

/**
 * The HTTP side of services, derived from their contracts: every route that is not internal, with its validation, policy
 * and documentation; and beside them what any server needs: `/v1`, `/openapi.json`, `/docs`, `/problems`, `/livez`, `/readyz`,
 * `/metrics`. `close()` takes no new connections, ends event streams and waits for what is being answered.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const limits = { ...defaultLimits, ...options.limits };
  const addressOf = options.addressOf ?? createClientAddress();
  const nextRequestId = createRequestIds();
  const failures = createFailures(options);
  const recorderOf = createRecorder(
    options.log,
    options.metrics,
    options.accessLog ?? { sampleEvery: 0, slowMs: 1000 },
  );
  const early = createEarlyAnswers({
    nextRequestId,
    failures,
    recorder: recorderOf('unrouted'),
    ...(options.site && { site: options.site }),
  });
  const app = fastify(serverOptions(limits, early));
  const lifetime = createLifetime(app, limits, options.clock);

  const host: RouteHost = {
    ...lifetime.shared,
    clock: options.clock,
    limits,
    validation: createValidation(),
    idempotency: options.idempotency,
    nextRequestId,
    failures,
    labelHeaders: options.labelHeaders ?? standardLabels,
    meterOf: options.meterOf,
    features: options.features ?? everythingOn,
    warn: (fields, message) => options.log.warn(fields, message),
    client: options.client,
  };
  options.metrics.gauge('onrush_http_requests_open', 'Requests that are being answered.', () => host.open.size);
  options.metrics.gauge('onrush_http_event_streams', 'Event streams that are open.', () => host.streams.count);

  takeJson(app, { depthMax: limits.depthMax, keepsRawBody: false, isBodyOptional: false });
  app.setErrorHandler(early.onError);
  app.setNotFoundHandler((request, reply) => early.onNotFound(app, request, reply));
  for (const { contract, handlers } of options.services) {
    for (const [name, route] of Object.entries(contract.routes)) {
      if (route.scope === 'internal') continue;
      const handler = handlers[name] as AnyHandler | undefined;
      assert(handler !== undefined, `the service ${contract.name} has no handler for ${name}`);
      const routeHandler = createRouteHandler(
        route,
        handler,
        recorderOf(`${route.method} ${route.path}`, route.importance),
        host,
      );
      addRoute(app, route, routeHandler, options, limits);
    }
  }
  const document = createOpenApi({ contracts: options.services.map(({ contract }) => contract), info: options.info });
  addPages(app, { info: options.info, document, addressOf });
  addDocs(app, { title: options.info.title });
  addProbes(app, { ...options, isStopping: () => lifetime.shared.isStopping() });
  const { site } = options;
  if (site !== undefined) {
    const siteHost = {
      nextRequestId,
      recorderOf,
      meterOf: options.meterOf,
      addressOf,
      client: options.client,
      isStopping: () => lifetime.shared.isStopping(),
    };
    app.register(async (scope) => site.attach(scope, siteHost));
  }
  answerFromTheWire(app, options, limits);
  answerBeforeRouting(app.server, early, {
    ...options,
    gates: [watch(app, { ...options, addressOf }, limits), ...(options.gates ?? [])],
  });
  return app;
}

/** Routing and Fastify's request and reply would cost a page from memory more than all the rest of its answer. */
function answerBeforeRouting(
  server: Server,
  { onExpectation }: Pick<EarlyAnswers, 'onExpectation'>,
  { site, gates = [], innerGates = [] }: Pick<HttpServerOptions, 'site' | 'gates' | 'innerGates'>,
): void {
  const [routed] = server.listeners('request') as RequestListener[];
  assert(routed !== undefined, 'Fastify listens to its server before any other does');
  server.removeListener('request', routed);
  const worked = behindGates(innerGates, routed);
  const kept: RequestListener = (request, response) => {
    if (!site?.answerAtOnce?.(request, response)) worked(request, response);
  };
  server.on('request', behindGates(gates, kept));
  server.on('checkExpectation', behindGates(gates, onExpectation));
}

/** Below the lane for pages, so that it sees every connection. */
function watch(
  app: FastifyInstance,
  options: Pick<ConnectionsOptions, 'addressOf' | 'clientLimits' | 'metrics'>,
  limits: HttpLimits,
): Gate {
  const connections = watchConnections(app.server, { ...options, limits, timeMs: () => performance.now() });
  const sweep = setInterval(connections.sweep, sweepEveryMs);
  sweep.unref();
  app.addHook('onClose', async () => clearInterval(sweep));
  return connections.gate;
}

function answerFromTheWire(
  app: FastifyInstance,
  {
    site,
    clientLimits,
    gates = [],
    innerGates = [],
  }: Pick<HttpServerOptions, 'site' | 'clientLimits' | 'gates' | 'innerGates'>,
  limits: HttpLimits,
): void {
  const readersOf = (some: readonly Gate[]) => some.flatMap((gate) => gate.onWire?.bind(gate) ?? []);
  const outer = readersOf(gates);
  const readers = [...outer, ...readersOf(innerGates)];
  // What the site answers at once never meets the inner gates, and what that is it tells only of requests that Node has made.
  const readersFor = (url: string) => (site?.answerAtOnce === undefined || isOfApi(url) ? readers : outer);
  if (site?.wireAnswer === undefined && readers.length === 0) return;
  const lane = createWireLane(app.server, {
    answer(request) {
      const isPage = request.method === 'GET' && request.headers.authorization === undefined;
      const page = isPage ? site?.wireAnswer?.(request, () => clientLimits?.admitsPage(request) !== false) : undefined;
      if (page !== undefined) return page;
      const admit = () => (clientLimits === undefined ? '' : clientLimits.admitOnWire(request));
      for (const read of readersFor(request.url)) {
        const answer = read(request, admit);
        if (answer !== undefined) return answer;
      }
      return undefined;
    },
    firstBytesTimeoutMs: limits.headersTimeoutMs,
    idleTimeoutMs: limits.keepAliveTimeoutMs,
    headBytesMax: limits.headerBytesMax,
  });
  let drain: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    lane.stop();
    drain = setTimeout(() => lane.destroy(), limits.drainMs).unref();
  });
  app.addHook('onClose', async () => clearTimeout(drain));
}

function serverOptions(limits: HttpLimits, early: EarlyAnswers): FastifyHttpOptions<Server> {
  return {
    logController: new LogController({ disableRequestLogging: true }),
    // Ids are made by the route handler, which also knows what was sent.
    genReqId: () => '',
    bodyLimit: limits.bodyBytesMax,
    routerOptions: { maxParamLength: limits.paramLengthMax },
    // Requests that still come over open connections are answered; Fastify's own refusal is no problem document.
    return503OnClosing: false,
    frameworkErrors: early.onError,
    clientErrorHandler: early.onClientError,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionTimeout: limits.idleTimeoutMs,
    http: {
      maxHeaderSize: limits.headerBytesMax,
      ...watchedServer(Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs)),
    },
  };
}

function addRoute(
  app: FastifyInstance,
  route: Route,
  handler: RouteHandlerMethod,
  { admin }: HttpServerOptions,
  limits: HttpLimits,
): void {
  const definition = {
    method: route.method,
    url: route.path,
    handler,
    bodyLimit: route.bodyLimitBytes ?? limits.bodyBytesMax,
    // Asking for the headers of a stream would begin it.
    exposeHeadRoute: route.isStream !== true,
    schema: { response: responseSchemas(route) },
    ...(route.scope === 'admin' ? { onRequest: onlyAdmin(admin) } : {}),
  };
  const mediaTypes = mediaTypesOf(route.body);
  const { keepsRawBody = false, isBodyOptional = false } = route;
  if (mediaTypes === undefined && !keepsRawBody && !isBodyOptional) app.route(definition);
  else {
    // A scope of its own, so that only these requests carry their bytes, or may say any type of a body that is empty.
    app.register(async (scope) => {
      if (mediaTypes === undefined) takeJson(scope, { depthMax: limits.depthMax, keepsRawBody, isBodyOptional });
      else takeBytes(scope, mediaTypes);
      scope.route(definition);
    });
  }
}

function responseSchemas(route: Route): Record<string, unknown> {
  if (route.isStream) return {};
  const bodies = Object.entries(route.responses).filter(
    ([, schema]) => (schema as { type?: unknown }).type !== 'null' && mediaTypesOf(schema) === undefined,
  );
  return Object.fromEntries(bodies.map(([status, schema]) => [status, standaloneSchema(schema, { isClosed: false })]));
}

/** Before the body is read: staff may send megabytes, others not. */
function onlyAdmin(admin: HttpServerOptions['admin']): onRequestHookHandler {
  return (request, _reply, done) => {
    const token = bearerOf(request.raw);
    if (token !== undefined && admin.isAdmin(token)) return done();
    const challenge = token === undefined ? 'Bearer realm="admin"' : 'Bearer realm="admin", error="invalid_token"';
    done(refuse('unauthorised', {}, { 'www-authenticate': challenge }));
  };
}

/** What begins with the server and ends with it. */
function createLifetime(app: FastifyInstance, limits: HttpLimits, clock: Clock) {
  const open = new Roster<Exchange>();
  const streams = createEventStreams({ heartbeatMs: limits.heartbeatMs });
  let isStopping = false;
  let drain: NodeJS.Timeout | undefined;
  // A timer for each request would cost every one of them; the few that are late wait a quarter of a second more.
  const sweep = setInterval(() => {
    const nowMs = clock.nowMs();
    for (const exchange of open.snapshot()) if (exchange.call.deadlineAtMs <= nowMs) exchange.expire(exchange);
  }, 250);
  sweep.unref();

  app.addHook('preClose', async () => {
    isStopping = true;
    streams.stop();
    drain = setTimeout(() => app.server.closeAllConnections(), limits.drainMs);
    drain.unref();
  });
  app.addHook('onClose', async () => {
    clearTimeout(drain);
    clearInterval(sweep);
  });
  return { shared: { open, streams, isStopping: () => isStopping } };
}
