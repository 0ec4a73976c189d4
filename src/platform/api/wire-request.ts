import type { Socket } from 'node:net';
import { withoutBlanks } from './blanks.ts';
import { isHost } from './host.ts';
import { defaultLimits } from './limits.ts';

/** A request as it came on a socket, with what decides the answer that is held ready for it. All of it has come. */
export interface WireRequest {
  readonly method: string;
  /** As it was asked for, with its query. */
  readonly url: string;
  readonly headers: WireHeaders;
  readonly socket: Socket;
  /** The body is not looked at here. */
  readonly bodyBytes: number;
  /** All of it, for who looks for a field that is not among `headers`. */
  readonly head: string;
}

/** Those that tell, by their names in lower case. */
export type WireHeaders = { readonly [name in Telling]?: string };

// RFC 9112, strictly: single spaces, token names, no folded lines, no control characters. Of headers as many as a request needs
// (connections.ts refuses more).
const plainHead = new RegExp(
  String.raw`^(GET|POST|PUT|PATCH|DELETE) (\/[\x21\x24-\x7e]*) HTTP\/1\.1\r\n` +
    String.raw`(?:[!#$%&'*+.^_\x60|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n){1,${defaultLimits.headerCountMax}}\r\n$`,
);
// What decides how a request is answered, …
const tellingNames = [
  'host',
  'connection',
  'content-length',
  'accept',
  'accept-encoding',
  'if-none-match',
  'authorization',
  'cookie',
  'x-request-id',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-real-ip',
  'forwarded',
] as const;
type Telling = (typeof tellingNames)[number];
// Each proxy may add one of its own.
const listed: ReadonlySet<string> = new Set<Telling>([
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-real-ip',
  'forwarded',
]);
// … and what says that there is more to it, or that it wants something else than what there is. So does any `if-`.
const doubtfulNames = [
  'transfer-encoding',
  'te',
  'trailer',
  'expect',
  'upgrade',
  'http2-settings',
  // To Node's parser it is a `Connection`.
  'proxy-connection',
  'range',
];
const meanings: ReadonlyMap<string, Telling | 'doubtful'> = new Map([
  // The name as an object knows it: one cut out of a head would have to be looked up among all names there are.
  ...tellingNames.map((name) => [name, name] as const),
  ...doubtfulNames.map((name) => [name, 'doubtful'] as const),
]);
// A longer body comes in several pieces.
const plainLength = /^\d{1,5}$/;

/** Undefined for whatever is not plainly a request that may be answered by these headers. */
export function parseHead(head: string, socket: Socket): WireRequest | undefined {
  const [, method = '', url = ''] = plainHead.exec(head) ?? [];
  if (method === '') return undefined;
  const headers = parseHeaders(head);
  if (headers === undefined) return undefined;
  const { host = '', connection = 'keep-alive', 'content-length': length } = headers;
  if (host === '' || !isHost(host) || connection.toLowerCase() !== 'keep-alive') return undefined;
  if (length !== undefined && (method === 'GET' || !plainLength.test(length))) return undefined;
  return { method, url, headers, socket, bodyBytes: Number(length ?? 0), head };
}

/** Those that tell, of a head that is well-formed; undefined if one of them leaves a doubt. */
function parseHeaders(head: string): WireHeaders | undefined {
  const headers: { [name in Telling]?: string } = {};
  let at = head.indexOf('\r\n') + 2;
  for (let end = head.indexOf('\r\n', at); end > at; end = head.indexOf('\r\n', at)) {
    const colon = head.indexOf(':', at);
    const written = head.slice(at, colon).toLowerCase();
    const name = meanings.get(written);
    if (name === 'doubtful' || (name === undefined && written.startsWith('if-'))) return undefined;
    if (name !== undefined) {
      const known = headers[name];
      // What two of one name mean is Node's business.
      if (known !== undefined && !listed.has(name)) return undefined;
      const value = withoutBlanks(head.slice(colon + 1, end));
      headers[name] = known === undefined ? value : `${known}, ${value}`;
    }
    at = end + 2;
  }
  return headers;
}
