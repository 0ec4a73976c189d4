import type { Readable } from 'node:stream';
import type { Clock } from '../../platform/context/context.ts';
import { type ForwardReason, statusOfForward, statusOfHit } from './cache-status.ts';
import {
  conditionNames,
  hasValidator,
  isNotModified,
  notModifiedFields,
  updatedFields,
  validating,
} from './conditional.ts';
import { encode, isCompressible, withVaryOnEncoding } from './encoding.ts';
import { type Fields, fieldValue, firstLine, hasField, listOf, without } from './fields.ts';
import { createFlights, createLoners, type Exchange, type Flight } from './flight.ts';
import { invalidatedBy } from './invalidation.ts';
import { bytesOf, type CacheKey, type KeptAnswer } from './kept-answer.ts';
import { answerKept, partFor } from './kept-reply.ts';
import { combineParts, keptPart } from './partial.ts';
import { answerProblem } from './problem-answer.ts';
import type { PurgeLog, PurgeTarget } from './purge-log.ts';
import { decideReuse, mayStandIn, type ReuseRules, wishesOf } from './reuse.ts';
import { createSharedBody, type SharedBody } from './shared-body.ts';
import { decideStorage, type StorageRules, type Terms } from './storage.ts';
import type { AnswerStore } from './store.ts';
import { groupsOf, tagsOf } from './tags.ts';
import type { Upstream, UpstreamCall, UpstreamFailure, UpstreamHead, UpstreamTaker } from './upstream.ts';
import { selectorsOf, suits } from './vary.ts';

export interface EngineRules extends StorageRules, ReuseRules {
  /** A larger body is not kept. */
  readonly bodyBytesMax: number;
}

export interface EngineCounts {
  hit: number;
  staleHit: number;
  miss: number;
  collapsed: number;
  revalidated: number;
  bypass: number;
}

/** Answers exchanges from the store, and from upstream what is not there (RFC 9111). */
export interface Engine {
  readonly counts: EngineCounts;
  serve(exchange: Exchange, upstream: Upstream): void;
  /** For what a cache has no part in: another method, a request with a body. */
  pass(exchange: Exchange, upstream: Upstream, reason: ForwardReason, body?: Readable): void;
}

export interface EngineOptions {
  readonly clock: Clock;
  readonly store: AnswerStore;
  readonly purges: PurgeLog;
  readonly rules: EngineRules;
  /** Throws out what an unsafe method has made stale. */
  readonly invalidate: (target: PurgeTarget) => void;
}

// How long a key is remembered whose answers were not for sharing, and how many such keys.
const lonersForMs = 10_000;
const lonersMax = 10_000;

// Answers of these kinds say that upstream could not do its work (RFC 5861, 4).
const serverErrors = new Set([500, 502, 503, 504]);

export function createEngine({ clock, store, purges, rules, invalidate }: EngineOptions): Engine {
  const counts: EngineCounts = { hit: 0, staleHit: 0, miss: 0, collapsed: 0, revalidated: 0, bypass: 0 };
  const flights = createFlights();
  const loners = createLoners({ countMax: lonersMax, forMs: lonersForMs });

  const serve = (exchange: Exchange, upstream: Upstream): void => {
    const { key, fields, method, response } = exchange;
    const nowMs = clock.nowMs();
    const variants = store.variantsOf(key);
    const kept = select(variants, fields);
    const wishes = wishesOf(fields);
    if (kept !== undefined) {
      const reuse = decideReuse(kept.terms, wishes, nowMs, rules);
      if (reuse.kind !== 'validate') {
        store.use(kept);
        if (reuse.kind === 'fresh') counts.hit += 1;
        else counts.staleHit += 1;
        answerKept(response, kept, exchange, nowMs, statusOfHit(reuse.ttlS));
        if (reuse.kind === 'stale' && reuse.renews) renew(exchange, kept, upstream);
        return;
      }
    }
    if (wishes.onlyIfCached) {
      answerProblem(response, 504, 'Nothing that may be used is kept here.', statusOfForward({ reason: 'request' }));
      return;
    }
    const reason = forwardReason(kept, variants, decideWhy(kept, wishes, nowMs, rules));
    counts.miss += 1;
    const isShareable =
      method === 'GET' &&
      !wishes.isNoStore &&
      !hasField(fields, 'authorization') &&
      (kept !== undefined || !hasField(fields, 'range')) &&
      !loners.has(key, nowMs);
    if (!isShareable) return fetch({ exchange, upstream, reason, isShared: false, ...(kept && { kept }) });
    const names = variants[0]?.selectors.map(({ name }) => name) ?? [];
    const flight = flights.find(exchange, names, purges.sequence);
    if (flight === undefined) return fetch({ exchange, upstream, reason, isShared: true, ...(kept && { kept }) });
    counts.collapsed += 1;
    if (flight.join !== undefined) flight.join(exchange);
    else waitFor(flight, exchange, upstream);
  };

  /** Waits for the head of a flight; a waiter that goes takes nothing with it. */
  const waitFor = (flight: Flight, exchange: Exchange, upstream: Upstream): void => {
    flight.waiters.add(exchange);
    upstreams.set(exchange, upstream);
    exchange.response.once('close', () => flight.waiters.delete(exchange));
  };
  const upstreams = new WeakMap<Exchange, Upstream>();

  const renewing = new Set<KeptAnswer>();
  /** Renews a stale answer that has been given already. */
  const renew = (exchange: Exchange, kept: KeptAnswer, upstream: Upstream): void => {
    if (renewing.has(kept)) return;
    renewing.add(kept);
    const { method, key, fields } = exchange;
    const request = { method: 'GET', key, fields: without(fields, rangeNames) };
    fetch({ request, upstream, reason: 'stale', isShared: method === 'GET', kept, done: () => renewing.delete(kept) });
  };

  interface Fetch {
    /** Who is answered first; none when the cache asks for itself. */
    readonly exchange?: Exchange;
    readonly request?: Pick<Exchange, 'method' | 'key' | 'fields'>;
    readonly upstream: Upstream;
    readonly reason: ForwardReason;
    /** Whether others may wait for it. */
    readonly isShared: boolean;
    /** Stale, or to be asked about. */
    readonly kept?: KeptAnswer;
    readonly body?: Readable;
    readonly done?: () => void;
  }

  const fetch = (options: Fetch): void => {
    const { exchange, upstream, reason, isShared, kept, done } = options;
    const { method, key, fields } = exchange ?? (options.request as Pick<Exchange, 'method' | 'key' | 'fields'>);
    const mark = purges.begin();
    const flight: Flight = { mark, request: fields, waiters: new Set() };
    if (isShared) flights.add(key, flight);
    const asks = upstreamFields(fields, { isShared, ...(kept && { kept }) });
    const isValidating = kept !== undefined && hasValidator(kept.fields) && method === 'GET';
    const requestAtMs = clock.nowMs();
    let body: SharedBody | undefined;
    let keeping: { answer: Omit<KeptAnswer, 'body' | 'bytes'>; length: number | undefined } | undefined;
    let isOver = false;

    const finish = () => {
      if (isOver) return;
      isOver = true;
      purges.end(mark);
      if (isShared) flights.remove(key, flight);
      done?.();
    };
    /** Everybody who waits, and no longer does. */
    const takeWaiters = (): Exchange[] => {
      const waiters = [...flight.waiters];
      flight.waiters.clear();
      return waiters;
    };
    const answerAll = (answer: KeptAnswer, cacheStatus: (isCollapsed: boolean) => string) => {
      const nowMs = clock.nowMs();
      if (exchange !== undefined) answerIfThere(exchange, answer, nowMs, cacheStatus(false));
      for (const waiter of takeWaiters()) answerIfThere(waiter, answer, nowMs, cacheStatus(true));
    };
    const serveAlone = (waiter: Exchange) => {
      const own = upstreams.get(waiter) ?? upstream;
      if (!waiter.response.destroyed) fetch({ exchange: waiter, upstream: own, reason, isShared: false });
    };
    /** Begins the answer of one who shares this body, or needs none of it. */
    const startReader = (reader: Exchange, head: UpstreamHead, cacheStatus: string) => {
      const { response } = reader;
      if (response.destroyed || response.headersSent || body === undefined) return;
      const answer = [...head.fields, 'cache-status', cacheStatus];
      const isEnough = head.status === 200 && isNotModified(reader.fields, head.fields, clock.nowMs());
      try {
        if (isEnough) response.writeHead(304, 'Not Modified', notModifiedFields(answer));
        else response.writeHead(head.status, head.statusMessage, answer);
      } catch {
        return answerProblem(response, 502, 'The origin sent a header that must not be passed on.', cacheStatus);
      }
      if (isEnough || reader.method === 'HEAD') return void response.end();
      // Without a length the first bytes may be long in coming: a stream of events begins with its head.
      if (!hasField(head.fields, 'content-length')) response.flushHeaders();
      body.addReader(response);
    };

    const taker: UpstreamTaker = {
      information(status, information) {
        if (exchange !== undefined && !exchange.response.headersSent) inform(exchange, status, information);
      },
      head(head) {
        const times = { requestAtMs, responseAtMs: clock.nowMs() };
        if (head.status === 304 && isValidating && kept !== undefined) {
          counts.revalidated += 1;
          return confirm(kept, head, times, answerAll, mark, reason);
        }
        if (kept !== undefined && serverErrors.has(head.status)) {
          const isStandIn = mayStandIn(kept.terms, 'server-error', wishesOf(fields), times.responseAtMs, rules);
          if (isStandIn) {
            call.abort();
            counts.staleHit += 1;
            answerAll(kept, (isCollapsed) =>
              statusOfForward({ reason, status: head.status, isCollapsed, detail: 'stale-if-error' }),
            );
            return finish();
          }
        }
        if (isUnsafe(method) && head.status < 400) invalidate(invalidatedBy(key, head.fields));
        const complete = withDate(head, times.responseAtMs);
        const terms = termsFor(method, key, fields, complete, times, rules);
        const length = contentLengthOf(complete.fields);
        const isKept = terms !== undefined && (length ?? 0) <= rules.bodyBytesMax && method !== 'HEAD';
        if (method === 'HEAD') learnFromHead(key, fields, complete, times);
        // The origin has something else now, be it something that is not for keeping.
        else if (kept !== undefined && !isKept && method === 'GET' && head.status < 500) store.remove(kept);
        if (isKept && terms !== undefined) {
          loners.delete(key);
          keeping = { answer: answerOf(key, fields, complete, terms), length };
        } else if (isShared) loners.add(key, times.responseAtMs);

        body = createSharedBody(call, { keepsBytesMax: isKept ? rules.bodyBytesMax : 0 });
        const shown =
          keeping !== undefined && mayBeCompressed(keeping)
            ? { ...complete, fields: withVaryOnEncoding(complete.fields) }
            : complete;
        const statusFor = (isCollapsed: boolean) => statusOfForward({ reason, isStored: isKept, isCollapsed });
        if (exchange !== undefined) startReader(exchange, shown, statusFor(false));
        if (keeping !== undefined && isShared) {
          flight.selectors = keeping.answer.selectors;
          flight.answerFields = complete.fields;
          flight.join = (other) => startReader(other, shown, statusFor(true));
        }
        for (const waiter of takeWaiters()) {
          if (flight.selectors === undefined) serveAlone(waiter);
          else if (suits(flight.selectors, complete.fields, waiter.fields)) startReader(waiter, shown, statusFor(true));
          else serve(waiter, upstreams.get(waiter) ?? upstream);
        }
        if (flight.selectors === undefined && isShared) flights.remove(key, flight);
        // A body that nobody wants: the head was enough, or everybody has gone.
        if (!isKept && body.readerCount === 0) {
          call.abort();
          finish();
        }
      },
      data(chunk) {
        body?.push(chunk);
      },
      end() {
        const whole = body?.end();
        if (whole !== undefined && keeping !== undefined) keep(keeping, whole, fields, mark);
        finish();
      },
      fail(failure) {
        finish();
        if (body !== undefined) return body.fail();
        failAll(failure);
      },
    };

    const failAll = (failure: UpstreamFailure) => {
      const cacheStatus = (isCollapsed: boolean) => statusOfForward({ reason, isCollapsed, detail: failure.kind });
      if (kept !== undefined && mayStandIn(kept.terms, 'unreachable', wishesOf(fields), clock.nowMs(), rules)) {
        counts.staleHit += 1;
        return answerAll(kept, cacheStatus);
      }
      // What must not be used stale is not there at all (RFC 9111, 5.2.2.2).
      const status = failure.kind === 'timeout' || kept?.terms.neverStale ? 504 : 502;
      if (exchange !== undefined) answerProblem(exchange.response, status, failure.detail, cacheStatus(false));
      for (const waiter of takeWaiters()) answerProblem(waiter.response, status, failure.detail, cacheStatus(true));
    };

    const call: UpstreamCall = upstream.send(
      { method, key, fields: asks, ...(options.body && { body: options.body }) },
      taker,
    );
    exchange?.response.once('close', () => {
      // Who asked has gone before the head came. A fetch that others share, or would find kept, goes on without him.
      if (isOver || body !== undefined || isShared) return;
      call.abort();
      finish();
    });
  };

  /** 304: what is kept holds on (RFC 9111, 4.3.4). */
  const confirm = (
    kept: KeptAnswer,
    head: UpstreamHead,
    times: { readonly requestAtMs: number; readonly responseAtMs: number },
    answerAll: (answer: KeptAnswer, cacheStatus: (isCollapsed: boolean) => string) => void,
    mark: Flight['mark'],
    reason: ForwardReason,
  ) => {
    const fields = updatedFields(kept.fields, withDate(head, times.responseAtMs).fields);
    // Whoever asked first is not known any more, but that it may be kept was decided then; now only for how long.
    const decision = decideStorage({ fields: [] }, { status: kept.status, fields }, times, rules);
    const isPurged = kept.place === undefined || purges.isPurgedSince(mark, kept);
    if (decision.kind === 'store' && !isPurged) {
      kept.fields = fields;
      kept.terms = decision.terms;
      delete kept.head;
      store.use(kept);
      store.resize(kept);
    } else store.remove(kept);
    const confirmed = decision.kind === 'store' ? { ...kept, fields, terms: decision.terms } : { ...kept, fields };
    answerAll(confirmed, (isCollapsed) =>
      statusOfForward({ reason, status: 304, isCollapsed, isStored: decision.kind === 'store' && !isPurged }),
    );
  };

  const keep = (
    { answer, length }: { readonly answer: Omit<KeptAnswer, 'body' | 'bytes'>; readonly length: number | undefined },
    body: Buffer,
    request: Fields,
    mark: Flight['mark'],
  ) => {
    // It ended before the length that it said: cut off on its way here, whatever the framing below this says.
    if (length !== undefined && length !== body.length) return;
    const fresh: KeptAnswer = { ...answer, body, bytes: bytesOf({ ...answer, body }) };
    if (purges.isPurgedSince(mark, fresh)) return;
    const whole = fresh.part === undefined ? fresh : combineParts(fresh, store.variantsOf(fresh.key));
    if (whole === undefined) return;
    store.put(whole, request);
    if (isCompressible(whole)) void encodeKept(whole);
  };

  /** Makes the other codings, one after the other: nobody waits for them. */
  const encodeKept = async (kept: KeptAnswer) => {
    for (const coding of ['br', 'gzip'] as const) {
      const encoded = await encode(kept.body, coding);
      if (encoded === undefined || kept.place === undefined) return;
      kept.encoded.set(coding, encoded);
      store.resize(kept);
    }
  };

  /** RFC 9111, 4.3.5: a HEAD tells whether what is kept is still what a GET would get. */
  const learnFromHead = (
    key: CacheKey,
    request: Fields,
    head: UpstreamHead,
    times: { requestAtMs: number; responseAtMs: number },
  ) => {
    const kept = select(store.variantsOf(key), request);
    if (kept === undefined || head.status >= 500) return;
    const isSame =
      head.status === kept.status &&
      ['etag', 'last-modified', 'content-length'].every((name) => {
        const [then, now] = [fieldValue(kept.fields, name), fieldValue(head.fields, name)];
        return now === undefined || then === undefined || then === now;
      });
    const fields = updatedFields(kept.fields, head.fields);
    const decision = decideStorage({ fields: [] }, { status: kept.status, fields }, times, rules);
    if (!isSame || decision.kind !== 'store') return store.remove(kept);
    kept.fields = fields;
    kept.terms = decision.terms;
    delete kept.head;
    store.resize(kept);
  };

  return {
    counts,
    serve,
    pass(exchange, upstream, reason, body) {
      counts.bypass += 1;
      fetch({ exchange, upstream, reason, isShared: false, ...(body && { body }) });
    },
  };
}

const rangeNames = new Set(['range', 'if-range']);
const conditionAndRangeNames = new Set([...conditionNames, 'range']);

/** Whole variants first, the newest first; then a part that has all that is asked for. */
function select(variants: readonly KeptAnswer[], request: Fields): KeptAnswer | undefined {
  let part: KeptAnswer | undefined;
  for (const kept of variants) {
    if (kept.part !== undefined && (part !== undefined || partFor(kept, request) === undefined)) continue;
    if (!suits(kept.selectors, kept.fields, request)) continue;
    if (kept.part === undefined) return kept;
    part = kept;
  }
  return part;
}

function decideWhy(
  kept: KeptAnswer | undefined,
  wishes: ReturnType<typeof wishesOf>,
  nowMs: number,
  rules: ReuseRules,
) {
  if (kept === undefined) return undefined;
  const reuse = decideReuse(kept.terms, wishes, nowMs, rules);
  return reuse.kind === 'validate' ? reuse.why : undefined;
}

function forwardReason(
  kept: KeptAnswer | undefined,
  variants: readonly KeptAnswer[],
  why: 'stale' | 'request' | undefined,
): ForwardReason {
  if (kept !== undefined) return why ?? 'stale';
  if (variants.length === 0) return 'uri-miss';
  return variants.every((variant) => variant.part !== undefined) ? 'partial' : 'vary-miss';
}

/** What goes upstream: the cache's own conditions where it asks for itself, the client's where only he is asking. */
function upstreamFields(fields: Fields, { isShared, kept }: { isShared: boolean; kept?: KeptAnswer }): Fields {
  if (kept !== undefined) return validating(without(fields, rangeNames), kept.part === undefined ? kept.fields : []);
  return isShared ? without(fields, conditionAndRangeNames) : fields;
}

function isUnsafe(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS' && method !== 'TRACE';
}

function withDate(head: UpstreamHead, nowMs: number): UpstreamHead {
  if (hasField(head.fields, 'date')) return head;
  return { ...head, fields: [...head.fields, 'date', new Date(nowMs).toUTCString()] };
}

function contentLengthOf(fields: Fields): number | undefined {
  const value = firstLine(fields, 'content-length');
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** On what terms this answer may be kept; undefined if it may not. */
function termsFor(
  method: string,
  key: CacheKey,
  request: Fields,
  head: UpstreamHead,
  times: { readonly requestAtMs: number; readonly responseAtMs: number },
  rules: EngineRules,
): Terms | undefined {
  if (method === 'POST') {
    // For a later GET, if it says that it is what a GET would get, and how long (RFC 9110, 9.3.3).
    const isOfSameUrl = firstLine(head.fields, 'content-location') === key.target;
    if (!isOfSameUrl || head.status >= 300) return undefined;
    const decision = decideStorage({ fields: request }, head, times, { ...rules, heuristicFraction: 0 });
    return decision.kind === 'store' && decision.terms.lifetimeS > 0 ? decision.terms : undefined;
  }
  if (method !== 'GET') return undefined;
  // A part is kept on the same terms as the whole.
  const status = head.status === 206 && keptPart(head.fields) !== undefined ? 200 : head.status;
  const decision = decideStorage({ fields: request }, { status, fields: head.fields }, times, rules);
  return decision.kind === 'store' ? decision.terms : undefined;
}

function answerOf(
  key: CacheKey,
  request: Fields,
  head: UpstreamHead,
  terms: Terms,
): Omit<KeptAnswer, 'body' | 'bytes'> {
  const part = head.status === 206 ? keptPart(head.fields) : undefined;
  const names = new Set(['age', ...terms.withheldFields]);
  return {
    key,
    status: head.status,
    statusMessage: head.statusMessage,
    fields: without(head.fields, names),
    terms,
    selectors: selectorsOf(head.fields, request),
    ...(part && { part }),
    tags: tagsOf(head.fields),
    groups: groupsOf(head.fields),
    encoded: new Map(),
    place: undefined,
    useCount: 0,
  };
}

/** Before its body is there: `Vary` must not come only with the second answer. */
function mayBeCompressed({
  answer,
  length,
}: {
  answer: Omit<KeptAnswer, 'body' | 'bytes'>;
  length: number | undefined;
}) {
  const body = { length: length ?? Number.POSITIVE_INFINITY } as Buffer;
  return isCompressible({ ...answer, body });
}

function answerIfThere(exchange: Exchange, kept: KeptAnswer, nowMs: number, cacheStatus: string): void {
  if (!exchange.response.destroyed && !exchange.response.headersSent)
    answerKept(exchange.response, kept, exchange, nowMs, cacheStatus);
}

/** Interim answers are for who waits now, and no part of the answer that is kept. */
function inform({ response }: Exchange, status: number, fields: Fields): void {
  if (status === 102) return response.writeProcessing();
  if (status !== 103) return;
  const hints: Record<string, string | string[]> = {};
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? '';
    if (name !== 'link') hints[name] = fields[at + 1] ?? '';
  }
  const link = listOf(fieldValue(fields, 'link'));
  if (link.length > 0) response.writeEarlyHints({ ...hints, link });
}
