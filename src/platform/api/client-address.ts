import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Who sent a request, as far as addresses tell. One object per connection where no proxy stands between. */
export interface ClientAddress {
  /** In its shortest form; an IPv4 address that came as IPv6 is IPv4. */
  readonly address: string;
  /** Whom we count as one client: an IPv4 address whole, of an IPv6 address the 64 bits that one customer is given at least. */
  readonly prefix: string;
  /** The neighbourhood: /24 of IPv4, /48 of IPv6. */
  readonly network: string;
  /**
   * False where a trusted proxy named nobody sensible, the address is then the nearest proxy's that can be trusted; and where a
   * neighbour whom nobody trusts speaks for others: it may be a proxy that was forgotten in the settings, and anybody behind it.
   */
  readonly isKnown: boolean;
  /** Whether it is itself a trusted proxy: many stand behind it. */
  readonly isProxy: boolean;
  /** Whether the client came by TLS: to us, or to a trusted proxy that says so. */
  readonly isHttps: boolean;
}

/** What of a request tells. The headers are read only where the connection comes from a trusted proxy or a neighbour. */
export interface AddressedRequest {
  readonly socket: Pick<Socket, 'remoteAddress'>;
  readonly headers: IncomingMessage['headers'];
}

export type ClientAddressOf = (request: AddressedRequest) => ClientAddress;

export interface ClientAddressOptions {
  /** Addresses, CIDRs and names of `trustedPresets`. Nobody else's word about others is taken. */
  readonly trustedProxies?: readonly string[];
  /** In which header they name the client, each adding whom it heard from. The other one is not looked at. */
  readonly forwardedBy?: ForwardedHeader;
}

export const forwardedHeaders = ['x-forwarded-for', 'forwarded'] as const;
export type ForwardedHeader = (typeof forwardedHeaders)[number];

/** Names for the usual places of a proxy. */
export const trustedPresets: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  // RFC 1918, RFC 4193, and what a link gives itself (RFC 3927, RFC 4291).
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', '169.254.0.0/16', 'fe80::/10'],
};

// Nobody stands behind more proxies; whoever writes more is making them up.
const hopsMax = 32;
// Of what proxies say so much is remembered of each kind, 2 MB at most; who makes up words makes it forget and costs himself the reading.
const rememberedMax = 5_000;
const rememberedLengthMax = 200;
// Eight groups, the last two as IPv4, and the name of an interface.
const addressLengthMax = 45 + 1 + 16;

/**
 * Finds out who sent a request: the peer of the connection, unless it is a trusted proxy. Then the list of a header is read
 * from its end, which the nearest proxy wrote, towards its beginning, which anybody may have written, up to the first address that is no
 * trusted proxy's. What makes no sense on the way ends it, at the last address that could be trusted.
 *
 * At most once per request, and once per connection whose peer is no trusted proxy.
 */
export function createClientAddress(options: ClientAddressOptions = {}): ClientAddressOf {
  const isTrusted = createAddressSet(options.trustedProxies ?? []);
  const isNeighbour = createAddressSet(['loopback', 'private']);
  const header = options.forwardedBy ?? 'x-forwarded-for';
  const isForwarded = header === 'forwarded';
  const reading: ListReading = isForwarded
    ? { commaBefore: unquotedCommaBefore, nodeOf: (element) => pairsOf(element)?.get('for') }
    : { commaBefore: (list, end) => list.lastIndexOf(',', end - 1), nodeOf: (element) => element };
  const ofPeers = new WeakMap<object, Peer>();
  // On the request itself: a table of what lives so briefly costs the collector more than the reading it saves.
  const found = Symbol('client');
  // Whom a list names does not hang on which of the trusted proxies sends it.
  const ofWords = { http: new Map<string, ClientAddress>(), https: new Map<string, ClientAddress>() };

  function peerOf(socket: AddressedRequest['socket']): Peer {
    const known = ofPeers.get(socket);
    if (known !== undefined) return known;
    // Gone already, or no network at all: such requests are one client together.
    const ip = parseAddress(socket.remoteAddress ?? '') ?? nowhere;
    const isHttps = (socket as { encrypted?: boolean }).encrypted === true;
    const isProxy = isTrusted(ip);
    const client = clientAddress(ip, { isKnown: true, isProxy, isHttps });
    const peer: Peer = {
      ip,
      isTrusted: isProxy,
      client,
      ...(isNeighbour(ip) && { anybody: { ...client, isKnown: false } }),
    };
    ofPeers.set(socket, peer);
    return peer;
  }

  return (request) => {
    const peer = peerOf(request.socket);
    if (!peer.isTrusted) return peer.anybody !== undefined && isForOthers(request.headers) ? peer.anybody : peer.client;
    const asked = request as { [found]?: ClientAddress };
    const known = asked[found];
    if (known !== undefined) return known;
    const { headers } = request;
    const list = isForwarded ? headers.forwarded : headers['x-forwarded-for'];
    const isHttps = peer.client.isHttps || saysHttps(headers, header);
    const client =
      list === undefined
        ? { ...peer.client, isKnown: !isForOthers(headers), isHttps }
        : namedClient(peer, Array.isArray(list) ? list.join() : list, isHttps);
    asked[found] = client;
    return client;
  };

  /** The same object for the same words, so that what others keep of it they keep from one request to the next. */
  function namedClient(peer: Peer, list: string, isHttps: boolean): ClientAddress {
    const remembered = isHttps ? ofWords.https : ofWords.http;
    const known = remembered.get(list);
    if (known !== undefined) return known;
    const { ip, isKnown } = walk(peer.ip, list, isTrusted, reading);
    const client = clientAddress(ip, { isKnown, isProxy: isTrusted(ip), isHttps });
    // Where the list names nobody it is the peer, which another request does not come from.
    if (ip !== peer.ip && list.length <= rememberedLengthMax) {
      if (remembered.size >= rememberedMax) remembered.clear();
      remembered.set(list, client);
    }
    return client;
  }
}

/** Whether whoever sends this sends it for somebody else, as proxies say. */
function isForOthers(headers: IncomingMessage['headers']): boolean {
  return (
    headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined || headers['x-real-ip'] !== undefined
  );
}

/** Whether an address is one of these; each an address, a CIDR or a name of `trustedPresets`. Throws a RangeError for anything else. */
export function createAddressSet(entries: readonly string[]): (ip: Ip) => boolean {
  const ranges = entries.flatMap((entry) => (trustedPresets[entry] ?? [entry]).map(parseRange));
  if (ranges.length === 0) return () => false;
  return (ip) => ranges.some(([base, bits]) => base.kind() === ip.kind() && ip.match(base, bits));
}

/** Whether a client is one of these addresses; who sends nonsense through a proxy is not taken for the proxy. */
export function createExemption(entries: readonly string[]): (client: ClientAddress) => boolean {
  const isInSet = createAddressSet(entries);
  return ({ address, isKnown }) => {
    const ip = isKnown ? parseAddress(address) : undefined;
    return ip !== undefined && isInSet(ip);
  };
}

/** An IPv4 address that is written as IPv6 becomes IPv4. Undefined for what is no address in its usual notation. */
export function parseAddress(text: string): Ip | undefined {
  if (text.length > addressLengthMax) return undefined;
  // Told apart before the library is asked: it throws, with a stack, for each that is not of its kind.
  const octets = octetsOf(text);
  if (octets !== undefined) return new ipaddr.IPv4(octets);
  if (!ipaddr.IPv6.isValid(text)) return undefined;
  const ip = ipaddr.IPv6.parse(text);
  return ip.isIPv4MappedAddress() ? ip.toIPv4Address() : ip;
}

const fourNumbers = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/** Four numbers only: of `0x7f.1` and `017700000001` two readers make two different things. */
function octetsOf(text: string): number[] | undefined {
  const found = fourNumbers.exec(text);
  if (found === null) return undefined;
  const octets = [Number(found[1]), Number(found[2]), Number(found[3]), Number(found[4])];
  return octets.some((octet) => octet > 255) ? undefined : octets;
}

export type Ip = ipaddr.IPv4 | ipaddr.IPv6;

interface Peer {
  readonly ip: Ip;
  readonly isTrusted: boolean;
  readonly client: ClientAddress;
  /** Of a neighbour: the same where it speaks for others and is not trusted to. */
  readonly anybody?: ClientAddress;
}

const nowhere = new ipaddr.IPv6([0, 0, 0, 0, 0, 0, 0, 0]);

function parseRange(text: string): [Ip, number] {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const isV4 = ipaddr.IPv4.isValidFourPartDecimal(address);
  const ip = isV4 || (ipaddr.IPv6.isValid(address) && !address.includes('%')) ? ipaddr.parse(address) : undefined;
  const bitsMax = isV4 ? 32 : 128;
  const length = Number(bits ?? bitsMax);
  if (ip === undefined || length > bitsMax) throw new RangeError(`${JSON.stringify(text)} is no address and no CIDR`);
  return [ip, length];
}

/** How a header writes its list. */
interface ListReading {
  /** Where the element that ends there begins, less one; -1 for the first. */
  commaBefore(list: string, end: number): number;
  /** Of an element what stands for the client; undefined if nothing does. */
  nodeOf(element: string): string | undefined;
}

function walk(
  peer: Ip,
  list: string,
  isTrusted: (ip: Ip) => boolean,
  { commaBefore, nodeOf }: ListReading,
): { ip: Ip; isKnown: boolean } {
  let ip = peer;
  let end = list.length;
  for (let hops = 0; hops < hopsMax; hops++) {
    const comma = commaBefore(list, end);
    const next = parseNode(nodeOf(list.slice(comma + 1, end)));
    if (next === undefined) return { ip, isKnown: false };
    ip = next;
    if (comma < 0 || !isTrusted(ip)) return { ip, isKnown: true };
    end = comma;
  }
  return { ip, isKnown: false };
}

/** An address as proxies write it: with a port or without, of IPv6 in brackets or not. */
function parseNode(node: string | undefined): Ip | undefined {
  const text = node?.trim() ?? '';
  const [, bracketed, withPort] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/.exec(text) ?? [];
  return parseAddress(bracketed ?? withPort ?? text);
}

/**
 * From the end, as the list is read: what the nearest proxy wrote is well-formed, so that its quotes are its own, and an open one
 * that a client wrote before swallows nothing of it.
 */
function unquotedCommaBefore(list: string, end: number): number {
  let isQuoted = false;
  for (let at = end - 1; at >= 0; at--) {
    const char = list[at];
    if (char === '"' && !isEscaped(list, at)) isQuoted = !isQuoted;
    else if (char === ',' && !isQuoted) return at;
  }
  return -1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

// Values are read more leniently than RFC 7239 has them: of IPv6, say, without the quotes.
const pair = /[\t ]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^";,\s]*))[\t ]*(?:;|$)/y;

/** What an element of `Forwarded` (RFC 7239, 4) says, by names in lower case; undefined for what is none, or says a thing twice. */
function pairsOf(element: string): ReadonlyMap<string, string> | undefined {
  const pairs = new Map<string, string>();
  pair.lastIndex = 0;
  for (let at = 0; at < element.length; at = pair.lastIndex) {
    const [, name = '', quoted, token = ''] = pair.exec(element) ?? [];
    if (name === '' || pairs.has(name.toLowerCase())) return undefined;
    pairs.set(name.toLowerCase(), quoted ?? token);
  }
  return pairs;
}

/** Of several proxies the first of the list is the one that the browser spoke to. A lie only makes the liar's own cookies stricter. */
function saysHttps(headers: IncomingMessage['headers'], header: ForwardedHeader): boolean {
  if (header === 'forwarded')
    return (
      pairsOf(firstElement(String(headers.forwarded ?? '')))
        ?.get('proto')
        ?.toLowerCase() === 'https'
    );
  return /^\s*https\s*(?:,|$)/i.test(String(headers['x-forwarded-proto'] ?? ''));
}

function firstElement(list: string): string {
  let isQuoted = false;
  for (let at = 0; at < list.length; at++) {
    if (list[at] === '"' && !isEscaped(list, at)) isQuoted = !isQuoted;
    else if (list[at] === ',' && !isQuoted) return list.slice(0, at);
  }
  return list;
}

function clientAddress(ip: Ip, told: Pick<ClientAddress, 'isKnown' | 'isProxy' | 'isHttps'>): ClientAddress {
  const address = ip.toString();
  if (ip instanceof ipaddr.IPv4) {
    const [a, b, c] = ip.octets;
    return { address, prefix: address, network: `${a}.${b}.${c}.0/24`, ...told };
  }
  const { parts } = ip;
  return { address, prefix: rangeOf(parts, 4), network: rangeOf(parts, 3), ...told };
}

/** The first groups of an IPv6 address, as a CIDR. */
function rangeOf(parts: readonly number[], groupCount: number): string {
  return `${new ipaddr.IPv6(parts.map((part, index) => (index < groupCount ? part : 0)))}/${groupCount * 16}`;
}
