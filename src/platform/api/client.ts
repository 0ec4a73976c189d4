import type { Bytes } from './bytes.ts';
import type { Call, Client, Contract, ReplyHeaders, Route, StreamEvent } from './contract.ts';
import { PeerFault } from './peer.ts';
import type { Problem } from './problem.ts';

// Also for browsers and partners: nothing of Node is imported here.

export interface HttpClientOptions {
  /** Where the peer is: `http://127.0.0.1:7070`. */
  readonly baseUrl: string;
  readonly fetch?: typeof fetch;
  /** Sent with every call that has none of its own. */
  readonly credential?: string;
  /** How long a call without a deadline may take. */
  readonly timeoutMs?: number;
  readonly clock?: { nowMs(): number };
}

interface Input {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** The routes of a contract, asked over HTTP. Expected problems are returned; a PeerFault is thrown. */
export function connectHttp<C extends Contract>(contract: C, options: HttpClientOptions): Client<C> {
  const client: Record<string, unknown> = {};
  for (const [name, route] of Object.entries(contract.routes)) {
    client[name] = (input: Input, call: Partial<Call> = {}) => ask(route, input, call, options);
  }
  return client as Client<C>;
}

async function ask(route: Route, input: Input, call: Partial<Call>, options: HttpClientOptions) {
  const { baseUrl, timeoutMs = 10_000, clock = { nowMs: () => Date.now() } } = options;
  const leftMs = call.deadlineAtMs === undefined ? timeoutMs : Math.min(timeoutMs, call.deadlineAtMs - clock.nowMs());
  if (leftMs <= 0) throw new PeerFault(`${route.method} ${route.path} was not asked: its deadline has passed.`);
  const url = new URL(pathOf(route, input.params) + queryOf(input.query), baseUrl);
  const patience = patienceOf(leftMs, call.signal);
  try {
    const response = await (options.fetch ?? fetch)(url, {
      method: route.method,
      headers: headersOf(route, input, call, options, leftMs),
      signal: patience.signal,
      redirect: 'error',
      ...bodyOf(route, input),
    });
    return await replyOf(route, response);
  } catch (error) {
    if (error instanceof PeerFault) throw error;
    const reason = patience.isOver() ? `did not answer within ${leftMs} ms` : 'could not be asked';
    throw new PeerFault(`${route.method} ${route.path} ${reason}.`, { cause: error });
  } finally {
    patience.end();
  }
}

function bodyOf(route: Route, { body }: Input): { body?: string | Uint8Array<ArrayBuffer> } {
  if (body === undefined) return {};
  if (!isBytes(route.body)) return { body: JSON.stringify(body) };
  // A view of shared memory cannot be sent; nobody has one.
  return { body: (body as Bytes).bytes as Uint8Array<ArrayBuffer> };
}

// As `mediaTypesOf`, whose file has more than a browser needs.
function isBytes(schema: Route['body']): boolean {
  return schema !== undefined && 'x-media-types' in schema;
}

/** A stream may last; only its beginning is waited for. */
function patienceOf(leftMs: number, callSignal: AbortSignal | undefined) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), leftMs);
  return {
    signal: callSignal === undefined ? late.signal : AbortSignal.any([callSignal, late.signal]),
    isOver: () => late.signal.aborted,
    end: () => clearTimeout(timer),
  };
}

function pathOf(route: Route, params: Input['params'] = {}): string {
  return route.path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
}

function queryOf(query: Input['query'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each));
  }
  return search.size === 0 ? '' : `?${search}`;
}

function headersOf(route: Route, input: Input, call: Partial<Call>, options: HttpClientOptions, leftMs: number) {
  const credential = call.credential ?? options.credential;
  const headers: [string, string | undefined][] = [
    ['accept', acceptOf(route)],
    ['content-type', contentTypeOf(route, input)],
    ['authorization', credential === undefined ? undefined : `Bearer ${credential}`],
    ['x-request-id', call.requestId],
    ['traceparent', call.traceparent],
    ['x-deadline-ms', String(Math.ceil(leftMs))],
    ['idempotency-key', call.idempotencyKey],
    ['if-match', call.ifMatch],
    ['last-event-id', call.lastEventId],
    ['signature', call.signature],
  ];
  return headers.filter((header): header is [string, string] => header[1] !== undefined);
}

function acceptOf(route: Route): string {
  if (route.isStream) return 'text/event-stream';
  const givesBytes = Object.values(route.responses).some(isBytes);
  return givesBytes ? '*/*' : 'application/json, application/problem+json';
}

function contentTypeOf(route: Route, { body }: Input): string | undefined {
  if (body === undefined) return undefined;
  return isBytes(route.body) ? (body as Bytes).contentType : 'application/json';
}

async function replyOf(route: Route, response: Response): Promise<object> {
  const { status } = response;
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('application/problem+json')) {
    return { status, problem: await jsonOf<Problem>(route, response), ...headersFrom(response, problemHeaders) };
  }
  const schema = route.responses[status] as { type?: unknown } | undefined;
  if (schema === undefined) {
    await response.body?.cancel();
    throw new PeerFault(`${route.method} ${route.path} answered ${status}, which its contract lacks.`);
  }
  const headers = headersFrom(response, replyHeaders);
  if (route.isStream) return { status, body: parseEvents(response), ...headers };
  if (isBytes(route.responses[status])) return { status, body: await bytesIn(response, type), ...headers };
  if (schema.type === 'null') {
    await response.body?.cancel();
    return { status, body: null, ...headers };
  }
  return { status, body: await jsonOf(route, response), ...headers };
}

async function bytesIn(response: Response, contentType: string): Promise<Bytes> {
  return { contentType: contentType.split(';', 1)[0] ?? '', bytes: new Uint8Array(await response.arrayBuffer()) };
}

async function jsonOf<T>(route: Route, response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw new PeerFault(`${route.method} ${route.path} answered ${response.status} without JSON.`, { cause: error });
  }
}

const replyHeaders = ['etag', 'location', 'retry-after'] as const satisfies (keyof ReplyHeaders)[];
const problemHeaders = ['retry-after', 'www-authenticate'] as const;

function headersFrom(response: Response, names: readonly string[]): { headers?: Record<string, string> } {
  const headers: Record<string, string> = {};
  for (const name of names) {
    const value = response.headers.get(name);
    if (value !== null) headers[name] = name === 'etag' ? value.replace(/^"(.*)"$/, '$1') : value;
  }
  return Object.keys(headers).length === 0 ? {} : { headers };
}

/** Server-sent events as the HTML standard parses them. Ends when the peer ends it; leaving the loop hangs up. */
async function* parseEvents(response: Response): AsyncGenerator<StreamEvent> {
  const reader = ((response.body ?? new ReadableStream()) as ReadableStream<BufferSource>)
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let rest = '';
  let id: string | undefined;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      // A carriage return at the end of what has come may be the first half of a line break.
      const text = rest + read.value;
      const held = text.endsWith('\r') ? '\r' : '';
      const blocks = text
        .slice(0, text.length - held.length)
        .replaceAll(/\r\n?/g, '\n')
        .split('\n\n');
      rest = (blocks.pop() ?? '') + held;
      for (const block of blocks) {
        const fields = fieldsOf(block);
        id = fields.get('id') ?? id;
        const data = fields.get('data');
        if (data === undefined) continue;
        const event = fields.get('event') ?? 'message';
        yield id === undefined ? { event, data: JSON.parse(data) } : { id, event, data: JSON.parse(data) };
      }
    }
  } catch (error) {
    throw new PeerFault('The event stream broke off.', { cause: error });
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function fieldsOf(block: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    // A line that begins with a colon is a comment: a heartbeat.
    if (name === '') continue;
    const before = fields.get(name);
    fields.set(name, name === 'data' && before !== undefined ? `${before}\n${value}` : value);
  }
  return fields;
}
