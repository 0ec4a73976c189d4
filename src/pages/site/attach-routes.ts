import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { asCall, deadlineOf, HttpCall, requestIdOf } from '../../platform/api/call.ts';
import { defaultLimits } from '../../platform/api/limits.ts';
import { refuse } from '../../platform/api/refusal.ts';
import { unmetered, type WorkMeter } from '../../platform/api/work.ts';
import { type Locale, locales, localPath } from '../locale.ts';
import { pageLook } from './page-look.ts';
import type { PageRequest, PageRoute } from './page-request.ts';
import { type PageHost, writeReply } from './write-reply.ts';

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
export function attachRoutes(scope: FastifyInstance, routes: readonly PageRoute[], host: PageHost): void {
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
          const status = await writeReply(answer, request.raw, reply.raw, host, call.requestId);
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
  return {
    ...pageLook(request.raw, locale, request.params as Record<string, string>),
    form: request.body instanceof URLSearchParams ? request.body : new URLSearchParams(),
    call: asCall(call),
  };
}
