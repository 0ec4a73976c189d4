import type { ServerResponse } from 'node:http';
import { readsHtml, type Unread } from '../../platform/api/early.ts';
import type { ProblemReply } from '../../platform/api/problem.ts';

const titles = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  431: 'Request Header Fields Too Large',
  502: 'Bad Gateway',
  504: 'Gateway Timeout',
  508: 'Loop Detected',
} as const;

export type ProblemStatus = keyof typeof titles;

const unreadProblems: Readonly<Record<Unread, ProblemReply>> = {
  'header-too-large': plainProblem(431, 'The header is larger than 16 KB.'),
  'request-timeout': plainProblem(408, 'The request took too long to arrive.'),
  'bad-request': plainProblem(400, 'This is not a valid HTTP request.'),
};

/** What is said of a request that Node could not read. */
export function unreadProblem(why: Unread): ProblemReply {
  return unreadProblems[why];
}

function plainProblem(status: ProblemStatus, detail: string): ProblemReply {
  return { status, problem: { type: 'about:blank', title: titles[status], status, detail } };
}

/**
 * What the cache says for itself: to programs a problem (RFC 9457), to people a page. Nobody keeps it. `cacheStatus` is its member of
 * `Cache-Status`, if upstream was asked: a cache that answers out of nothing but itself has none (RFC 9211, 2).
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
  const isPage = readsHtml(response.req.headers);
  const { problem } = plainProblem(status, detail);
  const body = Buffer.from(isPage ? pageOf(problem) : JSON.stringify(problem));
  response.writeHead(status, [
    'content-type',
    isPage ? 'text/html; charset=utf-8' : 'application/problem+json',
    'content-length',
    String(body.length),
    'cache-control',
    'no-store',
    ...(cacheStatus === undefined ? [] : ['cache-status', cacheStatus]),
  ]);
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** All that it says is ours: nothing of a request stands in it. */
function pageOf({ title, status, detail = '' }: ProblemReply['problem']): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><title>${title}</title><h1>${status} ${title}</h1><p>${detail}</p></html>\n`;
}
