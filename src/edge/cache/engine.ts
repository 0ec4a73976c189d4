import type { Readable } from 'node:stream';
import type { CacheMember, ForwardReason } from './cache-status.ts';
import { createEncoder } from './encoder.ts';
import { type EngineCounts, fetchUpstream, type Workshop } from './fetch.ts';
import { type Fields, hasField, without } from './fields.ts';
import { createFlights, createLoners, type Exchange, type Flight } from './flight.ts';
import { createHits, type Hits } from './hits.ts';
import { invalidatedBy } from './invalidation.ts';
import type { CacheKey, KeptAnswer } from './kept-answer.ts';
import { answerKept, partFor } from './kept-reply.ts';
import { answerProblem } from './problem-answer.ts';
import { decideReuse, wishesOf } from './reuse.ts';
import { suits } from './vary.ts';

/** Answers exchanges from the store, and from upstream what is not there (RFC 9111). */
export interface Engine {
  readonly member: CacheMember;
  readonly counts: EngineCounts;
  /** For a plain GET, before `serve`; false if it must go that way. */
  readonly hits: Hits;
  /** GET and HEAD without a body. */
  serve(exchange: Exchange): void;
  /** Whether anything is kept for this key, fresh or not. */
  keeps(key: CacheKey): boolean;
  isFetching(key: CacheKey): boolean;
  /** For what a cache has no part in: another method, a request with a body. */
  pass(exchange: Exchange, reason: ForwardReason, body?: Readable): void;
  /** An unsafe request that did not go through here was answered with these fields. */
  invalidate(key: CacheKey, answer: Fields): void;
}

export type EngineOptions = Pick<Workshop, 'member' | 'clock' | 'store' | 'purges' | 'rules' | 'invalidate'>;

// How long a key is remembered whose answers were not for sharing, and how many such keys.
const lonersForMs = 10_000;
const lonersMax = 10_000;
// Where a renewal came to nothing, the next who is given the stale answer does not ask again at once: the shop has too much to do.
const renewalRestMs = 1_000;

export function createEngine(options: EngineOptions): Engine {
  const { member, clock, store, purges, rules } = options;
  const counts: EngineCounts = { hit: 0, staleHit: 0, miss: 0, collapsed: 0, revalidated: 0, bypass: 0 };
  const flights = createFlights();
  const loners = createLoners({ countMax: lonersMax, forMs: lonersForMs });
  const disappointed = new WeakSet<Exchange>();
  const encoder = createEncoder(store);
  const shop: Workshop = {
    ...options,
    encoder,
    flights,
    loners,
    disappointed,
    counts,
    serveAgain: (exchange) => serve(exchange),
  };
  // What was purged since may still be on its way there, and who asks after the purge must not get it.
  const isOutdated = ({ mark }: Flight) => purges.mayBePurgedSince(mark);
  const renewing = new Set<KeptAnswer>();
  const failedAtMs = new WeakMap<KeptAnswer, number>();

  const serve = (exchange: Exchange): void => {
    const { key, fields, method, response, upstream } = exchange;
    const nowMs = clock.nowMs();
    const variants = store.variantsOf(key);
    const selected = select(variants, fields);
    const wishes = wishesOf(fields);
    const reuse = selected && decideReuse(selected.terms, wishes, nowMs, rules);
    if (selected !== undefined && reuse !== undefined && reuse.kind !== 'validate') {
      store.use(selected);
      if (reuse.kind === 'fresh') counts.hit += 1;
      else counts.staleHit += 1;
      answerKept(response, selected, exchange, nowMs, member.hit(reuse.ttlS));
      if (reuse.kind === 'stale' && reuse.renews) renew(exchange, selected);
      return;
    }
    if (wishes.onlyIfCached) {
      answerProblem(response, 504, 'Nothing that may be used is kept here.');
      return;
    }
    counts.miss += 1;
    // A part that is not fresh is of no use: upstream is asked for what the client asks for.
    const kept = method === 'GET' && selected?.part === undefined ? selected : undefined;
    const reason = reuse?.kind === 'validate' ? reuse.why : missReason(variants);
    const isShared =
      method === 'GET' &&
      !(wishes.isNoStore && rules.heedsRequestWishes) &&
      !hasField(fields, 'authorization') &&
      (kept !== undefined || !hasField(fields, 'range')) &&
      !loners.has(key, nowMs);
    const names = variants[0]?.selectors.map(({ name }) => name) ?? [];
    const flight = isShared ? flights.find(exchange, names, isOutdated) : undefined;
    if (flight === undefined) {
      fetchUpstream(shop, { request: exchange, exchange, upstream, reason, isShared, ...(kept && { kept }) });
      return;
    }
    counts.collapsed += 1;
    if (flight.answer !== undefined) flight.answer.join(exchange);
    else {
      flight.waiters.add(exchange);
      // A waiter that goes takes nothing with it.
      response.once('close', () => flight.waiters.delete(exchange));
    }
  };

  const isRenewed = (kept: KeptAnswer, nowMs: number): boolean => {
    if (renewing.has(kept)) return true;
    const sinceMs = nowMs - (failedAtMs.get(kept) ?? Number.NEGATIVE_INFINITY);
    return sinceMs >= 0 && sinceMs < renewalRestMs;
  };

  /** Renews a stale answer that has been given already. */
  const renew = ({ key, fields, upstream }: Exchange, kept: KeptAnswer): void => {
    if (kept.part !== undefined || isRenewed(kept, clock.nowMs())) return;
    renewing.add(kept);
    const { terms } = kept;
    const request = { method: 'GET', key, fields: renewalFields(fields, kept) };
    const done = () => {
      renewing.delete(kept);
      // Neither confirmed nor, as nobody will be given it again then, replaced.
      if (kept.terms === terms) failedAtMs.set(kept, clock.nowMs());
    };
    fetchUpstream(shop, { request, upstream, reason: 'stale', isShared: true, kept, done });
  };

  return {
    member,
    counts,
    hits: createHits({ member, clock, store, rules, counts, isRenewed }),
    serve,
    keeps: (key) => store.variantsOf(key).length > 0,
    isFetching: (key) => flights.has(key),
    invalidate: (key, answer) => options.invalidate(invalidatedBy(key, answer)),
    pass(exchange, reason, body) {
      if (reason === 'bypass') counts.bypass += 1;
      const { upstream } = exchange;
      fetchUpstream(shop, { request: exchange, exchange, upstream, reason, isShared: false, ...(body && { body }) });
    },
  };
}

const wishNames = new Set(['range', 'if-range', 'cache-control', 'pragma']);

/**
 * What one who is given a stale answer wants, and who he is, is nothing to its renewal: that is for all. His token and cookies would
 * bring what is only his, or a refusal, and whoever asks often enough would keep the answer stale for everybody.
 */
function renewalFields(fields: Fields, { selectors, isByToken }: KeptAnswer): Fields {
  const isOfOne = new Set(wishNames);
  // Without a token the origin may refuse what it gave to one who showed his, and said was for all.
  if (!isByToken) isOfOne.add('authorization');
  if (!selectors.some(({ name }) => name === 'cookie')) isOfOne.add('cookie');
  return without(fields, isOfOne);
}

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

function missReason(variants: readonly KeptAnswer[]): ForwardReason {
  if (variants.length === 0) return 'uri-miss';
  return variants.every((variant) => variant.part !== undefined) ? 'partial' : 'vary-miss';
}
