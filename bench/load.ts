import { fork } from 'node:child_process';

/**
 * A lean HTTP/1.1 load generator: prepared bytes over keep-alive connections from a process of its own, so that neither
 * its work nor its garbage is measured as the server's. Knows just enough of HTTP to read answers with a content-length.
 */
export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  /** Requests on their way at once per connection. */
  readonly pipelining?: number;
  /** Each request on a connection of its own, as of a client that has just come; `connections` is how many there are at once. */
  readonly isEachOnNew?: boolean;
  readonly requests: PreparedRequests | JourneyModule;
  /** Ends after this long, … */
  readonly durationMs?: number;
  /** … after this many answers, or when there are no more requests. */
  readonly count?: number;
}

export interface PreparedRequests {
  readonly prepared: readonly Buffer[];
  /** Begins again when all have been sent; else each is sent once. */
  readonly isRepeated?: boolean;
}

/** What is sent next depends on what was answered: the module's `createJourney(options, connection)` decides. */
export interface JourneyModule {
  readonly module: string;
  readonly options?: unknown;
}

export interface Journey {
  /** The next request of this connection, given the answer to the one before; undefined ends the connection. */
  next(previous: { readonly status: number; readonly body: Buffer } | undefined): Buffer | undefined;
}

export interface LoadResult {
  readonly count: number;
  readonly durationMs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Connections that broke. */
  readonly errors: number;
  /** What generating the load cost. */
  readonly cpuMs: number;
}

export function runLoad(options: LoadOptions): Promise<LoadResult> {
  const child = fork(new URL('./load-process.ts', import.meta.url), { serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    let result: LoadResult | undefined;
    child.on('message', (message) => {
      result = message as LoadResult;
      child.disconnect();
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (result === undefined) reject(new Error(`The load generator ended with code ${code} and no result.`));
      else resolve(result);
    });
    child.send(options);
  });
}

export interface RequestLine {
  readonly method: string;
  readonly path: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The bytes of one request. */
export function prepareRequest({ method, path, host = '127.0.0.1', headers = {}, body }: RequestLine): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body === undefined) return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  const text = JSON.stringify(body);
  lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(text)}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`);
}
