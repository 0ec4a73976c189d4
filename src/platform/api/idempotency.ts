import { createHash, hash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../context/context.ts';
import type { Queryable } from '../database/sql.ts';
import type { JobDefinition } from '../jobs/job.ts';
import type { Route } from './contract.ts';
import type { ProblemReply } from './problem.ts';
import { problem } from './problem.ts';
import {
  type BegunKey,
  deleteExpiredKeys,
  type KeptAnswer,
  keepAnswer,
  leaseKey,
  readKey,
  releaseKey,
} from './store.ts';

/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the first answer to a key is the answer to all.
 *
 * A key belongs to one resource (route and path parameters) and one credential. Where no credential is checked, anybody could
 * say a key that somebody else has used and be given their answer: there it must be one that cannot be guessed. While its first request is being answered the key is leased; a process
 * that dies leaves the lease to run out, and the next request with the key runs again, although the first may have had its
 * effect. So a handler behind this must bear a repetition of a call whose answer was lost, as it must anyway bear one
 * after a fault. A service that cannot keeps key and answer beside its own rows, in one transaction (`required-native`).
 */
export interface IdempotencyStore {
  begin(request: IdempotentRequest): Promise<IdempotencyOutcome>;
  /** Keeps the answer that every later request with the key is given. */
  finish(key: BegunKey, answer: KeptAnswer): Promise<void>;
  /** There is no answer worth keeping (5xx, 429): the next request with the key runs. */
  abandon(key: BegunKey): Promise<void>;
}

export interface IdempotentRequest {
  /** Method and path pattern of the route. */
  readonly routeId: string;
  /** The path's parameters as the route reads them; undefined if it has none. */
  readonly params: unknown;
  readonly credential: string | undefined;
  readonly key: string;
  readonly fingerprint: Buffer;
}

export type IdempotencyOutcome =
  | { readonly kind: 'begun'; readonly key: BegunKey }
  | { readonly kind: 'replay'; readonly answer: KeptAnswer }
  /** The request was answered, with more than is kept. */
  | { readonly kind: 'not-kept'; readonly status: number; readonly location: string | undefined }
  | { readonly kind: 'in-flight'; readonly retryAfterS: number }
  | { readonly kind: 'reused' };

export interface IdempotencyOptions {
  readonly database: Queryable;
  readonly clock: Clock;
  /** How long an answer is kept. */
  readonly keepMs?: number;
  /** After this long an answer is no longer expected of a request; must be longer than any deadline. */
  readonly leaseMs?: number;
}

const dayMs = 24 * 60 * 60 * 1000;

export function createIdempotencyStore(options: IdempotencyOptions): IdempotencyStore {
  const { database, clock, keepMs = dayMs, leaseMs = 60_000 } = options;

  async function begin(request: IdempotentRequest, triesLeft: number): Promise<IdempotencyOutcome> {
    const nowMs = clock.nowMs();
    const key = { keyHash: hashKey(request), leaseId: randomUUID() };
    const { fingerprint } = request;
    const times = { nowMs, leasedUntilMs: nowMs + leaseMs, expiresAtMs: nowMs + keepMs };
    if (await leaseKey(database, { ...key, fingerprint, ...times })) return { kind: 'begun', key };
    const held = await readKey(database, key.keyHash, fingerprint);
    if (held === undefined && triesLeft > 0) return begin(request, triesLeft - 1);
    if (held === undefined) return { kind: 'in-flight', retryAfterS: 1 };
    if (!held.isSameRequest) return { kind: 'reused' };
    if (held.status === null) return { kind: 'in-flight', retryAfterS: 1 };
    const { status, contentType, location, body } = held;
    // A content type without content: see `keptAnswer`.
    if (contentType !== null && body === null) return { kind: 'not-kept', status, location: location ?? undefined };
    const answer = {
      status,
      contentType: contentType ?? undefined,
      location: location ?? undefined,
      body: body ?? undefined,
    };
    return { kind: 'replay', answer };
  }

  return {
    begin: (request) => begin(request, 2),
    async finish(key, answer) {
      await keepAnswer(database, key, answer);
    },
    abandon: (key) => releaseKey(database, key),
  };
}

/** Deletes what has expired, some thousand rows at a time, so that no statement holds its locks for long. */
export function idempotencyCleanup(options: { database: Queryable; clock: Clock }): JobDefinition {
  const countMax = 5000;
  return {
    name: 'api.delete-expired-idempotency-keys',
    everyMs: 10 * 60 * 1000,
    async run() {
      while ((await deleteExpiredKeys(options.database, options.clock.nowMs(), countMax)) === countMax);
    },
  };
}

export type IdempotencyHeader =
  | { readonly kind: 'absent' }
  | { readonly kind: 'given'; readonly key: string }
  | { readonly kind: 'refused'; readonly reply: ProblemReply };

/** The key as the draft writes it, a quoted string, or bare as most clients send it: both name the same key. */
export function idempotencyHeaderOf(request: IncomingMessage): IdempotencyHeader {
  const header = request.headers['idempotency-key'] as string | undefined;
  if (header === undefined) return { kind: 'absent' };
  // Node joins repeated headers with a comma, and a comma may also stand in a key.
  const isRepeated = header.includes(',') && (request.headersDistinct['idempotency-key']?.length ?? 0) > 1;
  const [, quoted] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header) ?? [];
  const key = quoted === undefined ? header : quoted.replaceAll(/\\(["\\])/g, '$1');
  if (!isRepeated && /^[\x20-\x7e]{1,255}$/.test(key)) return { kind: 'given', key };
  const detail = isRepeated ? 'was sent more than once' : 'must be 1 to 255 printable ASCII characters';
  const errors = [{ pointer: '#header/Idempotency-Key', detail }];
  return { kind: 'refused', reply: problem('bad-request', { detail: 'The Idempotency-Key cannot be used.', errors }) };
}

export const missingKey: ProblemReply = problem('idempotency-key-missing', {
  errors: [{ pointer: '#header/Idempotency-Key', detail: 'is required' }],
});

/** What must be the same for two requests to be one. */
export function fingerprintOf(
  route: Pick<Route, 'method'>,
  request: { url: string; body: unknown; query: unknown },
): Buffer {
  const path = request.url.split('?', 1)[0];
  // Of the parsed values: white space in a body does not make another request of it.
  return hash('sha256', JSON.stringify([route.method, path, request.query, request.body]), 'buffer');
}

/** A key that nobody can guess: a UUID, or what else has room for 128 random bits. */
export function isUnguessable(key: string): boolean {
  return /^[\w-]{22,}$/.test(key);
}

export const guessableKey: ProblemReply = problem('bad-request', {
  detail:
    'Without a credential an Idempotency-Key must be a UUID, or at least 22 of A-Z, a-z, 0-9, _ and -, so that nobody can guess it.',
  errors: [
    {
      pointer: '#header/Idempotency-Key',
      detail: 'must be a UUID, or at least 22 characters of A-Z, a-z, 0-9, _ and -',
    },
  ],
});

function hashKey({ routeId, params, credential, key }: IdempotentRequest): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([routeId, params ?? null, credential ?? null, key]))
    .digest();
}
