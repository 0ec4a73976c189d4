import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createClientAddress } from '../../platform/api/client-address.ts';
import {
  type ConnectionsOptions,
  sweepEveryMs,
  watchConnections,
  watchedServer,
} from '../../platform/api/connections.ts';
import { refuseUnread } from '../../platform/api/early.ts';
import { defaultLimits as shopLimits } from '../../platform/api/limits.ts';
import { type CacheCore, createCacheCore, type ResponseCacheOptions } from './cache.ts';
import type { EngineRules } from './fetch.ts';
import { methodsPassed, receive } from './forwarding.ts';
import { plainRequestOf } from './plain-request.ts';
import { answerProblem, type ProblemStatus, unreadProblem } from './problem-answer.ts';
import { createUndiciUpstream, type UpstreamLimits } from './undici-upstream.ts';

export interface CacheProxyOptions
  extends Pick<ResponseCacheOptions, 'clock' | 'metrics' | 'bytesMax' | 'bodyBytesMax'> {
  /** By which it signs what it did in `Cache-Status`: a token (RFC 9110, 5.6.2). Default `Onrush-Edge`. */
  readonly name?: string;
  /** The origin: `http://127.0.0.1:7070`. What follows its host is not used. */
  readonly upstream: URL;
  readonly limits?: Partial<UpstreamLimits>;
  /** What clients' connections may do; left out, what those of a shop may. */
  readonly connectionLimits?: Partial<ConnectionsOptions['limits']>;
  /** How long a client may take to send its headers; left out, as long as one of a shop. */
  readonly headersTimeoutMs?: number;
  /** Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses, CIDRs and presets (client-address.ts). */
  readonly trustedProxies?: readonly string[];
  /**
   * Whether somebody tells it what has changed: then it is a CDN to its origin, and what that says to CDNs alone holds for it. A cache
   * picks the fields that are meant for it (RFC 9213, 2.2). Default true.
   */
  readonly isPurged?: boolean;
}

/** A cache before an origin that is reached by URL. */
export interface CacheProxy extends Omit<CacheCore, 'engine' | 'close'> {
  /** Not listening yet. */
  readonly server: Server;
  /** Stops listening, and lets go of every connection once what is being answered is answered, or after `drainMs`. */
  close(drainMs?: number): Promise<void>;
}

/** Not that of the cache in a shop, which may stand behind it. */
export const proxyCacheName = 'Onrush-Edge';

const defaultLimits: UpstreamLimits = {
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 30_000,
  bodyTimeoutMs: 30_000,
  connectionsMax: 256,
};

const surrogateName = 'onrush';

/** As RFC 9111 has it where the origin is silent. */
const proxyRules: Omit<EngineRules, 'bodyBytesMax'> = {
  heuristicFraction: 0.1,
  heuristicMaxS: 24 * 3600,
  storesCookies: true,
  heedsRequestWishes: true,
  staleWhenUnreachableS: 3600,
};

export function createCacheProxy(options: CacheProxyOptions): CacheProxy {
  const { trustedProxies = [], isPurged = true, headersTimeoutMs = shopLimits.headersTimeoutMs } = options;
  const surrogate = isPurged ? { surrogateName } : {};
  // Who is told that a request came by TLS may answer it otherwise, with a redirection as like as not.
  const isBehindProxies = trustedProxies.length > 0;
  const variesBy = isBehindProxies ? ['x-forwarded-proto'] : [];
  const addressOf = createClientAddress({ trustedProxies });
  const { engine, ...core } = createCacheCore(
    { name: proxyCacheName, ...options },
    { ...proxyRules, ...surrogate, variesBy },
  );
  const upstream = createUndiciUpstream(options.upstream, { ...defaultLimits, ...options.limits });
  const hop = {
    addressOf,
    // Of this process alone: two caches behind each other are no loop.
    pseudonym: `onrush-${randomBytes(6).toString('hex')}`,
    upstreamHost: options.upstream.host,
    ...surrogate,
  };
  const answer: RequestListener = (request, response) => {
    if (request.method === 'GET') {
      const plain = plainRequestOf(request.rawHeaders, proxyRules.heedsRequestWishes);
      const scheme = isBehindProxies && addressOf(request).isHttps ? 'https' : 'http';
      const found = plain && engine.hits.find(plain, request.url ?? '', scheme);
      const hit = found && engine.hits.usable(found);
      if (hit !== undefined) return engine.hits.send(hit, response);
    }
    const received = receive(request, hop);
    if (received.kind === 'own-options') {
      request.resume();
      return void response.writeHead(204, { allow: methodsPassed }).end();
    }
    if (received.kind === 'refused') {
      if (received.status === 405) response.setHeader('allow', methodsPassed);
      return turnAway(request, response, received);
    }
    const { key, fields, hasBody } = received;
    const { method = '' } = request;
    const exchange = { method, key, fields, response, upstream };
    const isLooking = method === 'GET' || method === 'HEAD';
    if (isLooking && !hasBody) engine.serve(exchange);
    else engine.pass(exchange, isLooking ? 'bypass' : 'method', hasBody ? request : undefined);
  };
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      requestTimeout: 60_000,
      ...watchedServer(headersTimeoutMs),
      keepAliveTimeout: 72_000,
      insecureHTTPParser: false,
    },
    (request, response) => connections.gate.pass(request, response, () => answer(request, response)),
  );
  const connections = watchConnections(server, {
    addressOf,
    limits: { ...shopLimits, ...options.connectionLimits },
    timeMs: () => performance.now(),
    ...(options.metrics && { metrics: options.metrics }),
  });
  const sweep = setInterval(connections.sweep, sweepEveryMs).unref();
  const refuse = refuseUnread(unreadProblem);
  server.on('clientError', (error, socket) => refuse(error, socket as Socket));
  server.on('checkExpectation', (request, response) =>
    connections.gate.pass(request, response, () =>
      turnAway(request, response, { status: 417, detail: 'Nothing but 100-continue can be expected.' }),
    ),
  );
  return {
    ...core,
    server,
    async close(drainMs = 5_000) {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const drain = setTimeout(() => server.closeAllConnections(), drainMs);
      await closed;
      clearInterval(sweep);
      clearTimeout(drain);
      await upstream.close();
      core.purge({ everything: true });
    },
  };
}

/** What is left of its body would be taken for the next request. */
function turnAway(
  request: IncomingMessage,
  response: ServerResponse,
  { status, detail }: { readonly status: ProblemStatus; readonly detail: string },
): void {
  request.resume();
  response.setHeader('connection', 'close');
  answerProblem(response, status, detail);
}
