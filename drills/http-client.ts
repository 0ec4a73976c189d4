import assert from 'node:assert/strict';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type AnswerLimits, createAnswerReader, type HttpAnswer, MalformedAnswer } from './http-answer.ts';

/**
 * A lean HTTP/1.1 client over keep-alive connections. `fetch` costs more CPU per request than the shop does for its answer,
 * so that with it a load on two cores would mostly measure the load generator. It retries nothing and follows nothing: what
 * became of a request whose answer is missing is for the caller to find out.
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** Cuts what is open; requests under way fail. */
  close(): void;
}

export interface HttpRequest {
  readonly method: string;
  /** With its query; ASCII. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
  /** How long the whole request may take, the connection included. The connection is cut when it is over. */
  readonly timeoutMs?: number;
}

export interface HttpTarget {
  readonly host: string;
  readonly port: number;
  readonly isSecure?: boolean;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly limits?: Partial<AnswerLimits>;
}

/**
 * There is no answer. `unreachable`: nothing was sent. `lost`, `timeout`, `malformed`: it may have been received and done.
 */
export class HttpFault extends Error {
  override readonly name = 'HttpFault';
  readonly kind: 'unreachable' | 'lost' | 'timeout' | 'malformed' | 'closed';
  constructor(kind: HttpFault['kind'], message: string, options?: { cause: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}

const defaultTimeoutMs = 30_000;
const defaultLimits: AnswerLimits = { headBytesMax: 64 * 1024, bodyBytesMax: 32 * 1024 * 1024 };

interface Pending {
  readonly socket: Socket;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (fault: HttpFault) => void;
}

/** One connection, one request at a time; connects when it is first needed and again after it was lost. */
export function createHttpConnection(target: HttpTarget): HttpClient & { readonly isBusy: boolean } {
  const limits = { ...defaultLimits, ...target.limits };
  const fixedHead = headLines({
    host: `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`,
    accept: 'application/json',
    ...target.headers,
  });
  let socket: Socket | undefined;
  let pending: Pending | undefined;

  function open(): Socket {
    const { host, port } = target;
    const opened = target.isSecure ? connectTls({ host, port, servername: host }) : connectTcp({ host, port });
    const reader = createAnswerReader(limits);
    let isConnected = false;
    opened.setNoDelay(true);
    opened.once(target.isSecure ? 'secureConnect' : 'connect', () => {
      isConnected = true;
    });
    const fail = (kind: HttpFault['kind'], message: string, cause?: unknown) => {
      opened.destroy();
      if (socket === opened) socket = undefined;
      if (pending?.socket === opened) settle((one) => one.reject(new HttpFault(kind, message, { cause })));
    };
    const gone = (cause?: unknown) => {
      const why = cause instanceof Error ? cause.message : 'closed by the other side';
      fail(isConnected ? 'lost' : 'unreachable', isConnected ? `the connection was lost: ${why}` : why, cause);
    };
    const answered = (answer: HttpAnswer) => {
      if (!answer.keepsAlive) {
        opened.destroy();
        if (socket === opened) socket = undefined;
      }
      settle((one) => one.resolve(answer));
    };
    opened.on('data', (chunk: Buffer) => {
      // Nobody asked: a server that says goodbye on an idle connection (408), or the rest after an answer.
      if (pending?.socket !== opened) return fail('malformed', 'an answer without a request');
      try {
        const answer = reader.push(chunk);
        if (answer !== undefined) answered(answer);
      } catch (error) {
        if (!(error instanceof MalformedAnswer)) throw error;
        fail('malformed', error.message, error);
      }
    });
    opened.on('end', () => {
      const answer = pending?.socket === opened ? reader.end() : undefined;
      if (answer !== undefined) answered(answer);
      else gone();
    });
    opened.on('error', gone);
    opened.on('close', () => gone());
    return opened;
  }

  function settle(act: (pending: Pending) => void): void {
    const settled = pending;
    pending = undefined;
    if (settled === undefined) return;
    clearTimeout(settled.timer);
    act(settled);
  }

  return {
    get isBusy() {
      return pending !== undefined;
    },
    request(request) {
      assert(pending === undefined, 'a connection carries one request at a time');
      const text = render(request, fixedHead);
      const timeoutMs = request.timeoutMs ?? target.timeoutMs ?? defaultTimeoutMs;
      return new Promise((resolve, reject) => {
        socket ??= open();
        const used = socket;
        const timer = setTimeout(() => {
          used.destroy();
          if (socket === used) socket = undefined;
          settle((one) => one.reject(new HttpFault('timeout', `no answer within ${timeoutMs} ms`)));
        }, timeoutMs);
        pending = { socket: used, timer, resolve, reject };
        used.write(text);
      });
    },
    close() {
      socket?.destroy();
      socket = undefined;
      settle((one) => one.reject(new HttpFault('closed', 'the client was closed')));
    },
  };
}

/** Up to `connectionsMax` connections; who finds none free waits in line. */
export function createHttpPool(target: HttpTarget & { readonly connectionsMax: number }): HttpClient {
  type Connection = ReturnType<typeof createHttpConnection>;
  // The one that was used last is used first, so that those a calmer load does not need are left to the server to close.
  const idle: Connection[] = [];
  const all = new Set<Connection>();
  const waiting: ((connection: Connection) => void)[] = [];
  let isClosed = false;

  function acquire(): Connection | Promise<Connection> {
    const free = idle.pop();
    if (free !== undefined) return free;
    if (all.size < target.connectionsMax) {
      const connection = createHttpConnection(target);
      all.add(connection);
      return connection;
    }
    return new Promise((resolve) => waiting.push(resolve));
  }

  function release(connection: Connection): void {
    const next = waiting.shift();
    if (next === undefined) idle.push(connection);
    else next(connection);
  }

  return {
    async request(request) {
      if (isClosed) throw new HttpFault('closed', 'the client was closed');
      const got = acquire();
      const connection = got instanceof Promise ? await got : got;
      try {
        if (isClosed) throw new HttpFault('closed', 'the client was closed');
        return await connection.request(request);
      } finally {
        release(connection);
      }
    },
    close() {
      isClosed = true;
      for (const connection of all) connection.close();
    },
  };
}

function render({ method, path, headers, body }: HttpRequest, fixedHead: string): string {
  assert(method !== 'HEAD', 'an answer without the body that it announces is not read here');
  // A line break smuggled into the head would be a second request.
  assert(/^\/[\x21-\x7e]*$/.test(path), 'a path is ASCII without spaces');
  const head = `${method} ${path} HTTP/1.1\r\n${fixedHead}${headers === undefined ? '' : headLines(headers)}`;
  if (body === undefined) return method === 'GET' ? `${head}\r\n` : `${head}content-length: 0\r\n\r\n`;
  return `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function headLines(headers: Readonly<Record<string, string>>): string {
  let lines = '';
  for (const name in headers) {
    const line = `${name}: ${headers[name]}`;
    assert(/^[\x20-\x7e]+$/.test(line), 'a header is one line of ASCII');
    lines += `${line}\r\n`;
  }
  return lines;
}

/** Where a shop's URL points to. Throws where the URL is not one of HTTP. */
export function targetOf(url: string): Pick<HttpTarget, 'host' | 'port' | 'isSecure'> {
  const { protocol, hostname, port } = new URL(url);
  assert(protocol === 'http:' || protocol === 'https:', 'a shop has an http or https URL');
  const isSecure = protocol === 'https:';
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return { host, port: port === '' ? (isSecure ? 443 : 80) : Number(port), isSecure };
}
