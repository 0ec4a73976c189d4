import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { acceptedEncoding } from '../../platform/api/accepted-encoding.ts';
import { problemJson, problemType, writeAnswer } from '../../platform/api/answer.ts';
import type { LabelHeaders } from '../../platform/api/cache-labels.ts';
import { asCall, deadlineOf, HttpCall, requestIdOf } from '../../platform/api/call.ts';
import type { AddressedRequest, ClientAddressOf } from '../../platform/api/client-address.ts';
import { defaultLimits } from '../../platform/api/limits.ts';
import { refuse } from '../../platform/api/refusal.ts';
import type { SiteHost } from '../../platform/api/site.ts';
import { unmetered, type WorkMeter } from '../../platform/api/work.ts';
import type { Clock } from '../../platform/context/context.ts';
import { type Locale, locales, localPath } from '../locale.ts';
import { compressed } from './compress.ts';
import { cookieHeader, parseCookies } from './cookies.ts';
import { securityHeaders, securityHeadersWith } from './headers.ts';
import type { PageReply, PageRequest, PageRoute } from './page-request.ts';
import { splitQuery } from './split-query.ts';

// The review's form holds a signed quote, which alone may have 64 KiB (a hundred lines with long titles).
const formBytesMax = 96 * 1024;

/** Takes forms as browsers send them, in this scope only. */
export function takeForms(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: formBytesMax },
    (_request, text, done) => done(null, new URLSearchParams(text as string)),
  );
}

/** Adds the routes, under the prefix of each language. */
export function attachRoutes(
  scope: FastifyInstance,
  routes: readonly PageRoute[],
  host: SiteHost & { readonly clock: Clock; readonly labelHeaders: LabelHeaders; publicUrl(): string },
): void {
  for (const route of routes) {
    const recorder = host.recorderOf(`${route.method} ${route.path}`, route.importance);
    const meter = host.meterOf?.(route) ?? unmetered;
    for (const locale of locales) {
      scope.route({
        method: route.method,
        url: localPath(locale, route.path),
        async handler(request, reply) {
          const startedAtMs = performance.now();
          if (route.method === 'POST' && !isFromHere(request.raw)) throw notFromHere();
          const call = new HttpCall(request.raw, reply.raw, {
            requestId: requestIdOf(request.raw, host.nextRequestId),
            deadlineAtMs: deadlineOf(request.raw, host.clock, defaultLimits),
            credential: undefined,
            idempotencyKey: undefined,
            rawBody: undefined,
            client: host.client,
          });
          const answer = await metered(meter, () => route.handle(pageRequest(request, locale, call)));
          reply.hijack();
          const status = await write(answer, request.raw, reply.raw, {
            requestId: call.requestId,
            isStopping: host.isStopping(),
            isSecure: isSecure(request.raw, host.publicUrl(), host.addressOf),
            labelHeaders: host.labelHeaders,
          });
          recorder.record(status, performance.now() - startedAtMs, asCall(call));
        },
      });
    }
  }
}

async function metered<T>(meter: WorkMeter, work: () => Promise<T>): Promise<T> {
  const startedAtMs = performance.now();
  meter.begin();
  try {
    return await work();
  } finally {
    meter.end(performance.now() - startedAtMs);
  }
}

/**
 * Whether a form was sent by a page of this shop. Browsers say where a request comes from (Fetch Metadata, and `Origin` in
 * older ones); what says nothing is no browser and holds nobody's cookies.
 */
function isFromHere({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}

const notFromHere = () =>
  refuse('forbidden', { detail: 'This form was sent by a page of another site. Open the shop and send it there.' });

function pageRequest(request: FastifyRequest, locale: Locale, call: HttpCall): PageRequest {
  const { raw } = request;
  const [rawPath, rawQuery] = splitQuery(raw.url ?? '/');
  return {
    locale,
    path: locale === 'en' ? rawPath : rawPath.slice(locale.length + 1) || '/',
    params: request.params as Record<string, string>,
    query: new URLSearchParams(rawQuery),
    form: request.body instanceof URLSearchParams ? request.body : new URLSearchParams(),
    cookies: parseCookies(raw.headers.cookie),
    wantsJson: /\bapplication\/json\b/.test(raw.headers.accept ?? ''),
    call: asCall(call),
  };
}

/**
 * Whether cookies go by TLS only: always where the shop is at an `https` address for the world, else behind a trusted
 * proxy that ends TLS, by what it says.
 */
export function isSecure(request: AddressedRequest, publicUrl: string, addressOf: ClientAddressOf): boolean {
  return /^https:/i.test(publicUrl) || addressOf(request).isHttps;
}

interface WriteOptions {
  readonly requestId: string;
  readonly isStopping: boolean;
  readonly isSecure: boolean;
  readonly labelHeaders: LabelHeaders;
}

/** Returns the status, or undefined if nobody is there to read it. */
async function write(
  answer: PageReply,
  request: IncomingMessage,
  response: ServerResponse,
  { requestId, isStopping, isSecure, labelHeaders }: WriteOptions,
): Promise<number | undefined> {
  const policy = answer.kind === 'page' ? answer.contentSecurityPolicy : undefined;
  const headers = [
    ...(policy === undefined ? securityHeaders : securityHeadersWith(policy)),
    'x-request-id',
    requestId,
  ];
  for (const cookie of answer.cookies ?? []) headers.push('set-cookie', cookieHeader(cookie, isSecure));
  if (isStopping) headers.push('connection', 'close');
  const { status, type, text, cacheControl } = contentOf(answer, requestId);
  headers.push('cache-control', cacheControl);
  if (answer.kind === 'page' && answer.tags !== undefined) {
    headers.push(...labelHeaders({ tags: answer.tags, isAnnounced: false }));
  }
  if (answer.kind === 'redirect') headers.push('location', answer.to);
  if (answer.kind === 'page' && answer.retryAfterS !== undefined)
    headers.push('retry-after', String(answer.retryAfterS));
  if (text === undefined) return writeAnswer(response, status, headers, undefined) ? status : undefined;
  const { body, encoding } = await compressed(Buffer.from(text), acceptedEncoding(request.headers['accept-encoding']));
  headers.push('content-type', type, 'vary', 'accept, accept-encoding');
  if (encoding !== 'identity') headers.push('content-encoding', encoding);
  return writeAnswer(response, status, headers, body) ? status : undefined;
}

function contentOf(answer: PageReply, requestId: string) {
  switch (answer.kind) {
    case 'page':
      return {
        status: answer.status,
        type: 'text/html; charset=utf-8',
        text: answer.html,
        cacheControl: answer.cacheControl ?? 'no-store',
      };
    case 'redirect':
      return { status: 303, type: '', text: undefined, cacheControl: 'no-store' };
    case 'json': {
      const isProblem = answer.status >= 400;
      return {
        status: answer.status,
        type: isProblem ? problemType : 'application/json; charset=utf-8',
        text: isProblem ? problemJson(answer.body as never, requestId) : JSON.stringify(answer.body),
        cacheControl: 'no-store',
      };
    }
  }
}
