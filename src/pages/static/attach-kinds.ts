import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { acceptedEncoding, type Encoding } from '../../platform/api/accepted-encoding.ts';
import { writeAnswer } from '../../platform/api/answer.ts';
import { requestIdOf, saneRequestIdOr } from '../../platform/api/call.ts';
import { createDateLine } from '../../platform/api/date-line.ts';
import type { RouteRecorder } from '../../platform/api/record.ts';
import { refuse } from '../../platform/api/refusal.ts';
import type { SiteHost } from '../../platform/api/site.ts';
import type { WireRequest } from '../../platform/api/wire-request.ts';
import { localPath } from '../locale.ts';
import { securityHeaders } from '../site/headers.ts';
import { logIds } from '../site/log-ids.ts';
import { splitQuery } from '../site/split-query.ts';
import type { PageKind, PageParams } from './page-kind.ts';
import { localesOf, pageRef } from './page-paths.ts';
import { createPlainTexts } from './plain-text.ts';
import { type ReadyPage, wireAnswer, writeReadyPage } from './ready-page.ts';
import type { Shelf } from './shelf.ts';

export interface StaticAnswers {
  /** Answers before routing if the page is in memory; false if it is not. */
  atOnce(request: IncomingMessage, response: ServerResponse): boolean;
  /** The same as bytes, if `admits` lets it: it is asked once, for a page that is there. */
  onWire(request: WireRequest, admits: () => boolean): Buffer | Promise<Buffer | undefined> | undefined;
}

/** Adds a route for each kind in each language, and returns the way around them. */
export function attachKinds(
  scope: FastifyInstance,
  kinds: readonly PageKind[],
  shelf: Shelf,
  host: SiteHost,
): StaticAnswers {
  const encodingOf = createEncodings();
  const dateLine = createDateLine();
  const plainTexts = createPlainTexts();
  const recorders = new Map<PageKind, RouteRecorder>();
  for (const kind of kinds) {
    const recorder = host.recorderOf(`GET ${kind.path}`);
    recorders.set(kind, recorder);
    for (const locale of localesOf(kind)) {
      const handler = async (request: FastifyRequest, reply: FastifyReply) => {
        const startedAtMs = performance.now();
        const { raw } = request;
        const [path, query] = splitQuery(raw.url ?? '/');
        const params = canonical(request.params as PageParams);
        if (!isSane(params)) throw refuse('not-found');
        const ref = pageRef(kind, params, locale);
        if (path !== ref.path) return redirect(reply, recorder, ref.path, query);
        const ready = await shelf.find(ref);
        if (ready === undefined) throw refuse('not-found');
        reply.hijack();
        const encoding = encodingOf(raw.headers['accept-encoding']);
        const status = writeReadyPage(ready, encoding, raw, reply.raw, host.isStopping(), plainTexts);
        recorder.record(status, performance.now() - startedAtMs, idsOf(raw, host));
      };
      const url = localPath(locale, kind.path);
      scope.get(url, handler);
      // The handler sends it on. What ends in a wildcard has it already.
      if (!url.endsWith('/') && !url.endsWith('*')) scope.get(`${url}/`, handler);
    }
  }

  return {
    atOnce(request, response) {
      const startedAtMs = performance.now();
      const { method, url = '' } = request;
      if (method !== 'GET' && method !== 'HEAD') return false;
      const ready = shelf.atOnce(pathOfUrl(url));
      if (ready === undefined) return false;
      const encoding = encodingOf(request.headers['accept-encoding']);
      const status = writeReadyPage(ready, encoding, request, response, host.isStopping(), plainTexts);
      recorders.get(ready.kind)?.record(status, performance.now() - startedAtMs, idsOf(request, host));
      return true;
    },
    onWire(request, admits) {
      const startedAtMs = performance.now();
      const { 'accept-encoding': accepted, 'if-none-match': known } = request.headers;
      const path = pathOfUrl(request.url);
      const answer = (ready: ReadyPage): Buffer | undefined => {
        const made = wireAnswer(ready, encodingOf(accepted), known, dateLine());
        if (made === undefined || !admits()) return undefined;
        recorders.get(ready.kind)?.record(made.status, performance.now() - startedAtMs, idsOfHead(request, host));
        return made.bytes;
      };
      const ready = shelf.atOnce(path);
      if (ready !== undefined) return answer(ready);
      return shelf.soon(path)?.then((found) => found && answer(found));
    },
  };
}

// What names something is letters, digits and a few marks. Nobody need be asked about a line break or a NUL.
const saneName = /^[\p{L}\p{N}][\p{L}\p{N}._~-]{0,299}$/u;

function isSane(params: PageParams): boolean {
  const { '*': rest, ...named } = params;
  return [...Object.values(named), ...(rest?.split('/') ?? [])].every((text) => saneName.test(text));
}

/** Slugs and ids are lower case; what is written otherwise is sent to the one address that the page has. */
export function canonical(params: PageParams): PageParams {
  return Object.fromEntries(Object.entries(params).map(([name, text]) => [name, withoutEnd(text.toLowerCase())]));
}

/** Without slashes at its end. By hand: a pattern begins anew at each slash of a run that does not end the path. */
function withoutEnd(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end--;
  return path.slice(0, end);
}

function redirect(reply: FastifyReply, recorder: RouteRecorder, path: string, query: string): void {
  const location = query === '' ? path : `${path}?${query}`;
  const headers = [...securityHeaders, 'location', location, 'cache-control', 'public, max-age=3600'];
  reply.hijack();
  const isTaken = writeAnswer(reply.raw, 301, headers, undefined);
  recorder.record(isTaken ? 301 : undefined, 0, idsOf(reply.request.raw, { nextRequestId: () => '' }));
}

function pathOfUrl(url: string): string {
  const queryAt = url.indexOf('?');
  return queryAt < 0 ? url : url.slice(0, queryAt);
}

function idsOf(request: IncomingMessage, host: Pick<SiteHost, 'nextRequestId'>) {
  return logIds(
    () => requestIdOf(request, host.nextRequestId),
    () => request.headers.traceparent as string | undefined,
  );
}

function idsOfHead({ head, headers }: WireRequest, host: Pick<SiteHost, 'nextRequestId'>) {
  return logIds(
    () => saneRequestIdOr(headers['x-request-id'], host.nextRequestId),
    () => /\r\ntraceparent:[\t ]*([^\r]*)/i.exec(head)?.[1]?.trimEnd(),
  );
}

const knownHeadersMax = 200;

/** Browsers send a handful of different headers, so each is read once. */
function createEncodings(): (header: string | undefined) => Encoding {
  const known = new Map<string, Encoding>();
  return (header = '') => {
    let encoding = known.get(header);
    if (encoding === undefined) {
      encoding = acceptedEncoding(header);
      if (known.size >= knownHeadersMax) known.clear();
      known.set(header, encoding);
    }
    return encoding;
  };
}
