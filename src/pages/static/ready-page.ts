import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Encoding } from '../../platform/api/accepted-encoding.ts';
import { writeAnswer } from '../../platform/api/answer.ts';
import type { LabelHeaders } from '../../platform/api/cache-labels.ts';
import { matchesIfNoneMatch } from '../../platform/api/conditional.ts';
import { linesOf } from '../../platform/api/whole-answer.ts';
import { securityHeaders } from '../site/headers.ts';
import type { StoredPage } from './blob.ts';
import type { PageKind } from './page-kind.ts';
import type { PlainTexts } from './plain-text.ts';
import { pageTags } from './tags.ts';

/** A page in memory with all that its answers need, worked out once. */
export interface ReadyPage {
  readonly kind: PageKind;
  readonly page: StoredPage;
  readonly br: Representation;
  readonly gzip: Representation;
  readonly identity: Omit<Representation, 'body' | 'wire'> & { readonly body?: undefined };
}

interface Representation {
  /**
   * Strong, and of this coding alone: a tag that two codings shared would let a client put half of one to half of the other
   * (RFC 9110, section 8.8.3.3).
   */
  readonly etag: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Those of a 304 (RFC 9110, section 15.4.5). */
  readonly unchangedHeaders: readonly string[];
  readonly body: Buffer;
  /** Whole answers as bytes, until their date has passed. */
  readonly wire: { date: string; ok: Buffer | undefined; unchanged: Buffer | undefined };
}

export interface ReadyPageOptions {
  readonly labelHeaders: LabelHeaders;
  /** What those who get it are told of where it was (RFC 9211). */
  readonly cacheStatus: string;
}

export function readyPage(
  kind: PageKind,
  page: StoredPage,
  { labelHeaders, cacheStatus }: ReadyPageOptions,
): ReadyPage {
  // Of a page that is built anew the builder tells (`page.rebuilt`).
  const labels = labelHeaders({ tags: pageTags(page.path), isAnnounced: true });
  const of = (etag: string, coding: readonly string[], length: number) => {
    const keeping = [
      'cache-control',
      page.cacheControl,
      'vary',
      'accept-encoding',
      ...labels,
      'cache-status',
      cacheStatus,
    ];
    const validators = ['etag', `"${etag}"`, ...keeping];
    const content = ['content-type', page.contentType, ...coding, 'content-length', String(length)];
    return { etag, headers: [...content, ...validators, ...securityHeaders], unchangedHeaders: validators };
  };
  const { etag, brotli, gzip } = page;
  return {
    kind,
    page,
    br: {
      ...of(`${etag}-br`, ['content-encoding', 'br'], brotli.length),
      body: brotli,
      wire: { date: '', ok: undefined, unchanged: undefined },
    },
    gzip: {
      ...of(`${etag}-gzip`, ['content-encoding', 'gzip'], gzip.length),
      body: gzip,
      wire: { date: '', ok: undefined, unchanged: undefined },
    },
    identity: of(etag, [], page.identityBytes),
  };
}

/** Roughly what it takes of memory. */
export function bytesOf({ page }: ReadyPage): number {
  return 2 * (page.brotli.length + page.gzip.length) + 4096;
}

/** Answers a GET or HEAD. Returns the status, or undefined if nobody is there to read it. */
export function writeReadyPage(
  ready: ReadyPage,
  encoding: Encoding,
  request: IncomingMessage,
  response: ServerResponse,
  isStopping: boolean,
  plainTexts: PlainTexts,
): number | undefined {
  if (response.headersSent || response.destroyed) return undefined;
  const representation = ready[encoding];
  const ifNoneMatch = request.headers['if-none-match'];
  const ending = isStopping ? ['connection', 'close'] : [];
  if (ifNoneMatch !== undefined && matchesIfNoneMatch(ifNoneMatch, representation.etag)) {
    return writeAnswer(response, 304, [...representation.unchangedHeaders, ...ending], undefined) ? 304 : undefined;
  }
  const { headers } = representation;
  response.writeHead(200, (isStopping ? [...headers, ...ending] : headers) as string[]);
  if (request.method === 'HEAD') response.end();
  else if (representation.body !== undefined) response.end(representation.body);
  else plainTexts.send(ready.page, response);
  return 200;
}

/** The same as bytes, for a connection that stays open. Undefined for who wants the plain text. */
export function wireAnswer(
  ready: ReadyPage,
  encoding: Encoding,
  ifNoneMatch: string | undefined,
  date: string,
): { readonly status: number; readonly bytes: Buffer } | undefined {
  if (encoding === 'identity') return undefined;
  const representation = ready[encoding];
  const { wire } = representation;
  if (wire.date !== date) {
    wire.date = date;
    wire.ok = undefined;
    wire.unchanged = undefined;
  }
  if (ifNoneMatch !== undefined && matchesIfNoneMatch(ifNoneMatch, representation.etag)) {
    wire.unchanged ??= wireBytes('304 Not Modified', representation.unchangedHeaders, date, undefined);
    return { status: 304, bytes: wire.unchanged };
  }
  wire.ok ??= wireBytes('200 OK', representation.headers, date, representation.body);
  return { status: 200, bytes: wire.ok };
}

function wireBytes(status: string, headers: readonly string[], date: string, body: Buffer | undefined): Buffer {
  const head = Buffer.from(`HTTP/1.1 ${status}\r\n${linesOf(headers)}Date: ${date}\r\n\r\n`, 'latin1');
  return body === undefined ? head : Buffer.concat([head, body]);
}
