import { setTimeout as delay } from 'node:timers/promises';
import { type HttpClient, HttpFault, type HttpRequest } from '../http-client.ts';
import { createLatencies, type Latencies } from '../latency.ts';
import { type Reply as ParsedReply, parseReply } from '../reply.ts';

export interface Reply extends ParsedReply {
  readonly sentAtMs: number;
  readonly gotAtMs: number;
}

export interface Calls {
  /**
   * The shop's answer. Asks again while there is none, or one that says that the shop is away: a process that was killed is
   * back in seconds. Undefined when that took too long, or the drill is over.
   */
  ask(what: Measured, request: Asked): Promise<Reply | undefined>;
  readonly latencies: Readonly<Record<Measured, Latencies>>;
  readonly counts: { requests: number; missingAnswers: number; retries: number };
  /** When the first answer came after the kill that the database had a part in. */
  recoveredAtMs: number | undefined;
  /** When was sent what came last to nobody after the kill, before there was any answer again. */
  unreachableAtMs: number | undefined;
}

export type Measured = 'ticket' | 'status' | 'pass' | 'quote' | 'order';

export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly bearer?: string;
  readonly key?: string;
  readonly body?: object;
}

const requestTimeoutMs = 10_000;
const pauseMsMax = 500;

export function createCalls(given: {
  readonly http: HttpClient;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  readonly onError: (sentence: string) => void;
  /** When a process of the shop was killed; Infinity before. */
  readonly killedAtMs: () => number;
}): Calls {
  const { http, patienceMs, signal, onError, killedAtMs } = given;
  const measured = ['ticket', 'status', 'pass', 'quote', 'order'] as const;
  const latencies = Object.fromEntries(measured.map((name) => [name, createLatencies()])) as Calls['latencies'];
  const calls: Calls = {
    ask,
    latencies,
    counts: { requests: 0, missingAnswers: 0, retries: 0 },
    recoveredAtMs: undefined,
    unreachableAtMs: undefined,
  };
  let isBack = false;

  async function ask(what: Measured, asked: Asked): Promise<Reply | undefined> {
    const beganAtMs = performance.now();
    for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
      const reply = await send(what, asked);
      if (reply !== undefined && !isAway(reply)) return reply;
      if (signal.aborted || performance.now() - beganAtMs > patienceMs) return undefined;
      calls.counts.retries += 1;
      await delay(pauseMs * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
    }
  }

  async function send(what: Measured, asked: Asked): Promise<Reply | undefined> {
    calls.counts.requests += 1;
    const sentAtMs = Date.now();
    const beganAtMs = performance.now();
    try {
      const { status, body } = await http.request({ ...requestOf(asked), timeoutMs: requestTimeoutMs });
      latencies[what].add(performance.now() - beganAtMs);
      const reply = { ...parseReply(status, body), sentAtMs, gotAtMs: Date.now() };
      if (sentAtMs > killedAtMs()) isBack = true;
      if (status === 500) onError(`${asked.method} ${asked.path} was answered 500`);
      if (status < 300 && what !== 'status' && sentAtMs > killedAtMs()) calls.recoveredAtMs ??= reply.gotAtMs;
      return reply;
    } catch (error) {
      if (!(error instanceof HttpFault)) throw error;
      if (error.kind === 'malformed') onError(`${asked.method} ${asked.path}: ${error.message}`);
      calls.counts.missingAnswers += 1;
      if (error.kind === 'unreachable' && sentAtMs > killedAtMs() && !isBack) calls.unreachableAtMs = sentAtMs;
      return undefined;
    }
  }
  return calls;
}

function requestOf({ method, path, bearer, key, body }: Asked): HttpRequest {
  const headers = {
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  return { method, path, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
}

/** A queue is an answer; so is a refusal. */
function isAway({ status, slug }: Reply): boolean {
  return (status >= 500 && slug !== 'waiting-room') || status === 429 || slug === 'idempotency-key-in-flight';
}
