import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { acceptedEncoding } from '../api/accepted-encoding.ts';
import { commonHeaders, problemJson, problemType } from '../api/answer.ts';
import { createDateLine } from '../api/date-line.ts';
import { isForPeople } from '../api/early.ts';
import { problem } from '../api/problem.ts';
import type { ErrorPage } from '../api/site.ts';
import { createTurnEnd } from '../api/turn-end.ts';
import { givenLines, keepAliveLines, linesOf, sendWhole, takesWhole } from '../api/whole-answer.ts';

export type ErrorPageOf = (request: IncomingMessage, status: number, slug: string) => ErrorPage | undefined;

export interface Refusals {
  /** Answers 503 before this turn of the event loop ends, and lets go of the request; `isLong`: there is no use in coming back soon. */
  refuse(request: IncomingMessage, response: ServerResponse, isLong: boolean): void;
  /** The same as a text for the wire, as a problem. `lines`: more of its head. */
  onWire(socket: Socket, isLong: boolean, lines: string): string;
}

// Seconds after which who was refused may come again. All at once would be the same crowd once more.
const soonS = [1, 2, 2, 3, 3, 4, 5, 6] as const;
const laterS = [5, 6, 8, 9, 11, 13, 15, 18] as const;
// A rest of a body that Node reads and throws away, so that the connection stays of use.
const unreadBytesMax = 64 * 1024;

/**
 * Refusals are what an overloaded process does most: what is the same for all is made once, at the second time; each is one write;
 * and those of a turn leave together.
 */
export function createRefusals(errorPage?: ErrorPageOf): Refusals {
  const asProblem = answerOf(
    commonHeaders(problemType, 'no-store'),
    Buffer.from(problemJson(problem('overloaded').problem)),
  );
  const seen = new WeakSet<ErrorPage>();
  const compressed = new WeakMap<ErrorPage, Made>();
  const dateLine = createDateLine();
  const turnEnd = createTurnEnd();
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

  function nextDelayS(isLong: boolean): number {
    turn = (turn + 1) & 7;
    return (isLong ? laterS : soonS)[turn] as number;
  }

  function textOf({ head, body }: Answer, lines: string, delayS: number, socket: Socket | null): string {
    return `${head}${lines}retry-after: ${delayS}\r\ndate: ${dateLine()}\r\n${keepAliveLines(socket)}\r\n${body}`;
  }

  function send(response: ServerResponse, answer: Answer, delayS: number): void {
    if (response.destroyed || response.headersSent) return;
    const { headers, names, body } = answer;
    if (takesWhole(response)) {
      const lines = givenLines(response, names);
      sendWhole(response, 503, textOf(answer, lines, delayS, response.socket));
    } else {
      response.writeHead(503, [...headers, 'retry-after', String(delayS)]);
      response.end(body, 'latin1');
    }
  }

  return {
    refuse(request, response, isLong) {
      if (isTooLong(request)) response.shouldKeepAlive = false;
      const page = pageFor(request);
      const answer =
        page === undefined ? asProblem : (page[acceptedEncoding(request.headers['accept-encoding'])] ?? page.identity);
      const delayS = nextDelayS(isLong);
      turnEnd.hold(() => send(response, answer, delayS));
    },
    onWire: (socket, isLong, lines) => textOf(asProblem, lines, nextDelayS(isLong), socket),
  };
}

/** Whether there is more of a body than is worth reading for nothing. */
function isTooLong({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > unreadBytesMax;
}

/** Ready to be sent, but for what is of the moment. */
interface Answer {
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** The same as lines, behind the status line. */
  readonly head: string;
  readonly names: ReadonlySet<string>;
  /** One byte a character. */
  readonly body: string;
}

interface Made {
  readonly identity: Answer;
  readonly gzip?: Answer;
  readonly br?: Answer;
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
  return { identity: answerOf([...pageHeaders, ...headers], Buffer.from(html)) };
}

function compressedPage(page: ErrorPage): Made {
  const html = Buffer.from(page.html);
  const encoded = (encoding: string, body: Buffer) =>
    answerOf([...pageHeaders, ...page.headers, 'content-encoding', encoding], body);
  return {
    ...plainPage(page),
    gzip: encoded('gzip', gzipSync(html)),
    br: encoded('br', brotliCompressSync(html, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })),
  };
}

const ofTheMoment = ['retry-after', 'date', 'connection', 'keep-alive'];

function answerOf(common: readonly string[], bytes: Buffer): Answer {
  const headers = [...common, 'content-length', String(bytes.length)];
  const names = new Set([...headers.filter((_, at) => at % 2 === 0), ...ofTheMoment]);
  const head = `HTTP/1.1 503 ${STATUS_CODES[503]}\r\n${linesOf(headers)}`;
  return { headers, head, names, body: bytes.toString('latin1') };
}
