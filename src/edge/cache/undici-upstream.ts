import { buildConnector, errors, Pool } from 'undici';
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
  const connector = buildConnector({ timeout: limits.connectTimeoutMs });
  // Errors of connections that had answered something before.
  const ofReused = new WeakSet<Error>();
  const connect: buildConnector.connector = (options, callback) =>
    connector(options, (...result: Parameters<buildConnector.Callback>) => {
      const [, socket] = result;
      socket?.prependListener('error', (error) => {
        if (socket.bytesRead > 0) ofReused.add(error);
      });
      callback(...result);
    });
  const settings = {
    connections: limits.connectionsMax,
    pipelining: 1,
    allowH2: false,
    connect,
    headersTimeout: limits.headersTimeoutMs,
    bodyTimeout: limits.bodyTimeoutMs,
  };
  const pool = new Pool(origin.origin, settings);
  // Each of its connections is used once: where one that was kept is found closed, all of them may be.
  const secondTries = new Pool(origin.origin, settings);
  return {
    send({ method, key, fields, body }, taker) {
      let controller: { pause(): void; resume(): void; abort(reason: Error): void } | undefined;
      let isAborted = false;
      let isOver = false;
      let hasBegun = false;
      let isSecondTry = false;
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
      // Closed while the request was on its way: by an origin that had waited long enough, most of all (RFC 9112, 9.3.1).
      const mayTryAgain = (error: Error) =>
        !isSecondTry && !hasBegun && !isAborted && body === undefined && idempotent.has(method) && isClosed(error);
      const isClosed = (error: Error & { code?: string; socket?: { bytesRead?: number } }) =>
        closures.has(error.code ?? '') && (ofReused.has(error) || (error.socket?.bytesRead ?? 0) > 0);
      const dispatch = () => {
        try {
          if (isSecondTry) secondTries.dispatch({ ...options, reset: true }, handler);
          else pool.dispatch(options, handler);
        } catch (error) {
          fail(error as Error);
        }
      };
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
          hasBegun = true;
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
        onResponseError(_: unknown, error: Error) {
          if (!mayTryAgain(error)) return fail(error);
          isSecondTry = true;
          dispatch();
        },
      };
      // Told in a later turn, so that who sent the request has the call in hand by then.
      queueMicrotask(() => {
        if (!isAborted) dispatch();
      });
      return call;
    },
    async close() {
      await Promise.all([pool.destroy(), secondTries.destroy()]);
    },
  };
}

// RFC 9110, 9.2.2: done twice they do the same as once.
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
const closures = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']);

function failureOf(error: Error & { code?: string }): UpstreamFailure {
  if (timeouts.has(error.code ?? '')) return { kind: 'timeout', detail: 'The origin did not answer in time.' };
  const isSpoken = error.code?.startsWith('HPE_') || error.code?.startsWith('UND_ERR_RES');
  if (isSpoken) return { kind: 'unreachable', detail: 'The origin did not answer in HTTP.' };
  return { kind: 'unreachable', detail: 'The origin cannot be reached, or hung up before it had answered.' };
}
