import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import { endToEnd, type Fields } from './fields.ts';
import type { UpstreamCall, UpstreamTaker } from './upstream.ts';

/** The fields that a response has been given so far, as it would send them. */
export function fieldsOf(response: ServerResponse): string[] {
  const fields: string[] = [];
  for (const [name, value] of Object.entries(response.getHeaders())) {
    for (const line of Array.isArray(value) ? value : [value]) {
      if (line !== undefined) fields.push(name.toLowerCase(), String(line));
    }
  }
  return fields;
}

/**
 * A response that no socket stands behind: whatever answers a request in this process writes into it as into any other, and it
 * comes out at the taker. Told in a later turn, so that who sent the request has it in hand by then.
 */
export function createCapturedResponse(
  request: IncomingMessage,
  taker: UpstreamTaker,
): { response: ServerResponse; call: UpstreamCall } {
  const response = new CapturedResponse(request, taker);
  return {
    response,
    call: {
      pause: () => response.hold(true),
      resume: () => response.hold(false),
      abort: () => response.cut(),
    },
  };
}

type Told = (taker: UpstreamTaker) => void;

class CapturedResponse extends ServerResponse {
  readonly #taker: UpstreamTaker;
  #queue: Told[] | undefined = [];
  #isHeadTold = false;
  #isEnded = false;
  #isHeld = false;
  #isCut = false;

  constructor(request: IncomingMessage, taker: UpstreamTaker) {
    super(request);
    this.#taker = taker;
    Object.defineProperty(this, 'headersSent', { get: () => this.#isHeadTold });
    queueMicrotask(() => {
      const queue = this.#queue ?? [];
      this.#queue = undefined;
      for (const told of queue) if (!this.#isCut) told(taker);
    });
  }

  override writeHead(status: number, ...rest: unknown[]): this {
    const [first, second] = rest;
    const headers = typeof first === 'object' && first !== null ? first : second;
    this.statusCode = status;
    if (typeof first === 'string') this.statusMessage = first;
    if (Array.isArray(headers)) {
      const flat = headers.flat();
      const names = new Set(flat.filter((_, at) => at % 2 === 0).map((name) => String(name).toLowerCase()));
      for (const name of names) this.removeHeader(name);
      for (let at = 0; at < flat.length; at += 2) this.appendHeader(String(flat[at]), String(flat[at + 1]));
    } else
      for (const [name, value] of Object.entries(headers ?? {})) if (value !== undefined) this.setHeader(name, value);
    return this;
  }

  override flushHeaders(): void {
    this.#tellHead();
  }

  override writeEarlyHints(hints: Record<string, string | string[]>, callback?: () => void): void {
    const fields = Object.entries(hints).flatMap(([name, value]) => [name.toLowerCase(), [value].flat().join(', ')]);
    this.#tell((taker) => taker.information(103, fields));
    callback?.();
  }

  override writeProcessing(callback?: () => void): void {
    this.#tell((taker) => taker.information(102, []));
    callback?.();
  }

  override write(chunk: unknown, ...rest: unknown[]): boolean {
    this.#tellHead();
    this.#tellData(chunk, rest);
    callbackOf(rest)?.();
    return !this.#isHeld;
  }

  override end(...args: unknown[]): this {
    if (this.#isEnded) return this;
    const [chunk] = args;
    this.#tellHead();
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') this.#tellData(chunk, args.slice(1));
    this.#isEnded = true;
    this.finished = true;
    this.#tell((taker) => taker.end());
    process.nextTick(() => {
      this.emit('finish');
      this.emit('close');
      callbackOf(args)?.();
    });
    return this;
  }

  override destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    if (!this.#isEnded) this.#tell((taker) => taker.fail({ kind: 'unreachable', detail: 'The answer broke off.' }));
    process.nextTick(() => {
      if (error !== undefined && this.listenerCount('error') > 0) this.emit('error', error);
      this.emit('close');
    });
    return this;
  }

  hold(isHeld: boolean): void {
    const wasHeld = this.#isHeld;
    this.#isHeld = isHeld;
    if (wasHeld && !isHeld) this.emit('drain');
  }

  /** Nobody wants it: whoever writes sees his client gone. */
  cut(): void {
    if (this.#isCut || this.#isEnded) return;
    this.#isCut = true;
    this.destroyed = true;
    process.nextTick(() => this.emit('close'));
  }

  #tell(told: Told): void {
    if (this.#queue !== undefined) this.#queue.push(told);
    else if (!this.#isCut) told(this.#taker);
  }

  #tellHead(): void {
    if (this.#isHeadTold) return;
    this.#isHeadTold = true;
    const fields: Fields = endToEnd(fieldsOf(this));
    const status = this.statusCode;
    const statusMessage = this.statusMessage || (STATUS_CODES[status] ?? '');
    this.#tell((taker) => taker.head({ status, statusMessage, fields }));
  }

  #tellData(chunk: unknown, rest: readonly unknown[]): void {
    const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : 'utf8';
    // A copy of what may be written over after it was given: what is kept must not change.
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk as Uint8Array);
    if (bytes.length > 0) this.#tell((taker) => taker.data(bytes));
  }
}

function callbackOf(args: readonly unknown[]): (() => void) | undefined {
  const last = args.at(-1);
  return typeof last === 'function' ? (last as () => void) : undefined;
}
