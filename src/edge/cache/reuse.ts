import { type CacheControl, parseCacheControl } from './cache-control.ts';
import { type Fields, fieldValue, listOf } from './fields.ts';
import type { Terms } from './storage.ts';

export interface ReuseRules {
  /**
   * A request's own wishes for fresh or stale answers count (RFC 9111, 5.2.1). Off before a shop's own process: otherwise
   * anyone could have every answer made anew by a header.
   */
  readonly heedsRequestWishes: boolean;
  /** How long past its lifetime an answer is used when upstream cannot be reached, if the answer says nothing of that. */
  readonly staleWhenUnreachableS: number;
}

export type Reuse =
  | { readonly kind: 'fresh'; readonly ttlS: number }
  /** Stale, but may be used at once, and is renewed behind the answer if `renews`. */
  | { readonly kind: 'stale'; readonly ttlS: number; readonly renews: boolean }
  | { readonly kind: 'validate'; readonly why: 'stale' | 'request' };

const clockSlackMs = 1_000;

export function ageS(terms: Terms, nowMs: number): number {
  return terms.initialAgeS + Math.max(0, nowMs - terms.responseAtMs) / 1000;
}

/** Whether a kept answer may be used for this request now (RFC 9111, 4). */
export function decideReuse(terms: Terms, wishes: CacheControl, nowMs: number, rules: ReuseRules): Reuse {
  const age = ageS(terms, nowMs);
  const ttlS = terms.lifetimeS - age;
  // By a clock that went back it would be as new as it came for as long as the clock was wrong.
  const isOfFuture = terms.responseAtMs - nowMs > clockSlackMs;
  if (terms.isNoCache || isOfFuture) return { kind: 'validate', why: 'stale' };
  const wants = rules.heedsRequestWishes ? wishes : nothingWished;
  if (wants.isNoCache || wants.isNoStore) return { kind: 'validate', why: 'request' };
  if (wants.maxAgeS !== undefined && age > wants.maxAgeS && wants.maxStaleS === undefined) {
    return { kind: 'validate', why: 'request' };
  }
  if (wants.minFreshS !== undefined && ttlS < wants.minFreshS) return { kind: 'validate', why: 'request' };
  if (ttlS > 0) return { kind: 'fresh', ttlS };
  if (terms.neverStale) return { kind: 'validate', why: 'stale' };
  if (wants.maxStaleS !== undefined && -ttlS <= wants.maxStaleS) return { kind: 'stale', ttlS, renews: false };
  if (-ttlS < terms.staleWhileRevalidateS) return { kind: 'stale', ttlS, renews: true };
  return { kind: 'validate', why: 'stale' };
}

/** Whether it may stand in for an answer that could not be had (RFC 9111, 4.2.4; RFC 5861, 4). */
export function mayStandIn(
  terms: Terms,
  failure: 'unreachable' | 'server-error',
  wishes: CacheControl,
  nowMs: number,
  rules: ReuseRules,
): boolean {
  if (terms.neverStale || terms.isNoCache) return false;
  const staleS = ageS(terms, nowMs) - terms.lifetimeS;
  const wishedS = rules.heedsRequestWishes ? wishes.staleIfErrorS : undefined;
  const saidS = wishedS ?? terms.staleIfErrorS;
  if (saidS !== undefined) return staleS <= saidS;
  return failure === 'unreachable' && staleS <= rules.staleWhenUnreachableS;
}

/** Of a request that says nothing. */
export const nothingWished = parseCacheControl(undefined);

/** What a request wishes; `Pragma: no-cache` counts where nothing newer is said (RFC 9111, 5.4). */
export function wishesOf(fields: Fields): CacheControl {
  const control = fieldValue(fields, 'cache-control');
  if (control !== undefined) return parseCacheControl(control);
  const pragma = fieldValue(fields, 'pragma');
  if (pragma === undefined) return nothingWished;
  const isNoCache = listOf(pragma).some((directive) => directive.toLowerCase() === 'no-cache');
  return parseCacheControl(isNoCache ? 'no-cache' : '');
}

/** Whether the answer to this request must not be kept, by its own word (RFC 9111, 5.2.1.5). */
export function isUnkept(request: Fields): boolean {
  return wishesOf(request).isNoStore;
}
