import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { commonHeaders, problemJson, problemType } from '../api/answer.ts';
import { problem } from '../api/problem.ts';
import type { ErrorPage } from '../api/site.ts';

export type ErrorPageOf = (request: IncomingMessage, status: number, slug: string) => ErrorPage | undefined;

export interface Refusals {
  /** Answers 503 and lets go of the request; `isLong`: there is no use in coming back soon. */
  refuse(request: IncomingMessage, response: ServerResponse, isLong: boolean): void;
}

// Seconds after which who was refused may come again. All at once would be the same crowd once more.
const soonS = [1, 2, 2, 3, 3, 4, 5, 6] as const;
const laterS = [5, 6, 8, 9, 11, 13, 15, 18] as const;
// A rest of a body that Node reads and throws away, so that the connection stays of use.
const unreadBytesMax = 64 * 1024;

/** Refusals are what an overloaded process does most: every byte of them is made beforehand, once. */
export function createRefusals(errorPage?: ErrorPageOf): Refusals {
  const body = Buffer.from(problemJson(problem('overloaded').problem));
  const asProblem = headersByDelay([...commonHeaders(problemType, 'no-store')], body);
  const pages = new Map<string, ReturnType<typeof compressedPage>>();
  let turn = 0;

  function pageFor(request: IncomingMessage) {
    if (errorPage === undefined || !/\btext\/html\b/i.test(request.headers.accept ?? '')) return undefined;
    const url = request.url ?? '/';
    if (/^\/(?:v1|internal)(?:[/?]|$)/.test(url)) return undefined;
    // The page is that of the language, which stands first in a path if it stands there.
    const key = /^\/[a-z]{2}(?=[/?]|$)/.exec(url)?.[0] ?? '';
    let page = pages.get(key);
    if (page === undefined) {
      page = compressedPage(errorPage(request, 503, 'overloaded'));
      pages.set(key, page);
    }
    return page;
  }

  return {
    refuse(request, response, isLong) {
      const { headers } = request;
      const page = pageFor(request);
      const accepts = page === undefined ? '' : (headers['accept-encoding'] ?? '');
      const made =
        page === undefined
          ? asProblem
          : /\bbr\b/.test(accepts)
            ? page.brotli
            : /\bgzip\b/.test(accepts)
              ? page.gzip
              : page.identity;
      turn = (turn + 1) & 7;
      const lines = (isLong ? made.later : made.soon)[turn] as readonly string[];
      const isLarge = headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > unreadBytesMax;
      response.writeHead(503, isLarge ? [...lines, 'connection', 'close'] : (lines as string[]));
      response.end(made.body);
    },
  };
}

function compressedPage(page: ErrorPage | undefined) {
  if (page === undefined) return undefined;
  const html = Buffer.from(page.html);
  const common = ['content-type', 'text/html; charset=utf-8', 'cache-control', 'no-store', 'vary', 'accept-encoding'];
  const made = (encoding: string | undefined, body: Buffer) =>
    headersByDelay(
      [...common, ...page.headers, ...(encoding === undefined ? [] : ['content-encoding', encoding])],
      body,
    );
  return {
    identity: made(undefined, html),
    gzip: made('gzip', gzipSync(html)),
    brotli: made('br', brotliCompressSync(html, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })),
  };
}

function headersByDelay(common: readonly string[], body: Buffer) {
  const lines = (delayS: number) => [...common, 'content-length', String(body.length), 'retry-after', String(delayS)];
  return { body, soon: soonS.map(lines), later: laterS.map(lines) };
}
