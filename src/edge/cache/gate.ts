import { IncomingMessage, type ServerResponse } from 'node:http';
import { hasBody } from '../../platform/api/call.ts';
import { isForPeople } from '../../platform/api/early.ts';
import type { Gate, Onward } from '../../platform/api/gate.ts';
import type { Refusal, Screened } from '../../platform/overload/overload.ts';
import { createCapturedResponse, fieldsOf } from './captured-response.ts';
import type { Engine } from './engine.ts';
import { type Fields, hasField, replaced, toFields } from './fields.ts';
import { type CacheKey, hostOf } from './kept-answer.ts';
import { type PlainRequest, plainRequestOf, plainRequestOnWire } from './plain-request.ts';
import type { Upstream } from './upstream.ts';

/** How a request is refused that the shop behind the cache would only refuse; undefined: it may be let in. */
export type Screen = (request: Screened) => Refusal | undefined;

export interface GateOptions {
  readonly engine: Engine;
  readonly wants: (url: string) => boolean;
  /** Asked before a fetch is begun for somebody. */
  readonly screen?: Screen | undefined;
}

/** The cache before the shop in the same process. What it has no part in passes as it came, and its answer says so. */
export function createGate({ engine, wants, screen }: GateOptions): Gate {
  // Made once: what passes are orders and carts, and in a rush refusals of them.
  const passed = {
    looking: engine.member.forwarded({ reason: 'bypass' }),
    changing: engine.member.forwarded({ reason: 'method' }),
    // To who asks it is the shop that refused: that it was not even fetched from there is a saving.
    missing: engine.member.forwarded({ reason: 'uri-miss' }),
    outdated: engine.member.forwarded({ reason: 'stale' }),
  };
  const refusalOf = (request: Screened, key: CacheKey, plain?: PlainRequest): Refusal | undefined => {
    // To wait with others costs nothing; and what is kept may do for who wants it otherwise than plainly, which the engine knows.
    if (screen === undefined || engine.isFetching(key) || (plain === undefined && engine.keeps(key))) return undefined;
    return screen(request);
  };
  const missed = (key: CacheKey): string => {
    engine.counts.miss += 1;
    return engine.keeps(key) ? passed.outdated : passed.missing;
  };
  const passes = (isWanted: boolean, isLooking: boolean): string => {
    if (isWanted && isLooking) engine.counts.bypass += 1;
    return isLooking ? passed.looking : passed.changing;
  };
  return {
    name: 'cache',
    pass(request, response, onward) {
      const { method = '', url = '' } = request;
      const isLooking = method === 'GET' || method === 'HEAD';
      const isWanted = wants(url);
      const key = (): CacheKey => ({ host: hostOf(request.headers.host ?? ''), target: url });
      if (isWanted && isLooking && url.startsWith('/')) {
        const plain = method === 'GET' ? plainRequestOf(request.rawHeaders, false) : undefined;
        const found = plain && engine.hits.find(plain, url);
        const hit = found && engine.hits.usable(found);
        if (hit !== undefined) return engine.hits.send(hit, response);
        if (!isPersonal(request) && !hasBody(request)) {
          const refusal = refusalOf(request, key(), plain);
          if (refusal === undefined) {
            const upstream = behind(request, onward, screen);
            return engine.serve({ method, key: key(), fields: fieldsFor(key(), request), response, upstream });
          }
          const standIn = found && engine.hits.standIn(found);
          if (standIn !== undefined) return engine.hits.send(standIn, response);
          response.setHeader('cache-status', missed(key()));
          return refusal.toResponse(response);
        }
      }
      if (isWanted && !isLooking && method !== 'OPTIONS') {
        response.once('finish', () => invalidateAfter(engine, key(), response));
      }
      response.setHeader('cache-status', passes(isWanted, isLooking));
      onward();
    },

    /** What is kept, and what would be refused: those are most of what comes in a rush. Whose token is shown, and who is shown pages, is not for here. */
    onWire(request, admit) {
      const { method, url, headers, socket } = request;
      if (headers.authorization !== undefined || isForPeople(request)) return undefined;
      const isWanted = wants(url);
      const isLooking = method === 'GET';
      const key: CacheKey = { host: hostOf(headers.host ?? ''), target: url };
      const plain = isWanted ? plainRequestOnWire(request) : undefined;
      const found = plain && engine.hits.find(plain, url);
      const hit = found && engine.hits.usable(found);
      if (hit !== undefined) return engine.hits.onWire(hit, socket, admit);
      const isKeepable = isWanted && isLooking && !asksForStream(request);
      const refused = () => (isKeepable ? refusalOf(request, key, plain) : screen?.(request));
      const standIn = found && engine.hits.standIn(found);
      // Asked for an answer that goes by the wire only: for another one it is asked at the gate, and counts who asks it.
      if (standIn !== undefined) return engine.hits.onWire(standIn, socket, () => refused() && admit());
      const refusal = refused();
      if (refusal === undefined) return undefined;
      const share = admit();
      if (share === undefined) return undefined;
      const cacheStatus = isKeepable ? missed(key) : passes(isWanted, isLooking);
      return refusal.onWire(`${share}cache-status: ${cacheStatus}\r\n`);
    },
  };
}

/** What the shop is told: of the host what the key says, so that who names it otherwise cannot choose what others get. */
function fieldsFor({ host }: CacheKey, { rawHeaders }: IncomingMessage): Fields {
  const fields = toFields(rawHeaders);
  return hasField(fields, 'host') ? replaced(fields, ['host', host]) : fields;
}

function isPersonal(request: IncomingMessage): boolean {
  return request.headers.authorization !== undefined || asksForStream(request);
}

function asksForStream({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers.accept?.includes('text/event-stream') === true;
}

function invalidateAfter(engine: Engine, key: CacheKey, response: ServerResponse): void {
  if (response.statusCode < 400) engine.invalidate(key, fieldsOf(response));
}

/** What is behind the gate, as an upstream: each request is a copy of the one that came, with the fields that the cache asks by. */
function behind(request: IncomingMessage, onward: Onward, screen: Screen | undefined): Upstream {
  return {
    refusal: () => screen?.(request),
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
const isAsked = new Set(['host', 'if-none-match', 'if-modified-since']);
