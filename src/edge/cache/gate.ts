import { IncomingMessage, type ServerResponse } from 'node:http';
import { hasBody } from '../../platform/api/call.ts';
import type { Gate, Onward } from '../../platform/api/gate.ts';
import { createCapturedResponse, fieldsOf } from './captured-response.ts';
import type { Engine } from './engine.ts';
import { toFields } from './fields.ts';
import { type CacheKey, hostOf } from './kept-answer.ts';
import { plainRequestOf } from './plain-request.ts';
import type { Upstream } from './upstream.ts';

export type WantedRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

/** The cache before the shop in the same process. What it has no part in passes as it came. */
export function createGate(engine: Engine, wants: (request: WantedRequest) => boolean): Gate {
  const bypassed = engine.member.forwarded({ reason: 'bypass' });
  return {
    name: 'cache',
    pass(request, response, onward) {
      const { method = '', url = '' } = request;
      if (method === 'GET' && url.startsWith('/') && wants(request)) {
        const plain = plainRequestOf(request.rawHeaders, false);
        if (plain !== undefined && engine.hits.answer(plain, url, response)) return;
      }
      const key = (): CacheKey => ({ host: hostOf(request.headers.host ?? ''), target: url });
      if (method !== 'GET' && method !== 'HEAD') {
        engine.counts.bypass += 1;
        if (method !== 'OPTIONS') response.once('finish', () => invalidateAfter(engine, key(), response));
        onward();
      } else if (!url.startsWith('/') || isPersonal(request) || hasBody(request) || !wants(request)) {
        engine.counts.bypass += 1;
        response.setHeader('cache-status', bypassed);
        onward();
      } else {
        const fields = toFields(request.rawHeaders);
        engine.serve({ method, key: key(), fields, response, upstream: behind(request, onward) });
      }
    },
  };
}

function isPersonal({ headers }: IncomingMessage): boolean {
  return headers.authorization !== undefined || headers.accept?.includes('text/event-stream') === true;
}

function invalidateAfter(engine: Engine, key: CacheKey, response: ServerResponse): void {
  if (response.statusCode < 400) engine.invalidate(key, fieldsOf(response));
}

/** What is behind the gate, as an upstream: each request is a copy of the one that came, with the fields that the cache asks by. */
function behind(request: IncomingMessage, onward: Onward): Upstream {
  return {
    send({ method, key, fields }, taker) {
      const copy = new IncomingMessage(request.socket);
      copy.method = method;
      copy.url = key.target;
      copy.httpVersion = request.httpVersion;
      copy.httpVersionMajor = request.httpVersionMajor;
      copy.httpVersionMinor = request.httpVersionMinor;
      copy.rawHeaders = [...fields];
      for (let at = 0; at < fields.length; at += 2) {
        const name = fields[at] ?? '';
        // As Node joins them: what may stand once only keeps its first value, which is what the request had.
        copy.headers[name] ??= request.headers[name] ?? fields[at + 1];
        if (isAsked.has(name)) copy.headers[name] = fields[at + 1];
      }
      copy.complete = true;
      copy.push(null);
      copy.resume();
      const captured = createCapturedResponse(copy, taker);
      onward(copy, captured.response);
      return captured.call;
    },
  };
}

// What the cache says for itself where the client may have said something else.
const isAsked = new Set(['if-none-match', 'if-modified-since']);
