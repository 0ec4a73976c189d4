import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestIdOf } from '../../platform/api/call.ts';
import { type Locale, locales, localPath } from '../locale.ts';
import { logIds } from './log-ids.ts';
import { pageLook } from './page-look.ts';
import type { PageRoute } from './page-request.ts';
import { splitQuery } from './split-query.ts';
import { type PageHost, writeShortReply } from './write-reply.ts';

/**
 * Answers what routes know at once, before it is routed: what everybody who waits asks every few seconds. False for
 * everything else, of which nothing was written. A path of such a route ends in its one parameter.
 */
export function createAtOnce(
  routes: readonly PageRoute[],
  host: PageHost,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const ways = routes.flatMap((route) => {
    const { atOnce, method, path } = route;
    if (atOnce === undefined) return [];
    const [, bare, name] = /^(\/[^:]*\/):(\w+)$/.exec(path) ?? [];
    assert(bare !== undefined && name !== undefined, `${path} does not end in its one parameter`);
    const recorder = host.recorderOf(`${method} ${path}`, route.importance);
    return locales.map((locale: Locale) => ({
      method,
      prefix: localPath(locale, bare),
      name,
      locale,
      atOnce,
      recorder,
    }));
  });

  return (request, response) => {
    const { method, url = '' } = request;
    const way = ways.find(({ method: own, prefix }) => own === method && url.startsWith(prefix));
    if (way === undefined) return false;
    const startedAtMs = performance.now();
    const [value] = splitQuery(url.slice(way.prefix.length));
    const answer = way.atOnce(pageLook(request, way.locale, { [way.name]: value }));
    if (answer === undefined) return false;
    const requestId = requestIdOf(request, host.nextRequestId);
    const status = writeShortReply(answer, request, response, host, requestId);
    const ids = logIds(
      () => requestId,
      () => request.headers.traceparent as string | undefined,
    );
    way.recorder.record(status, performance.now() - startedAtMs, ids);
    return true;
  };
}
