import { createCacheProxy } from '../edge/cache/proxy.ts';
import { listenFailure } from '../runtime/listen-failure.ts';
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
    'max-mb': { type: 'string', value: '<number>', help: 'memory for kept answers, in MiB (256)' },
  },
  async run({ options, terminal }) {
    const upstream = parseUpstream(options.upstream);
    const port = parseWhole('port', options.port, 8080, 0, 65_535);
    const maxMb = parseWhole('max-mb', options['max-mb'], 256, 1, 1_000_000);
    const host = options.host ?? '127.0.0.1';
    const proxy = createCacheProxy({ clock: { nowMs: Date.now }, upstream, bytesMax: maxMb * 1024 * 1024 });
    await new Promise<void>((resolve, reject) => {
      proxy.server.once('error', (error) =>
        reject(new Error(listenFailure(error, { host, port }, listenWords) ?? error.message)),
      );
      proxy.server.listen(port, host, resolve);
    });
    const address = proxy.server.address();
    const at = typeof address === 'object' && address !== null ? address.port : port;
    const shownHost = host.includes(':') ? `[${host}]` : host;
    terminal.print(
      `http://${shownHost}:${at}/ before ${upstream.origin}/, ${maxMb} MiB for kept answers. Ctrl-C stops it.`,
    );
    await new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
    });
    await proxy.close();
    return exitCodes.done;
  },
});

const listenWords = { portExample: (port: number) => `--port ${port}`, host: '--host' };

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

function parseWhole(name: string, text: string | undefined, otherwise: number, min: number, max: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`--${name} must be a whole number from ${min} to ${max}; it is ${JSON.stringify(text)}.`);
  }
  return value;
}
