import type { IncomingMessage } from 'node:http';
import type { ClientAddress, ClientAddressOf } from '../../platform/api/client-address.ts';
import { isHost } from '../../platform/api/host.ts';
import { endToEnd, type Fields, fieldValue, firstLine, hasField, replaced, toFields, without } from './fields.ts';
import { type CacheKey, hostOf } from './kept-answer.ts';

// Many applications believe these over the request itself: to a name, a path, a method or an address that anyone may make up,
// and that no cache key has. From a client they go no further.
const notBelieved = new Set([
  'expect',
  'forwarded',
  'front-end-https',
  'host',
  'true-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-path',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-forwarded-protocol',
  'x-forwarded-scheme',
  'x-forwarded-server',
  'x-forwarded-ssl',
  'x-forwarded-uri',
  'x-host',
  'x-http-host-override',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-host',
  'x-original-uri',
  'x-original-url',
  'x-real-ip',
  'x-rewrite-url',
  'x-url-scheme',
]);

export type Received =
  | { readonly kind: 'request'; readonly key: CacheKey; readonly fields: Fields; readonly hasBody: boolean }
  /** An OPTIONS that goes no further: of the server itself, or as far as it may be passed on. */
  | { readonly kind: 'own-options' }
  | { readonly kind: 'refused'; readonly status: 400 | 405 | 508; readonly detail: string };

/** As `Allow` has them: what goes upstream. */
export const methodsPassed = 'GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE';

export interface Hop {
  /** Whose request it is, by the word of trusted proxies. */
  readonly addressOf: ClientAddressOf;
  /** Signs `Via`. */
  readonly pseudonym: string;
  /** The origin's own host. */
  readonly upstreamHost: string;
  /** Left out: it is no surrogate to the origin. */
  readonly surrogateName?: string;
}

/** A request as it is looked up and goes upstream: what it is kept under says all that upstream is told about where it goes. */
export function receive(
  request: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders' | 'headers' | 'socket'>,
  hop: Hop,
): Received {
  const raw = toFields(request.rawHeaders);
  const method = request.method ?? '';
  if (method === 'TRACE' || method === 'CONNECT') {
    return { kind: 'refused', status: 405, detail: `${method} is not for this server.` };
  }
  const target = splitTarget(method, request.url ?? '');
  if (target === undefined) return { kind: 'refused', status: 400, detail: 'The request target is not one.' };
  const hosts = raw.filter((_, at) => at % 2 === 1 && raw[at - 1] === 'host');
  if (hosts.length > 1) return { kind: 'refused', status: 400, detail: 'There is more than one Host header.' };
  // Who names the host in the target means that one (RFC 9112, 3.2.2).
  const named = target.authority ?? hosts[0] ?? '';
  if (!isHost(named)) {
    return { kind: 'refused', status: 400, detail: 'The request is for what is not a host.' };
  }
  // What the key does not tell apart the origin must not either: it would answer one and all others would get that.
  const host = hostOf(named);
  const via = fieldValue(raw, 'via');
  if (via?.includes(hop.pseudonym)) {
    return { kind: 'refused', status: 508, detail: 'The request has been here before: the origin leads back here.' };
  }
  const forwardsLeft = method === 'OPTIONS' ? forwardsOf(raw) : undefined;
  if (target.path === '*' || forwardsLeft === 0) return { kind: 'own-options' };
  const hasBody = hasField(raw, 'transfer-encoding') || !/^0*$/.test(fieldValue(raw, 'content-length') ?? '');
  const client = hop.addressOf(request);
  const fields = [
    ...replaced(
      without(endToEnd(raw), notBelieved),
      forwardsLeft === undefined ? [] : ['max-forwards', String(forwardsLeft - 1)],
    ),
    'host',
    hop.upstreamHost,
    'x-forwarded-host',
    host,
    'x-forwarded-proto',
    client.isHttps ? 'https' : 'http',
    'x-forwarded-for',
    forwardedFor(client, hop.addressOf({ socket: request.socket, headers: {} })),
    'via',
    `1.1 ${hop.pseudonym}`,
    ...(hop.surrogateName === undefined ? [] : ['surrogate-capability', `${hop.surrogateName}="Surrogate/1.0"`]),
  ];
  return { kind: 'request', key: { host, target: target.path }, fields, hasBody };
}

/** The client and who spoke for it, each by its own connection or by the word of somebody trusted; what anybody made up is not in it. */
function forwardedFor(client: ClientAddress, peer: ClientAddress): string {
  return client.address === peer.address ? client.address : `${client.address}, ${peer.address}`;
}

/** How often an OPTIONS may still be passed on (RFC 9110, 7.6.2); undefined if it does not say. */
function forwardsOf(fields: Fields): number | undefined {
  const said = firstLine(fields, 'max-forwards');
  return said !== undefined && /^\d{1,9}$/.test(said) ? Number(said) : undefined;
}

/**
 * Of `/path?query` or `http://host/path?query`; of an OPTIONS for the whole server the path is `*` (RFC 9112, 3.2.4). Undefined for what
 * is none of that, or has bytes that no target has.
 */
function splitTarget(method: string, url: string): { authority?: string; path: string } | undefined {
  if (method === 'OPTIONS' && url === '*') return { path: url };
  if (!/^[\x21\x22\x24-\x7e]+$/.test(url)) return undefined;
  if (url.startsWith('/')) return { path: url };
  const absolute = /^https?:\/\/([^/?@]+)(\/[^?]*)?(\?.*)?$/i.exec(url);
  if (absolute === null) return undefined;
  const [, authority = '', path, query] = absolute;
  if (method === 'OPTIONS' && path === undefined && query === undefined) return { authority, path: '*' };
  return { authority, path: `${path ?? '/'}${query ?? ''}` };
}
