import { errors, Pool } from 'undici';
import { endToEnd, toFields } from './fields.ts';
import type { Upstream, UpstreamCall, UpstreamFailure } from './upstream.ts';

export interface UpstreamLimits {
  readonly connectTimeoutMs: number;
  /** For the head of an answer. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of its body. */
  readonly bodyTimeoutMs: number;
  readonly connectionsMax: number;
}

/** Another origin, over HTTP/1.1. */
export function createUndiciUpstream(origin: URL, limits: UpstreamLimits): Upstream & { close(): Promise<void> } {
  const pool = new Pool(origin.origin, {
    connections: limits.connectionsMax,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: limits.connectTimeoutMs },
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.bodyTimeoutMs,
  });
  return {
    send({ method, key, fields, body }, taker) {
      let controller: { pause(): void; resume(): void; abort(reason: Error): void } | undefined;
      let isAborted = false;
      let isOver = false;
      const call: UpstreamCall = {
        pause: () => controller?.pause(),
        resume: () => controller?.resume(),
        abort() {
          if (isOver) return;
          isAborted = true;
          controller?.abort(new errors.RequestAbortedError());
        },
      };
      const tell = (what: () => void) => {
        if (!isAborted && !isOver) what();
      };
      const fail = (error: Error) =>
        tell(() => {
          isOver = true;
          taker.fail(failureOf(error));
        });
      const options = { path: key.target, method, headers: [...fields], body: body ?? null };
      const handler = {
        onRequestStart(started: typeof controller) {
          controller = started;
          if (isAborted) controller?.abort(new errors.RequestAbortedError());
        },
        onResponseStart(
          started: { rawHeaders?: unknown },
          status: number,
          _headers: unknown,
          statusMessage: string | undefined,
        ) {
          const received = endToEnd(toFields((started.rawHeaders ?? []) as Buffer[]));
          tell(() => {
            if (status < 200) taker.information(status, received);
            else taker.head({ status, statusMessage: statusMessage ?? '', fields: received });
          });
        },
        onResponseData: (_: unknown, chunk: Buffer) => tell(() => taker.data(Buffer.from(chunk))),
        onResponseEnd: () =>
          tell(() => {
            isOver = true;
            taker.end();
          }),
        onResponseError: (_: unknown, error: Error) => fail(error),
      };
      // Told in a later turn, so that who sent the request has the call in hand by then.
      queueMicrotask(() => {
        if (isAborted) return;
        try {
          pool.dispatch(options, handler);
        } catch (error) {
          fail(error as Error);
        }
      });
      return call;
    },
    close: () => pool.destroy(),
  };
}

const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']);

function failureOf(error: Error & { code?: string }): UpstreamFailure {
  if (timeouts.has(error.code ?? '')) return { kind: 'timeout', detail: 'The origin did not answer in time.' };
  const isSpoken = error.code?.startsWith('HPE_') || error.code?.startsWith('UND_ERR_RES');
  if (isSpoken) return { kind: 'unreachable', detail: 'The origin did not answer in HTTP.' };
  return { kind: 'unreachable', detail: 'The origin cannot be reached, or hung up before it had answered.' };
}
