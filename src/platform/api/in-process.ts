import assert from 'node:assert/strict';
import { areBytes, type Bytes, copyBytes, mediaTypesOf } from './bytes.ts';
import { createRequestIds, nextTraceparent } from './call.ts';
import type { Call, Client, Contract, Handlers, Route } from './contract.ts';
import { overloadOf } from './fault.ts';
import { copyJson } from './json-copy.ts';
import { isProblem, type ProblemReply } from './problem.ts';
import type { AnyReply, SuccessReply } from './render.ts';
import type { AnyHandler } from './route-handler.ts';
import type { Validation, Validator } from './validation.ts';

export interface InProcessOptions {
  /**
   * Checks what is passed against the contract, both ways, and fails an assertion where it does not fit: for tests. HTTP
   * would refuse such a request and drop such fields, so that it would work on a laptop and not on a cluster.
   */
  readonly validation?: Validation;
}

/**
 * A service of this process as its callers hold it: a function call that copies its values, so that what works on a laptop
 * works between machines. The caller's `call` is passed on: its deadline, trace and signal are the callee's too.
 */
export function connectInProcess<C extends Contract>(
  service: { readonly contract: C; readonly handlers: Handlers<C> },
  options: InProcessOptions = {},
): Client<C> {
  const nextRequestId = createRequestIds();
  const { contract, handlers } = service;
  const client: Record<string, unknown> = {};
  for (const [name, route] of Object.entries(contract.routes)) {
    const handler = (handlers as unknown as Record<string, AnyHandler>)[name];
    assert(handler !== undefined, `the service ${contract.name} has no handler for ${name}`);
    const mediaTypes = mediaTypesOf(route.body);
    const check = options.validation === undefined ? undefined : createAssertions(name, route, options.validation);
    client[name] = async (input: { params?: unknown; query?: unknown; body?: unknown }, call?: Partial<Call>) => {
      const request = {
        params: route.params && copyJson(input.params),
        query: route.query && copyJson(input.query ?? {}),
        body: route.body && (mediaTypes === undefined ? copyJson(input.body) : ownBytes(input.body, mediaTypes)),
      };
      check?.request(request);
      const reply = copyReply(await replyOf(handler, request, completeCall(call, nextRequestId)), route);
      check?.reply(reply);
      return reply;
    };
  }
  return client as Client<C>;
}

/** A lane that refuses is a reply on a wire, so it is one here. */
async function replyOf(handler: AnyHandler, request: Parameters<AnyHandler>[0], call: Call): Promise<AnyReply> {
  try {
    return await handler(request, call);
  } catch (error) {
    const overload = overloadOf(error);
    if (overload === undefined) throw error;
    return overload;
  }
}

function copyReply(reply: AnyReply, route: Route): AnyReply {
  if (isProblem(reply)) return copyJson(reply);
  const { status, headers } = reply;
  const withHeaders = headers === undefined ? {} : { headers: { ...headers } };
  // An event stream stays what it is; each of its events is copied.
  if (route.isStream) return { status, body: copiedEvents(reply.body as AsyncIterable<unknown>), ...withHeaders };
  const schema = route.responses[status];
  if (mediaTypesOf(schema) !== undefined) return { status, body: copyBytes(reply.body as Bytes), ...withHeaders };
  const { json } = reply;
  const body = json === undefined ? copyJson(reply.body) : JSON.parse(json.toString());
  return { status, body, ...withHeaders };
}

/** Bytes of another type than the contract's are refused over HTTP, so here it is a bug of the caller. */
function ownBytes(body: unknown, mediaTypes: readonly string[]): Bytes {
  assert(areBytes(body, mediaTypes), `the body must be bytes of one of ${mediaTypes.join(', ')}`);
  return copyBytes(body);
}

async function* copiedEvents(events: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  for await (const event of events) yield copyJson(event);
}

/** What the caller left out. Without a deadline there is none: nobody waits at the other end of a wire. */
class CompletedCall {
  readonly requestId: string;
  readonly deadlineAtMs: number;
  readonly idempotencyKey: string | undefined;
  readonly credential: string | undefined;
  readonly ifMatch: string | undefined;
  readonly lastEventId: string | undefined;
  readonly rawBody: Buffer | undefined;
  readonly signature: string | undefined;
  readonly clientPrefix: string | undefined;
  readonly suspicion: number | undefined;
  readonly challengeSolution: string | undefined;
  readonly #given: Partial<Call>;
  #traceparent: string | undefined = undefined;

  constructor(given: Partial<Call>, requestId: string) {
    this.requestId = requestId;
    this.deadlineAtMs = given.deadlineAtMs ?? Number.MAX_SAFE_INTEGER;
    this.idempotencyKey = given.idempotencyKey;
    this.credential = given.credential;
    this.ifMatch = given.ifMatch;
    this.lastEventId = given.lastEventId;
    this.rawBody = given.rawBody;
    this.signature = given.signature;
    this.clientPrefix = given.clientPrefix;
    this.suspicion = given.suspicion;
    this.challengeSolution = given.challengeSolution;
    this.#given = given;
  }

  get traceparent(): string {
    this.#traceparent ??= this.#given.traceparent ?? nextTraceparent(undefined);
    return this.#traceparent;
  }

  get signal(): AbortSignal | undefined {
    return this.#given.signal;
  }

  get isGone(): boolean | undefined {
    return this.#given.isGone;
  }
}

function completeCall(call: Partial<Call> | undefined, nextRequestId: () => string): Call {
  // A whole one is passed on as it is: it may make its trace and signal when they are first read.
  if (call?.requestId !== undefined && call.deadlineAtMs !== undefined && 'traceparent' in call) return call as Call;
  return new CompletedCall(call ?? {}, call?.requestId ?? nextRequestId()) as unknown as Call;
}

function createAssertions(name: string, route: Route, validation: Validation) {
  const params = route.params && validation.body(route.params);
  const query = route.query && validation.body(route.query);
  const body = mediaTypesOf(route.body) === undefined && route.body ? validation.body(route.body) : undefined;
  const replies = new Map<number, Validator>();
  for (const [status, schema] of Object.entries(route.responses)) {
    const mediaTypes = mediaTypesOf(schema);
    replies.set(Number(status), mediaTypes === undefined ? validation.body(schema) : bytesValidator(mediaTypes));
  }

  return {
    request(request: { params: unknown; query: unknown; body: unknown }) {
      assertFits(`${name}: params`, params?.(request.params));
      assertFits(`${name}: query`, query?.(request.query));
      assertFits(`${name}: body`, body?.(request.body));
    },
    reply(reply: SuccessReply | ProblemReply) {
      if (isProblem(reply) || route.isStream) return;
      const validator = replies.get(reply.status);
      assert(validator !== undefined, `${name} answers with ${reply.status}, which its contract lacks`);
      assertFits(`${name}: reply`, validator(reply.body ?? null));
    },
  };
}

function bytesValidator(mediaTypes: readonly string[]): Validator {
  return (body) =>
    areBytes(body, mediaTypes) ? undefined : [{ pointer: '', detail: `must be bytes of ${mediaTypes.join(', ')}` }];
}

function assertFits(what: string, errors: ReturnType<Validator>): void {
  assert(errors === undefined, `${what} does not fit the contract: ${JSON.stringify(errors)}`);
}
