import { AssertionError } from 'node:assert';
import type { ServerResponse } from 'node:http';
import { LaneClosed, LaneFull, LaneLate } from '../batch/lane.ts';
import type { Clock } from '../context/context.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { traceIdOf } from './call.ts';
import type { Call } from './contract.ts';
import { type ProblemReply, problem } from './problem.ts';
import { Refusal } from './refusal.ts';

/** What an exception means to the caller, and to us. */
export type Failure =
  /** The request was turned away; the exception is how that got here. */
  | { readonly kind: 'refused'; readonly reply: ProblemReply }
  /** The world failed: a typed error, by convention named `…Fault` (docs/architecture.md, rules). */
  | { readonly kind: 'fault'; readonly reply: ProblemReply }
  /** Nobody waits any more: the handler was told to stop and did. */
  | { readonly kind: 'aborted'; readonly reply: ProblemReply }
  /** We were wrong. After an assertion the process cannot be trusted and must stop. */
  | { readonly kind: 'bug'; readonly reply: ProblemReply; readonly mustStop: boolean };

const unavailable = problem('unavailable', {}, { 'retry-after': '1' });
const overloaded = problem('overloaded', {}, { 'retry-after': '1' });
const internalError = problem('internal-error');
const timedOut = problem('timeout');

export function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) return { kind: 'refused', reply: error.reply };
  const refusal = overloadOf(error) ?? frameworkRefusal(error);
  if (refusal !== undefined) return { kind: 'refused', reply: refusal };
  if (error instanceof Error && error.name.endsWith('Fault')) return { kind: 'fault', reply: unavailable };
  if (error instanceof Error && error.name === 'AbortError') return { kind: 'aborted', reply: timedOut };
  return { kind: 'bug', reply: internalError, mustStop: error instanceof AssertionError };
}

/** The reply to what a lane had no room for, or no time: nothing was begun. */
export function overloadOf(error: unknown): ProblemReply | undefined {
  return error instanceof LaneFull || error instanceof LaneLate || error instanceof LaneClosed ? overloaded : undefined;
}

/** Fastify's own errors about a request, which are the sender's. */
function frameworkRefusal(error: unknown): ProblemReply | undefined {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return problem('too-large');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return problem('unsupported-media-type');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return problem('bad-request', { detail: 'The body is not as long as `Content-Length` says.' });
    case 'FST_ERR_BAD_URL':
      return problem('bad-request', { detail: 'The path is not a valid URL path.' });
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return problem('not-found');
    case 'ECONNRESET':
      // The sender went away in the middle of its body.
      return problem('bad-request', { detail: 'The body ended too early.' });
    default:
      // A broken chunked body and the like: marked by whoever read it.
      return statusCode === 400 && typeof code === 'string' && code.startsWith('HPE_')
        ? problem('bad-request', { detail: 'The body cannot be read.' })
        : undefined;
  }
}

export interface Failures {
  /** The reply to what was thrown while a request was answered; logs what is ours to mend. */
  replyTo(error: unknown, about: { call: CallIds; routeId: string; response: ServerResponse }): ProblemReply;
  /** An answer could not be written: the connection is of no more use. */
  lost(error: unknown, response: ServerResponse): void;
}

type CallIds = Pick<Call, 'requestId' | 'traceparent'>;

export function createFailures(options: { log: Log; clock: Clock; onBug?: (error: unknown) => void }): Failures {
  const { log, onBug } = options;
  // While a database is away, ten thousand requests a second fail for one reason.
  const isLineFree = createLineLimit(options.clock, 10);
  return {
    replyTo(error, { call, routeId, response }) {
      const failure = failureOf(error);
      const fields = { requestId: call.requestId, traceId: traceIdOf(call.traceparent), route: routeId, error };
      if (failure.kind === 'fault' && isLineFree())
        log.warn(fields, 'a request failed: a part of the shop did not answer');
      if (failure.kind === 'bug') log.error(fields, 'a request failed: this is a bug');
      if (failure.kind === 'bug' && failure.mustStop && onBug !== undefined) {
        // Its sender is answered first.
        if (response.writableFinished || response.destroyed) onBug(error);
        else response.once('close', () => onBug(error));
      }
      return failure.reply;
    },
    lost(error, response) {
      log.error({ error }, 'an answer could not be written: this is a bug');
      response.destroy();
    },
  };
}

function createLineLimit(clock: Clock, linesPerSecond: number): () => boolean {
  let second = 0;
  let lines = 0;
  return () => {
    const now = Math.floor(clock.nowMs() / 1000);
    if (now !== second) lines = 0;
    second = now;
    return ++lines <= linesPerSecond;
  };
}
