import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { acceptedEncoding } from '../api/accepted-encoding.ts';
import { commonHeaders, problemJson, problemType } from '../api/answer.ts';
import { isForPeople } from '../api/early.ts';
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

/** Refusals are what an overloaded process does most: what is the same for all is made once, at the second time. */
export function createRefusals(errorPage?: ErrorPageOf): Refusals {
  const body = Buffer.from(problemJson(problem('overloaded').problem));
  const asProblem = headersByDelay([...commonHeaders(problemType, 'no-store')], body);
  const seen = new WeakSet<ErrorPage>();
  const compressed = new WeakMap<ErrorPage, Made>();
  let turn = 0;

  function pageFor(request: IncomingMessage): Made | undefined {
    const page = isForPeople(request) ? errorPage?.(request, 503, 'overloaded') : undefined;
    if (page === undefined) return undefined;
    const known = compressed.get(page);
    if (known !== undefined) return known;
    if (!seen.has(page)) {
      // It may be for this one alone, who waits for a room: then it is not seen again, and not worth compressing.
      seen.add(page);
      return plainPage(page);
    }
    const made = compressedPage(page);
    compressed.set(page, made);
    return made;
  }

  return {
    refuse(request, response, isLong) {
      const { headers } = request;
      const page = pageFor(request);
      const made =
        page === undefined ? asProblem : (page[acceptedEncoding(headers['accept-encoding'])] ?? page.identity);
      turn = (turn + 1) & 7;
      const lines = (isLong ? made.later : made.soon)[turn] as readonly string[];
      const isLarge = headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > unreadBytesMax;
      response.writeHead(503, isLarge ? [...lines, 'connection', 'close'] : (lines as string[]));
      response.end(made.body);
    },
  };
}

type Bytes = ReturnType<typeof headersByDelay>;

interface Made {
  readonly identity: Bytes;
  readonly gzip?: Bytes;
  readonly br?: Bytes;
}

const pageHeaders = [
  'content-type',
  'text/html; charset=utf-8',
  'cache-control',
  'no-store',
  'vary',
  'accept-encoding',
];

function plainPage({ headers, html }: ErrorPage): Made {
  return { identity: headersByDelay([...pageHeaders, ...headers], Buffer.from(html)) };
}

function compressedPage(page: ErrorPage): Made {
  const html = Buffer.from(page.html);
  const encoded = (encoding: string, body: Buffer) =>
    headersByDelay([...pageHeaders, ...page.headers, 'content-encoding', encoding], body);
  return {
    ...plainPage(page),
    gzip: encoded('gzip', gzipSync(html)),
    br: encoded('br', brotliCompressSync(html, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })),
  };
}

function headersByDelay(common: readonly string[], body: Buffer) {
  const lines = (delayS: number) => [...common, 'content-length', String(body.length), 'retry-after', String(delayS)];
  return { body, soon: soonS.map(lines), later: laterS.map(lines) };
}
