import { randomBytes, randomFillSync } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../context/context.ts';
import type { Call, ClientFacts, Route } from './contract.ts';
import { type ProblemReply, problem } from './problem.ts';

/** How long a caller who sets no deadline may wait, and how long one may ask for. */
export interface DeadlineLimits {
  readonly deadlineMs: number;
  readonly deadlineMsMax: number;
}

// Whatever else a caller sends as its request id stays out of our logs.
const saneRequestId = /^[\w.-]{1,128}$/;
// Version 00 of W3C trace context; all-zero ids are invalid (https://www.w3.org/TR/trace-context/).
const saneTraceparent = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const wholeNumber = /^\d+$/;
const badDeadline = problem('bad-request', {
  errors: [{ pointer: '#header/X-Deadline-Ms', detail: 'must be a whole number of milliseconds, 0 or more' }],
});
const bearer = /^bearer +([\w.~+/=-]+) *$/i;

/** Unique across processes by a random prefix, within this one by counting: a request is not worth a UUID's cost. */
export function createRequestIds(): () => string {
  const prefix = randomBytes(6).toString('base64url').replaceAll(/[-_]/g, '0');
  let count = 0;
  return () => `${prefix}-${(count++).toString(36)}`;
}

// Random bytes are drawn in blocks: a system call for each span would cost more than the rest of it.
const block = Buffer.alloc(4096);
let used = block.length;

function randomHex(bytes: number): string {
  if (used + bytes > block.length) {
    randomFillSync(block);
    used = 0;
  }
  used += bytes;
  return block.toString('hex', used - bytes, used);
}

/** Tells who sends a request, without keeping his address. */
export interface ClientSource {
  /** Undefined for who is not counted: the shop's own machine, say. */
  factsOf(request: IncomingMessage): ClientFacts | undefined;
  /** The code by which a prefix, or a site, is known beyond this process; without a dot. */
  codeOf(prefix: string): string;
}

/** Continues a trace with a span of ours, or begins one (sampled, since nobody before us decided). */
export function nextTraceparent(received: string | undefined): string {
  if (received !== undefined && saneTraceparent.test(received)) {
    return `${received.slice(0, 36)}${randomHex(8)}${received.slice(52)}`;
  }
  return `00-${randomHex(16)}-${randomHex(8)}-01`;
}

/** The trace's id, for logs. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/**
 * A call that came over HTTP. What few handlers read (trace, signal) is made when it is first read: at ten thousand
 * requests a second, making it for nobody would be a measurable part of each.
 */
export class HttpCall {
  readonly requestId: string;
  readonly deadlineAtMs: number;
  readonly idempotencyKey: string | undefined;
  readonly credential: string | undefined;
  readonly ifMatch: string | undefined;
  readonly lastEventId: string | undefined;
  readonly signature: string | undefined;
  readonly challengeSolution: string | undefined;
  readonly rawBody: Buffer | undefined;
  readonly #client: ClientSource | undefined;
  #facts: ClientFacts | null | undefined = undefined;
  #clientPrefix: string | undefined = undefined;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #traceparent: string | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #isAborted = false;

  constructor(request: IncomingMessage, response: ServerResponse, given: GivenCall) {
    const headers = request.headers;
    this.requestId = given.requestId;
    this.deadlineAtMs = given.deadlineAtMs;
    this.credential = given.credential;
    this.idempotencyKey = given.idempotencyKey;
    this.rawBody = given.rawBody;
    this.ifMatch = headers['if-match'];
    this.lastEventId = headers['last-event-id'] as string | undefined;
    this.signature = headers.signature as string | undefined;
    this.challengeSolution = headers['challenge-solution'] as string | undefined;
    this.#client = given.client;
    this.#request = request;
    this.#response = response;
  }

  get traceparent(): string {
    this.#traceparent ??= nextTraceparent(this.#request.headers.traceparent as string | undefined);
    return this.#traceparent;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      if (this.#isAborted || this.#response.destroyed) controller.abort();
      else {
        this.#response.once('close', () => {
          if (!this.#response.writableFinished) controller.abort();
        });
      }
    }
    return this.#controller.signal;
  }

  get isGone(): boolean {
    return this.#isAborted || this.#response.destroyed;
  }

  get clientPrefix(): string | undefined {
    const facts = this.#clientFacts();
    if (facts !== undefined) this.#clientPrefix ??= this.#clientCode(facts);
    return this.#clientPrefix;
  }

  get suspicion(): number | undefined {
    return this.#clientFacts()?.suspicion;
  }

  #clientCode({ site, prefix }: ClientFacts): string | undefined {
    const code = this.#client?.codeOf(prefix);
    return site === undefined ? code : `${this.#client?.codeOf(site)}.${code}`;
  }

  #clientFacts(): ClientFacts | undefined {
    if (this.#facts === undefined) this.#facts = this.#client?.factsOf(this.#request) ?? null;
    return this.#facts ?? undefined;
  }

  /** Tells the handler that nobody waits any more: the deadline has passed, or the server stops. */
  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort();
  }
}

interface GivenCall {
  readonly requestId: string;
  readonly deadlineAtMs: number;
  readonly credential: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly rawBody: Buffer | undefined;
  readonly client?: ClientSource | undefined;
}

/** As handlers see it: their type leaves absent members out instead of holding undefined, which nobody can tell apart. */
export function asCall(call: HttpCall): Call {
  return call as unknown as Call;
}

export function requestIdOf({ headers }: IncomingMessage, nextRequestId: () => string): string {
  return saneRequestIdOr(headers['x-request-id'] as string | undefined, nextRequestId);
}

/** The id that was received, if it is one. */
export function saneRequestIdOr(received: string | undefined, nextRequestId: () => string): string {
  return received !== undefined && saneRequestId.test(received) ? received : nextRequestId();
}

/** When a request that says how long its caller waits had come, before anybody saw it; set by who can tell (overload.ts). */
export const arrivedAtMs = Symbol('arrivedAtMs');

/** `X-Deadline-Ms`: how many milliseconds the caller will still wait. Relative, since clocks of two machines differ. */
export function deadlineOf(request: IncomingMessage, clock: Clock, limits: DeadlineLimits): number {
  const header = request.headers['x-deadline-ms'] as string | undefined;
  const isGiven = header !== undefined && wholeNumber.test(header);
  // The time that it lay unseen, and that its body took to come, counts.
  const fromMs = (request as { [arrivedAtMs]?: number })[arrivedAtMs] ?? clock.nowMs();
  return fromMs + (isGiven ? Math.min(Number(header), limits.deadlineMsMax) : limits.deadlineMs);
}

/** What is told to who sends a deadline that is none; undefined for all others. */
export function refusedDeadline(request: IncomingMessage): ProblemReply | undefined {
  const header = request.headers['x-deadline-ms'] as string | undefined;
  return header === undefined || wholeNumber.test(header) ? undefined : badDeadline;
}

export function bearerOf(request: IncomingMessage): string | undefined {
  return bearerIn(request.headers.authorization);
}

/** The token of an `Authorization`. */
export function bearerIn(header: string | undefined): string | undefined {
  return header === undefined ? undefined : bearer.exec(header)?.[1];
}

/** Whether JSON is wanted where a browser wants a page: what scripts of our pages ask for. */
export function asksForJson({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return /\bapplication\/json\b/.test(headers.accept ?? '');
}

/** Whether a body comes with it, by what its head says. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Whether the bearer token is that of the shop's staff. */
export function isStaff(request: IncomingMessage, isAdmin: (token: string) => boolean): boolean {
  const token = bearerOf(request);
  return token !== undefined && isAdmin(token);
}

/** Whether a route's credential may also come in the link, as `?key=`: an order and a wall are opened by their link, without an account. */
export function takesKeyInQuery(route: Pick<Route, 'scope'>): boolean {
  return route.scope === 'order' || route.scope === 'wall';
}
