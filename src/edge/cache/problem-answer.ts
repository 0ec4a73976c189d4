import type { ServerResponse } from 'node:http';

const titles = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  421: 'Misdirected Request',
  502: 'Bad Gateway',
  504: 'Gateway Timeout',
  508: 'Loop Detected',
} as const;

export type ProblemStatus = keyof typeof titles;

/**
 * What the cache says for itself (RFC 9457). Nobody keeps it. `cacheStatus` is its member of `Cache-Status`, if upstream was asked: a
 * cache that answers out of nothing but itself has none (RFC 9211, 2).
 */
export function answerProblem(
  response: ServerResponse,
  status: ProblemStatus,
  detail: string,
  cacheStatus?: string,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify({ type: 'about:blank', title: titles[status], status, detail }));
  response.writeHead(status, [
    'content-type',
    'application/problem+json',
    'content-length',
    String(body.length),
    'cache-control',
    'no-store',
    ...(cacheStatus === undefined ? [] : ['cache-status', cacheStatus]),
  ]);
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
