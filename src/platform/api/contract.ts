import type { Static, TSchema } from 'typebox';
import type { ProblemReply } from './problem.ts';

/**
 * The contract table. A service's `api.ts` is a table of routes; each row says method, path, schemas and policy, and from
 * that one table come the HTTP routes with their validation, OpenAPI, the typed client, the in-process call,
 * Cache-Control, the shedding order and metering.
 */

/**
 * Who may call: anyone; who holds the order's capability; who may look at the sale wall (its key, in the link or as a
 * bearer token, or staff; checked by the handler); the shop's staff; other services only (never over HTTP).
 */
export type Scope = 'public' | 'order' | 'wall' | 'admin' | 'internal';

/** Under overload deferrable work is shed first, then standard work, then core (promise I5). */
export type Importance = 'core' | 'standard' | 'deferrable';

/**
 * - `safe`: changes nothing.
 * - `by-nature`: repeating the request has the effect of sending it once, by a key in the request itself.
 * - `honoured`: an `Idempotency-Key` header is honoured when it is sent.
 * - `required`: without an `Idempotency-Key` the answer is 400. The platform keeps the first answer.
 * - `required-native`: as `required`, but the service keeps key and answer beside its own rows and the platform only
 *   checks that the header is there (`call.idempotencyKey`).
 */
export type Idempotency = 'safe' | 'by-nature' | 'honoured' | 'required' | 'required-native';

export interface CachePolicy {
  readonly maxAgeS: number;
  readonly staleWhileRevalidateS: number;
  /** Whether shared caches (edge, CDN) may keep it, or the buyer's browser only. */
  readonly shared: boolean;
  /**
   * How long shared caches may keep that there is nothing (404). No browser does: nobody can have it forget, and whoever has just
   * made the thing looks for it. Left out, or where the request shows a token, nobody keeps it.
   */
  readonly notFoundMaxAgeS?: number;
  /** What is under this address never changes. */
  readonly isImmutable?: true;
  /** Events tell of every change of it by its tags: a CDN that is purged by them may keep it for longer. */
  readonly isAnnounced?: true;
  /** Tags for purging, computed from the request's path and query values. */
  readonly tags?: (request: { params: Record<string, unknown>; query: Record<string, unknown> }) => string[];
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Fastify's notation: `/v1/orders/:orderId`. Internal routes have one too, for when they travel between processes. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly scope: Scope;
  readonly importance: Importance;
  /**
   * Asked only by who has come far: who holds a quote or an order, or tells how a payment went. Such core work is let in as
   * long as it can be done at all, before that of who has just come.
   */
  readonly isContinuation?: true;
  readonly idempotency: Idempotency;
  readonly cache?: CachePolicy;
  /** What a call costs against a plan; 1 is a simple read. */
  readonly costUnits?: number;
  readonly params?: TSchema;
  readonly query?: TSchema;
  /** Of JSON; `bytesOf` (bytes.ts) takes a file instead. */
  readonly body?: TSchema;
  /**
   * A request without a body, or with an empty one of whatever type, counts as `{}`: where all its fields may be left out and nothing
   * is at stake, as a refund of everything.
   */
  readonly isBodyOptional?: true;
  readonly bodyLimitBytes?: number;
  /** Success bodies by status. `Type.Null()` for an answer without a body, `bytesOf` for one that is no JSON. */
  readonly responses: Readonly<Record<number, TSchema>>;
  /** Slugs of the problems it may answer, beyond those that every route may. See problem.ts. */
  readonly problems?: readonly string[];
  /** The handler needs the body's bytes as they came (`call.rawBody`), to check a signature over them. */
  readonly keepsRawBody?: true;
  /** Answers with `text/event-stream`; the reply's body is an async iterable of `StreamEvent`. */
  readonly isStream?: true;
  /** The feature that it is of, where the shop can do without it for a while (platform/switches): 503 while that is switched off. */
  readonly feature?: string;
  /** How many streams of one resource may be open, where many are meant to watch the same; else `streamsPerResourceMax` holds. */
  readonly streamsMax?: number;
}

export interface Contract<Routes extends Readonly<Record<string, Route>> = Readonly<Record<string, Route>>> {
  readonly name: string;
  readonly routes: Routes;
}

/** Keeps the literal types of a contract, so that handlers and clients are typed from it. */
export function defineContract<const Routes extends Readonly<Record<string, Route>>>(
  contract: Contract<Routes>,
): Contract<Routes> {
  return contract;
}

/**
 * What travels with a request besides its values. Pass it on whole (`peer.getOrder(input, call)`): `traceparent` and
 * `signal` are made when they are first read, and a spread (`{ ...call }`) would leave them behind.
 */
export interface Call {
  readonly requestId: string;
  /** W3C trace context, as received or begun here. */
  readonly traceparent: string;
  /** Work that cannot be done by this instant (Unix milliseconds) is not worth beginning. */
  readonly deadlineAtMs: number;
  /** Aborted when the caller has gone. */
  readonly signal?: AbortSignal;
  /** Whether the caller has gone by now; asking is cheaper than a signal that is made to be told. */
  readonly isGone?: boolean;
  readonly idempotencyKey?: string;
  /** The bearer token or capability that came with the request, unverified unless the route's scope is `admin`. */
  readonly credential?: string;
  /** The `If-Match` header as it came; `matchesIfMatch` (conditional.ts) compares it with the entity tag of what is stored. */
  readonly ifMatch?: string;
  /** Where a broken event stream is to be continued: the `id` of the last event that the caller saw. */
  readonly lastEventId?: string;
  /** Only on routes that say `keepsRawBody`. */
  readonly rawBody?: Buffer;
  /** The `Signature` header of a webhook. */
  readonly signature?: string;
  /**
   * Where the caller is on the network, as a code that only this shop can make: no address. Of IPv6 two codes with a dot between, that of the
   * end site first. Undefined where nothing is counted by network.
   */
  readonly clientPrefix?: string;
  /** How much the caller's network behaves like a machine, from 0 to 1. */
  readonly suspicion?: number;
  /** What the caller has solved: the `Challenge-Solution` header. */
  readonly challengeSolution?: string;
}

/** What is known of who sends a request, before it is looked into. */
export interface ClientFacts {
  /** By which requests from one network are counted together; for this process alone, since it is an address. */
  readonly prefix: string;
  /** Of IPv6: its end site (RFC 6177), the /48 in which one customer, or some hundred households, have their networks. */
  readonly site?: string;
  /** From 0 to 1. */
  readonly suspicion: number;
}

type Part<T> = T extends TSchema ? Static<T> : undefined;

export interface RequestOf<R extends Route> {
  readonly params: Part<R['params']>;
  readonly query: Part<R['query']>;
  readonly body: Part<R['body']>;
}

/** A request as a caller writes it: parts that the route lacks are left out. */
export type InputOf<R extends Route> = {
  readonly [K in 'params' | 'query' | 'body' as R[K] extends TSchema ? K : never]: Part<R[K]>;
};

export interface StreamEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
  /** The event as it is written, made once (`serialiseEvent`) for all who are sent the same. */
  readonly frame?: Buffer;
}

export interface ReplyHeaders {
  /** Strong entity tag without quotes. The platform answers `If-None-Match` with it; `If-Match` is for the handler (`call.ifMatch`). */
  readonly etag?: string;
  readonly location?: string;
  readonly 'retry-after'?: string;
  readonly 'cache-control'?: string;
  /** For an answer that a browser may show as a document of its own. */
  readonly 'content-security-policy'?: string;
}

type SuccessOf<R extends Route> = {
  [S in keyof R['responses'] & number]: {
    readonly status: S;
    readonly body: R['isStream'] extends true ? AsyncIterable<StreamEvent> : Part<R['responses'][S]>;
    /** The body already serialised as JSON (a cached answer): sent as it is in place of `body`. */
    readonly json?: string | Buffer;
    readonly headers?: ReplyHeaders;
  };
}[keyof R['responses'] & number];

export type ReplyOf<R extends Route> = SuccessOf<R> | ProblemReply;

export type HandlerOf<R extends Route> = (request: RequestOf<R>, call: Call) => Promise<ReplyOf<R>>;

/** What a service implements. */
export type Handlers<C extends Contract> = { readonly [K in keyof C['routes']]: HandlerOf<C['routes'][K]> };

/** What a caller holds: the same routes, in this process or behind HTTP; it cannot tell which. */
export type Client<C extends Contract> = {
  readonly [K in keyof C['routes']]: (
    input: InputOf<C['routes'][K]>,
    call?: Partial<Call>,
  ) => Promise<ReplyOf<C['routes'][K]>>;
};
