import type { Readable } from 'node:stream';
import type { Clock } from '../../platform/context/context.ts';
import type { CacheMember, ForwardReason } from './cache-status.ts';
import { conditionNames, hasValidator, isNotModified, notModifiedFields, validating } from './conditional.ts';
import type { Encoder } from './encoder.ts';
import { isCompressible, withVaryOnEncoding } from './encoding.ts';
import { type Fields, fieldValue, hasField, listOf, without } from './fields.ts';
import type { Exchange, Flight, Flights, Loners } from './flight.ts';
import type { Times } from './freshness.ts';
import { invalidatedBy } from './invalidation.ts';
import { answerOf, type Bodiless, contentLengthOf, mayBeCompressed, termsFor, withDate } from './keeping.ts';
import { bytesOf, type KeptAnswer } from './kept-answer.ts';
import { answerKept } from './kept-reply.ts';
import { combineParts } from './partial.ts';
import { answerProblem } from './problem-answer.ts';
import type { FetchMark, PurgeLog, PurgeTarget } from './purge-log.ts';
import { isUnkept, mayStandIn, type ReuseRules, wishesOf } from './reuse.ts';
import { createSharedBody, type SharedBody } from './shared-body.ts';
import type { StorageRules } from './storage.ts';
import type { AnswerStore } from './store.ts';
import type { Upstream, UpstreamCall, UpstreamFailure, UpstreamHead, UpstreamTaker } from './upstream.ts';
import { broughtUpToDate, learnFromHead, refresh } from './validation.ts';
import { selectorsOf, suits } from './vary.ts';

export interface EngineRules extends StorageRules, ReuseRules {
  /** Request fields by which every answer is chosen, whatever its `Vary` says. */
  readonly variesBy?: readonly string[];
  /** A larger body is not kept. */
  readonly bodyBytesMax: number;
}

export interface EngineCounts {
  hit: number;
  staleHit: number;
  miss: number;
  collapsed: number;
  revalidated: number;
  /** Looks at what may be kept that passed all the same, as one's own; orders and carts are none. */
  bypass: number;
}

/** What a fetch works on and with. */
export interface Workshop {
  readonly member: CacheMember;
  readonly clock: Clock;
  readonly store: AnswerStore;
  readonly encoder: Encoder;
  readonly purges: PurgeLog;
  readonly flights: Flights;
  readonly loners: Loners;
  /** Who waited for an answer that was an error for one who asked before him. */
  readonly disappointed: WeakSet<Exchange>;
  readonly rules: EngineRules;
  readonly counts: EngineCounts;
  /** Throws out what an unsafe method has made stale. */
  invalidate(target: PurgeTarget): void;
  /** Asks anew for one who waited for an answer that does not suit him. */
  serveAgain(exchange: Exchange): void;
}

export interface Fetch {
  readonly request: Pick<Exchange, 'method' | 'key' | 'fields'>;
  /** Who is answered first; none when the cache asks for itself. */
  readonly exchange?: Exchange;
  readonly upstream: Upstream;
  readonly reason: ForwardReason;
  /** Whether others may wait for it. */
  readonly isShared: boolean;
  /** Stale, or to be asked about: a whole answer to a GET. */
  readonly kept?: KeptAnswer;
  readonly body?: Readable;
  readonly done?: () => void;
}

interface ForAll {
  readonly answer: Bodiless;
  /** As its head says. */
  readonly length: number | undefined;
  readonly isKept: boolean;
}

// Answers of these kinds say that upstream could not do its work (RFC 5861, 4).
const serverErrors = new Set([500, 502, 503, 504]);

/** Asks upstream, and answers everybody who waits for that; keeps what may be kept. */
export function fetchUpstream(shop: Workshop, fetch: Fetch): void {
  const { member, clock, store, purges, flights, loners, rules, counts } = shop;
  const { exchange, upstream, reason, isShared, kept } = fetch;
  const { method, key, fields } = fetch.request;
  let mark = purges.begin(key);
  const flight: Flight = { mark, request: fields, waiters: new Set() };
  if (isShared) flights.add(key, flight);
  const isValidating = kept !== undefined && hasValidator(kept.fields);
  const requestAtMs = clock.nowMs();
  let body: SharedBody | undefined;
  /** What more than one may be given, and whether it is kept for those who come later. */
  let forAll: ForAll | undefined;
  let isOver = false;

  const finish = () => {
    if (isOver) return;
    isOver = true;
    purges.end(mark);
    if (isShared) flights.remove(key, flight);
    fetch.done?.();
  };
  const abandon = () => {
    call.abort();
    finish();
  };
  const takeWaiters = (): Exchange[] => {
    const waiters = [...flight.waiters];
    flight.waiters.clear();
    return waiters;
  };
  // Who wants nothing kept may wait with others, and those of them who get the same let it be kept (RFC 9111, 5.2.1.5).
  const mayBeKept = (answer: Fields) => {
    if (!isUnkept(fields)) return true;
    const selectors = selectorsOf(answer, fields, rules.variesBy);
    return [...flight.waiters].some(({ fields }) => !isUnkept(fields) && suits(selectors, answer, fields));
  };
  const answerAll = (answer: KeptAnswer, cacheStatus: (isCollapsed: boolean) => string) => {
    if (exchange !== undefined) answerIfThere(exchange, answer, clock.nowMs(), cacheStatus(false));
    for (const waiter of takeWaiters()) answerIfThere(waiter, answer, clock.nowMs(), cacheStatus(true));
  };

  const taker: UpstreamTaker = {
    information(status, information) {
      if (exchange !== undefined && !exchange.response.headersSent) inform(exchange, status, information);
    },
    head(received) {
      const times = { requestAtMs, responseAtMs: clock.nowMs() };
      const head = withDate(received, times.responseAtMs);
      if (head.status === 304 && isValidating && kept !== undefined) {
        counts.revalidated += 1;
        confirm(kept, head, times);
        return;
      }
      if (kept !== undefined && serverErrors.has(head.status) && mayStand('server-error', kept)) {
        counts.staleHit += 1;
        const detail = 'stale-if-error';
        answerAll(kept, (isCollapsed) => member.forwarded({ reason, status: head.status, isCollapsed, detail }));
        return abandon();
      }
      if (isUnsafe(method) && head.status < 400) {
        shop.invalidate(invalidatedBy(key, head.fields));
        // Its own answer is of the time after what it changed.
        purges.end(mark);
        mark = purges.begin(key);
      }
      begin(head, times);
    },
    data: (chunk) => body?.push(chunk),
    end() {
      const whole = body?.end();
      if (whole !== undefined && forAll?.isKept) keep(shop, forAll, whole, fields, mark);
      finish();
    },
    fail(failure) {
      finish();
      if (body !== undefined) body.fail();
      else failAll(failure);
    },
  };

  /** 304: what is kept holds on (RFC 9111, 4.3.4). */
  const confirm = (kept: KeptAnswer, head: UpstreamHead, times: Times) => {
    const { own, shared } = broughtUpToDate(kept, fields, head, times, rules);
    const isThere = kept.place !== undefined && !purges.isPurgedSince(mark, kept);
    const isKept = typeof shared === 'object' && isThere && mayBeKept(shared.fields);
    if (isKept) refresh(store, kept, shared);
    else if (shared === 'over') store.remove(kept);
    const cacheStatus = (isCollapsed: boolean) =>
      member.forwarded({ reason, status: 304, isStored: isKept, isCollapsed });
    if (exchange !== undefined) answerIfThere(exchange, own, clock.nowMs(), cacheStatus(false));
    if (typeof shared !== 'object') toEachHisOwn(head, times);
    // Whoever comes before its end would wait for a head that has been.
    else if (isShared) flights.remove(key, flight);
    for (const waiter of takeWaiters()) {
      if (typeof shared === 'object') answerIfThere(waiter, shared, clock.nowMs(), cacheStatus(true));
      else serveWithout(shop, waiter, { reason, status: head.status });
    }
  };

  /** The answer is for one: nobody waits for it any more, nor for the next ones. */
  const toEachHisOwn = (head: UpstreamHead, times: Times) => {
    if (!isShared) return;
    if (head.status < 400) loners.add(key, times.responseAtMs);
    flights.remove(key, flight);
  };

  /** The head of an answer that is new. */
  const begin = (head: UpstreamHead, times: Times) => {
    const isKept = mayBeKept(head.fields);
    // A GET with a body asks for something that its key does not say.
    const isForOne = reason === 'bypass' || !(isKept || isShared);
    const terms = isForOne ? undefined : termsFor(method, key, fields, head, times, rules);
    const length = contentLengthOf(head.fields);
    if (terms !== undefined && (length ?? 0) <= rules.bodyBytesMax) {
      forAll = { answer: answerOf(key, fields, head, terms, rules.variesBy), length, isKept };
      loners.delete(key);
    } else toEachHisOwn(head, times);
    if (method === 'HEAD') learnFromHead(shop, key, fields, head, times);
    else if (kept !== undefined && forAll === undefined && replaces(head, fields)) store.remove(kept);

    const keepsBytesMax = forAll === undefined ? 0 : rules.bodyBytesMax;
    const shared = createSharedBody({ ...call, abort: abandon }, { keepsBytesMax });
    body = shared;
    const isVaried = forAll !== undefined && mayBeCompressed(forAll.answer, forAll.length);
    const shown = isVaried ? { ...head, fields: withVaryOnEncoding(head.fields) } : head;
    const isStored = forAll?.isKept === true;
    // Fields that are for the one who asked are no more for those who wait with him than for those who come later.
    const withheld = new Set(forAll?.answer.terms.withheldFields);
    const forOthers = withheld.size === 0 ? shown : { ...shown, fields: without(shown.fields, withheld) };
    const start = (reader: Exchange, isCollapsed: boolean) => {
      const cacheStatus = member.forwarded({ reason, isStored, isCollapsed });
      startReader(reader, isCollapsed ? forOthers : shown, shared, cacheStatus, clock.nowMs());
    };
    if (exchange !== undefined) start(exchange, false);
    if (forAll !== undefined) {
      const { selectors } = forAll.answer;
      flight.answer = { selectors, fields: head.fields, join: (other) => start(other, true) };
    }
    for (const waiter of takeWaiters()) {
      if (flight.answer === undefined) serveWithout(shop, waiter, { reason, status: head.status });
      else if (suits(flight.answer.selectors, head.fields, waiter.fields)) start(waiter, true);
      else shop.serveAgain(waiter);
    }
    // The head was enough for everybody, or they have gone.
    if (forAll === undefined && method !== 'HEAD' && shared.readerCount === 0) abandon();
  };

  const mayStand = (failure: 'unreachable' | 'server-error', answer: KeptAnswer) =>
    mayStandIn(answer.terms, failure, wishesOf(fields), clock.nowMs(), rules);

  const failAll = (failure: UpstreamFailure) => {
    const cacheStatus = (isCollapsed: boolean) => member.forwarded({ reason, isCollapsed, detail: failure.kind });
    if (kept !== undefined && mayStand('unreachable', kept)) {
      counts.staleHit += 1;
      return answerAll(kept, cacheStatus);
    }
    // What must not be used stale is as good as not there (RFC 9111, 5.2.2.2).
    const status = failure.kind === 'timeout' || kept?.terms.neverStale ? 504 : 502;
    if (exchange !== undefined) answerProblem(exchange.response, status, failure.detail, cacheStatus(false));
    for (const waiter of takeWaiters()) answerProblem(waiter.response, status, failure.detail, cacheStatus(true));
  };

  const asks = upstreamFields(fields, isShared, kept);
  const call: UpstreamCall = upstream.send(
    { method, key, fields: asks, ...(fetch.body && { body: fetch.body }) },
    taker,
  );
  exchange?.response.once('close', () => {
    // Who asked has gone before the head came. A fetch that others share, or would find kept, goes on without him.
    if (!isOver && body === undefined && !isShared) abandon();
  });
}

/**
 * Whether the origin has something else now, which is not for keeping: a refusal says nothing of what there is, and what one gets who
 * shows who he is nothing of what others get.
 */
function replaces({ status }: UpstreamHead, request: Fields): boolean {
  return (
    (status < 400 || status === 404 || status === 410) && !isUnkept(request) && !hasField(request, 'authorization')
  );
}

/** For one who waited for an answer that is not for him. */
function serveWithout(
  shop: Workshop,
  waiter: Exchange,
  { reason, status }: { readonly reason: ForwardReason; readonly status: number },
): void {
  if (waiter.response.destroyed) return;
  // An error may be of him who asked: refused for what he did before, too much in a hurry. The others wait together once more, or
  // one of his kind would let a crowd through.
  if (status >= 400 && !shop.disappointed.has(waiter)) {
    shop.disappointed.add(waiter);
    shop.serveAgain(waiter);
    return;
  }
  const { response, upstream } = waiter;
  const refusal = upstream.refusal?.();
  if (refusal === undefined) {
    fetchUpstream(shop, { request: waiter, exchange: waiter, upstream, reason, isShared: false });
    return;
  }
  response.setHeader('cache-status', shop.member.forwarded({ reason }));
  refusal.toResponse(response);
}

/** Begins the answer of one who shares this body, or for whom its head is enough. */
function startReader(
  { method, fields, response }: Exchange,
  head: UpstreamHead,
  body: SharedBody,
  cacheStatus: string,
  nowMs: number,
): void {
  if (response.destroyed || response.headersSent) return;
  const answer = [...head.fields, 'cache-status', cacheStatus];
  const isLooking = method === 'GET' || method === 'HEAD';
  const isEnough = isLooking && head.status === 200 && isNotModified(fields, head.fields, nowMs);
  try {
    if (isEnough) response.writeHead(304, 'Not Modified', notModifiedFields(answer));
    else response.writeHead(head.status, head.statusMessage, answer);
  } catch {
    answerProblem(response, 502, 'The origin sent a header that must not be passed on.', cacheStatus);
    return;
  }
  if (isEnough || method === 'HEAD') {
    response.end();
    return;
  }
  // Without a length the first bytes may be long in coming: a stream of events begins with its head.
  if (!hasField(head.fields, 'content-length')) response.flushHeaders();
  body.addReader(response);
}

function keep(
  { store, purges, encoder, rules }: Workshop,
  { answer, length }: ForAll,
  body: Buffer,
  request: Fields,
  mark: FetchMark,
): void {
  // It ended before the length that it said: cut off on its way here, whatever the framing below this says.
  if (length !== undefined && length !== body.length) return;
  const fields =
    length === undefined && body.length > 0 ? [...answer.fields, 'content-length', String(body.length)] : answer.fields;
  const fresh: KeptAnswer = { ...answer, fields, body, bytes: bytesOf({ ...answer, fields, body }) };
  if (purges.isPurgedSince(mark, fresh)) return;
  const whole = fresh.part === undefined ? fresh : combineParts(fresh, store.variantsOf(fresh.key), rules.bodyBytesMax);
  if (whole === undefined) return;
  store.put(whole, request);
  if (isCompressible({ ...whole, bodyBytes: whole.body.length })) encoder.add(whole);
}

const rangeNames = new Set(['range', 'if-range']);
const conditionAndRangeNames = new Set([...conditionNames, 'range']);
// How long he himself would wait: whoever waits with him may wait longer.
const patienceNames = new Set(['x-deadline-ms']);

/** What goes upstream: the cache's own conditions where it asks for itself, the client's where only he is asking. */
function upstreamFields(fields: Fields, isShared: boolean, kept: KeptAnswer | undefined): Fields {
  const asked = isShared ? without(fields, patienceNames) : fields;
  if (kept !== undefined) return validating(without(asked, rangeNames), kept.fields);
  return isShared ? without(asked, conditionAndRangeNames) : fields;
}

function isUnsafe(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS' && method !== 'TRACE';
}

function answerIfThere(exchange: Exchange, kept: KeptAnswer, nowMs: number, cacheStatus: string): void {
  const { response } = exchange;
  if (!response.destroyed && !response.headersSent) answerKept(response, kept, exchange, nowMs, cacheStatus);
}

/** Interim answers are for who waits now, and no part of the answer that is kept. */
function inform({ response }: Exchange, status: number, fields: Fields): void {
  if (status === 102) response.writeProcessing();
  if (status !== 103) return;
  const hints: Record<string, string | string[]> = {};
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? '';
    if (name !== 'link') hints[name] = fields[at + 1] ?? '';
  }
  const link = listOf(fieldValue(fields, 'link'));
  if (link.length > 0) response.writeEarlyHints({ ...hints, link });
}
