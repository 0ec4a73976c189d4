import { commonHeaders } from './answer.ts';
import type { Route } from './contract.ts';
import { fingerprintOf, guessableKey, type IdempotencyStore, isUnguessable } from './idempotency.ts';
import { type ProblemReply, problem } from './problem.ts';
import type { Rendered } from './render.ts';
import type { BegunKey, KeptAnswer } from './store.ts';

export interface KeyedRequest {
  readonly key: string;
  readonly credential: string | undefined;
  readonly params: unknown;
  readonly url: string;
  readonly query: unknown;
  readonly body: unknown;
}

/** A longer answer is not kept: whoever may send keys must not be able to fill the disk with what they are answered. */
const keptBytesMax = 64 * 1024;

export type Once = (request: KeyedRequest, run: () => Promise<Rendered>) => Promise<Rendered | ProblemReply>;

/** Runs a request whose key is new, and answers one whose key is known as it was answered before. */
export function createOnce(
  route: Route,
  store: IdempotencyStore,
  warn: (fields: object, message: string) => void,
): Once {
  const routeId = `${route.method} ${route.path}`;
  return async (request, run) => {
    const { params, credential, key } = request;
    // On a public route nobody checks the credential: `Bearer undefined` is no more of a secret than none.
    const isChecked = credential !== undefined && route.scope !== 'public';
    if (!isChecked && !isUnguessable(key)) return guessableKey;
    const outcome = await store.begin({ routeId, params, credential, key, fingerprint: fingerprintOf(route, request) });
    switch (outcome.kind) {
      case 'replay':
        return renderKept(outcome.answer);
      case 'not-kept':
        return problem('idempotency-answer-not-kept', { answeredStatus: outcome.status, location: outcome.location });
      case 'in-flight':
        return problem('idempotency-key-in-flight', {}, { 'retry-after': String(outcome.retryAfterS) });
      case 'reused':
        return problem('idempotency-key-reused');
      case 'begun':
        return runAndKeep(outcome.key, run);
    }
  };

  async function runAndKeep(key: BegunKey, run: () => Promise<Rendered>): Promise<Rendered> {
    let rendered: Rendered;
    try {
      rendered = await run();
    } catch (error) {
      await settle(store.abandon(key));
      throw error;
    }
    // Before the answer is sent: whoever has it may retry, and must then get the same.
    await settle(isFinal(rendered.status) ? store.finish(key, keptAnswer(rendered)) : store.abandon(key));
    return rendered;
  }

  /** The request has had its effect; that its answer could not be kept must not turn it into an error. */
  async function settle(kept: Promise<void>): Promise<void> {
    try {
      await kept;
    } catch (error) {
      warn({ route: routeId, error }, 'could not keep the answer to an idempotency key; its lease will run out');
    }
  }
}

/** 5xx says nothing about what happened and 429 that nothing did: both are there to be tried again. */
function isFinal(status: number): boolean {
  return status < 500 && status !== 429;
}

/** Of an answer that is too large its content type remains, without content: that the request ran is never forgotten. */
function keptAnswer({ status, contentType, location, payload }: Rendered): KeptAnswer {
  if (payload !== undefined && Buffer.byteLength(payload) > keptBytesMax) {
    return { status, contentType, location, body: undefined };
  }
  return { status, contentType, location, body: payload?.toString() };
}

function renderKept({ status, contentType, location, body }: KeptAnswer): Rendered {
  const headers = [...commonHeaders(contentType, 'no-store'), 'idempotency-replayed', 'true'];
  if (location !== undefined) headers.push('location', location);
  return { status, headers, payload: body, contentType, location };
}
