import { setTimeout as delay } from 'node:timers/promises';
import { type HttpClient, HttpFault, type HttpRequest } from '../http-client.ts';
import type { Random } from '../random.ts';
import { parseReply, type Reply } from '../reply.ts';
import type { MeasuredCall, Tally } from './tally.ts';

/** The buyer has tried for as long as he would and has no answer. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  /** Why he was told to come back, where he was told anything. */
  readonly lastSlug: string | undefined;
  constructor(message: string, lastSlug: string | undefined) {
    super(message);
    this.lastSlug = lastSlug;
  }
}

/** The shop gave an answer that no buyer could have earned. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

export interface CallsOptions {
  readonly http: HttpClient;
  readonly tally: Tally;
  readonly random: Random;
  /** How long one request is tried. */
  readonly patienceMs: number;
  /** When a process of the shop was killed, Unix milliseconds; Infinity before. */
  readonly killedAtMs: () => number;
}

export interface InsistOptions {
  /** How long the buyer waits for the first answers before he sends the request again. */
  readonly hastyTimeoutsMs?: readonly number[];
  /** Shorter than the usual, where another is at work on the same. */
  readonly inFlightPatienceMs?: number;
}

/** How a buyer talks to the shop: he sends the same request until it is answered. */
export interface Calls {
  /** The shop's answer; asks again while there is none, or one that says to come back. Throws NoAnswer. */
  insist(call: MeasuredCall, request: HttpRequest, options?: InsistOptions): Promise<Reply>;
}

const requestTimeoutMs = 15_000;
const pauseMsMax = 500;

export function createCalls({ http, tally, random, patienceMs, killedAtMs }: CallsOptions): Calls {
  async function send(call: MeasuredCall, request: HttpRequest, timeoutMs: number): Promise<Reply | HttpFault> {
    tally.count('requests');
    const sentAtMs = performance.now();
    try {
      const { status, body } = await http.request({ ...request, timeoutMs });
      const reply = parseReply(status, body);
      const tookMs = performance.now() - sentAtMs;
      tally.answered(call, status, reply.slug, tookMs);
      const answeredAtMs = Date.now();
      // An order's fate is decided in the database, so that such an answer says that all of the shop works.
      if (call === 'order' && (status === 201 || status === 409) && answeredAtMs - tookMs > killedAtMs()) {
        tally.recovered(answeredAtMs);
      }
      return reply;
    } catch (error) {
      if (!(error instanceof HttpFault)) throw error;
      tally.count('missingAnswers');
      return error;
    }
  }

  return {
    async insist(call, request, { hastyTimeoutsMs = [], inFlightPatienceMs = patienceMs } = {}) {
      const beganAtMs = performance.now();
      let pauseMs = 20;
      for (let attempt = 0; ; attempt += 1) {
        const hastyMs = hastyTimeoutsMs[attempt];
        const answer = await send(call, request, hastyMs ?? requestTimeoutMs);
        const verdict = verdictOf(answer);
        if (!(answer instanceof HttpFault)) {
          if (verdict === 'final') return answer;
          // A promise was kept, badly: it is told, and tried again as a buyer would.
          if (answer.status === 500) tally.error(`${request.method} ${request.path} answered 500`);
        } else if (answer.kind === 'malformed') {
          tally.error(`${request.method} ${request.path}: ${answer.message}`);
        }
        const waitedMs = performance.now() - beganAtMs;
        if (waitedMs > (verdict === 'in-flight' ? inFlightPatienceMs : patienceMs)) {
          const last = answer instanceof HttpFault ? answer.message : `${answer.status} ${answer.slug ?? ''}`.trim();
          const seconds = Math.round(waitedMs / 1000);
          const slug = answer instanceof HttpFault ? undefined : answer.slug;
          throw new NoAnswer(`${request.method} ${request.path} had no answer within ${seconds} s (${last})`, slug);
        }
        tally.count('retries');
        if (hastyMs !== undefined) continue;
        // With a spread, or all who were turned away together would come back together.
        await delay(pauseMs * (0.5 + random.next()));
        pauseMs = Math.min(pauseMs * 2, pauseMsMax);
      }
    },
  };
}

function verdictOf(answer: Reply | HttpFault): 'final' | 'again' | 'in-flight' {
  if (answer instanceof HttpFault) return 'again';
  if (answer.slug === 'idempotency-key-in-flight') return 'in-flight';
  return answer.status >= 500 || answer.status === 429 || answer.status === 408 ? 'again' : 'final';
}
