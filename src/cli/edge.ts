import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createCacheProxy, proxyCacheName } from '../edge/cache/proxy.ts';
import { createPurgeServer } from '../edge/cache/purge-server.ts';
import { createAddressSet } from '../platform/api/client-address.ts';
import { freeAddresses, listenAt, openDoors } from '../platform/api/listen.ts';
import { cacheNamePattern, cacheNameWords } from '../platform/config/edge-settings.ts';
import { listenFailure } from '../runtime/listen-failure.ts';
import { urlOf } from '../runtime/shop-url.ts';
import { defineCommand, exitCodes, UsageError } from './command.ts';

export const edge = defineCommand({
  name: 'edge',
  summary: 'run a shared HTTP cache before any origin',
  example: 'npx onrush edge --upstream http://127.0.0.1:7070 --port 8080',
  details: `Answers from memory what the origin's headers allow (RFC 9111), and asks it for the rest. Every answer says in
Cache-Status what the cache did. It needs no home and no database. docs/edge-cache.md says what it does and why.`,
  options: {
    upstream: { type: 'string', value: '<url>', help: 'the origin, such as http://127.0.0.1:7070' },
    port: { type: 'string', value: '<port>', help: 'where it listens (8080)' },
    host: { type: 'string', value: '<address>', help: 'who may reach it (127.0.0.1; 0.0.0.0 is everyone)' },
    'trusted-proxy': {
      type: 'list',
      value: '<cidr>',
      help: 'whose X-Forwarded-For and -Proto are believed: an address, a CIDR, loopback or private; several times too',
    },
    'purge-port': {
      type: 'string',
      value: '<port>',
      help: 'where purges are taken, on 127.0.0.1 only; CDN-Cache-Control holds then',
    },
    'purge-token-file': { type: 'string', value: '<file>', help: 'holds the token that whoever purges must send' },
    name: { type: 'string', value: '<name>', help: `by which it signs Cache-Status (${proxyCacheName})` },
    'max-mb': { type: 'string', value: '<number>', help: 'memory for kept answers, in MiB (256)' },
  },
  async run({ options, terminal }) {
    const upstream = parseUpstream(options.upstream);
    const port = parseWhole('port', options.port, 8080, 0, 65_535);
    const maxMb = parseWhole('max-mb', options['max-mb'], 256, 1, 1_000_000);
    const name = parseName(options.name ?? proxyCacheName);
    const host = options.host ?? '127.0.0.1';
    const trustedProxies = parseProxies(options['trusted-proxy'] ?? []);
    const door = parsePurgeDoor(options['purge-port'], options['purge-token-file']);
    if (door?.port === port && port !== 0 && hostsOfPurges.has(host)) {
      throw new UsageError(`--port and --purge-port are both ${port}: purges need a port of their own.`);
    }
    const bytesMax = maxMb * 1024 * 1024;
    const isPurged = door !== undefined;
    const proxy = createCacheProxy({ name, clock: { nowMs: Date.now }, upstream, bytesMax, trustedProxies, isPurged });
    const purges = door && createPurgeServer({ token: door.token, purge: proxy.purge });
    // First, so that nothing is kept that cannot be purged.
    const purgeAt = purges && (await listen(purges, purgeHost, door.port, '--purge-port'));
    const at = await listen(proxy.server, host, port, '--port');
    terminal.print(`${urlOf(at, host)}/ before ${upstream.origin}/, ${maxMb} MiB for kept answers. Ctrl-C stops it.`);
    if (purgeAt !== undefined) terminal.print(`Purges: POST http://${purgeHost}:${purgeAt}/v1/admin/purges`);
    await new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
    });
    purges?.close();
    purges?.closeAllConnections();
    await proxy.close();
    return exitCodes.done;
  },
});

function parseUpstream(text: string | undefined): URL {
  if (text === undefined) {
    throw new UsageError(
      '`onrush edge` needs to know the origin: --upstream http://127.0.0.1:7070. See `onrush edge --help`.',
    );
  }
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.pathname + url.search !== '/') {
    throw new UsageError(
      `--upstream must be the address of an origin without a path, such as http://127.0.0.1:7070; it is ${JSON.stringify(text)}.`,
    );
  }
  return url;
}

function parseName(name: string): string {
  if (!new RegExp(cacheNamePattern).test(name)) {
    throw new UsageError(`--name must be ${cacheNameWords}; it is ${JSON.stringify(name)}.`);
  }
  return name;
}

// Whoever reaches it can have the origin asked for everything anew: it is for those on this machine who have the token.
const purgeHost = '127.0.0.1';
/** Where a port would be taken by both. */
const hostsOfPurges = new Set([purgeHost, 'localhost', '0.0.0.0', '::']);
const tokenLengthMin = 16;

function parsePurgeDoor(
  port: string | undefined,
  tokenFile: string | undefined,
): { readonly port: number; readonly token: string } | undefined {
  if (port === undefined && tokenFile === undefined) return undefined;
  if (port === undefined || tokenFile === undefined) {
    throw new UsageError('--purge-port and --purge-token-file go together.');
  }
  let token: string;
  try {
    token = readFileSync(tokenFile, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`--purge-token-file ${tokenFile} cannot be read: ${(error as Error).message}.`);
  }
  if (token.length < tokenLengthMin || !/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError(
      `--purge-token-file ${tokenFile} must hold one token of ${tokenLengthMin} visible characters or more: openssl rand -hex 32.`,
    );
  }
  return { port: parseWhole('purge-port', port, 0, 0, 65_535), token };
}

function parseProxies(entries: readonly string[]): readonly string[] {
  try {
    createAddressSet(entries);
  } catch (error) {
    throw new UsageError(`--trusted-proxy: ${(error as Error).message}.`);
  }
  return entries;
}

/** Returns the port that it got. */
async function listen(server: Server, host: string, port: number, option: string): Promise<number> {
  try {
    const [first, ...others] = await freeAddresses(host, port);
    server.listen(listenAt(first, port));
    // Rejects if there is an error instead.
    await once(server, 'listening');
    await openDoors(server, others);
  } catch (error) {
    const words = { portExample: (example: number) => `${option} ${example}`, host: '--host' };
    throw new Error(listenFailure(error, { host, port }, words) ?? (error as Error).message);
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function parseWhole(name: string, text: string | undefined, otherwise: number, min: number, max: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`--${name} must be a whole number from ${min} to ${max}; it is ${JSON.stringify(text)}.`);
  }
  return value;
}
