import { createServer, type IncomingMessage, type RequestListener, type Server, request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { behindGates } from '../../platform/api/gate.ts';
import { createResponseCache, type ResponseCache, type ResponseCacheOptions } from './cache.ts';
import { type CacheProxy, type CacheProxyOptions, createCacheProxy } from './proxy.ts';

/** A clock that a test turns. */
export function testClock() {
  let nowMs = Date.now();
  return {
    nowMs: () => nowMs,
    forwardS(seconds: number) {
      nowMs += seconds * 1000;
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly bytes: Buffer;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]> | string[];
  readonly body?: string;
}

/** One request on a connection of its own. */
export function ask(port: number, path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = send({ port, host: '127.0.0.1', path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const { statusCode = 0, rawHeaders } = response;
        resolve({ status: statusCode, headers: response.headers, rawHeaders, bytes, body: bytes.toString() });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Bytes as they stand, and all that comes back until the other side closes or is silent for `quietMs` after an answer. */
export function speak(port: number, bytes: string | Buffer, quietMs = 150): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    let quiet: NodeJS.Timeout | undefined;
    const end = () => {
      clearTimeout(quiet);
      socket.destroy();
      resolve(text);
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      clearTimeout(quiet);
      quiet = setTimeout(end, quietMs);
    });
    socket.on('close', end);
    socket.on('error', end);
  });
}

export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

export interface Origin extends AsyncDisposable {
  readonly port: number;
  /** Requests as they came, method and target. */
  readonly asked: string[];
}

export async function startOrigin(answer: RequestListener): Promise<Origin> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  const port = await listening(server);
  return { port, asked, [Symbol.asyncDispose]: () => stop(server) };
}

/** The cache as a gate before `answer`, in one server. */
export async function startGated(answer: RequestListener, options: Partial<ResponseCacheOptions> = {}) {
  const clock = testClock();
  const cache: ResponseCache = createResponseCache({ clock, bytesMax: 16 * 1024 * 1024, ...options });
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  };
  const server = createServer(behindGates([cache.gate], listener));
  const port = await listening(server);
  return { port, server, cache, clock, asked, [Symbol.asyncDispose]: () => stop(server) };
}

/** The cache as a proxy before an origin that answers so. */
export async function startProxied(answer: RequestListener, options: Partial<CacheProxyOptions> = {}) {
  const origin = await startOrigin(answer);
  const clock = testClock();
  const upstream = new URL(`http://127.0.0.1:${origin.port}/`);
  const proxy: CacheProxy = createCacheProxy({ clock, upstream, bytesMax: 16 * 1024 * 1024, ...options });
  const port = await listening(proxy.server);
  return {
    port,
    proxy,
    clock,
    origin,
    asked: origin.asked,
    async [Symbol.asyncDispose]() {
      await proxy.close(0);
      await origin[Symbol.asyncDispose]();
    },
  };
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
