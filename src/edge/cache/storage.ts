import { type CacheControl, cacheControlOf } from './cache-control.ts';
import { type Fields, fieldValue, firstLine, hasField, listOf } from './fields.ts';
import { explicitLifetimeS, heuristicLifetimeS, initialAgeS, type LifetimeRules, type Times } from './freshness.ts';

export interface StorageRules extends LifetimeRules {
  /**
   * By which `Surrogate-Control` may address this cache; `CDN-Cache-Control` is for it as well then. Left out for a cache that is
   * the origin's own part: what both say is for those before it.
   */
  readonly surrogateName?: string;
  /**
   * An answer with `Set-Cookie` that says its lifetime may be kept (RFC 9111, 7.3), cookie and all. Off where no answer for
   * everyone sets cookies: then one that does is a mistake that must not be spread.
   */
  readonly storesCookies: boolean;
  /** Fields that belong to one exchange whatever the answer says of them: they are not kept. */
  readonly ownFields?: readonly string[];
}

/** How long and for whom a kept answer holds. Durations in seconds. */
export interface Terms {
  readonly lifetimeS: number;
  /** Its age when it came. */
  readonly initialAgeS: number;
  readonly responseAtMs: number;
  /** To be validated before each use. */
  readonly isNoCache: boolean;
  /** Never to be used stale, whatever fails. */
  readonly neverStale: boolean;
  readonly staleWhileRevalidateS: number;
  /** Undefined: nothing said. */
  readonly staleIfErrorS: number | undefined;
  readonly isNoTransform: boolean;
  /** Fields that are for the one who asked first. */
  readonly withheldFields: readonly string[];
}

export type StorageDecision =
  | { readonly kind: 'store'; readonly terms: Terms }
  | {
      readonly kind: 'pass';
      readonly why: 'method' | 'status' | 'no-store' | 'private' | 'vary' | 'authorization' | 'cookie' | 'useless';
    };

// RFC 9110, 15.1.
const heuristicallyCacheable = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]);
// Whose caching this code knows: none of them has rules beyond those of all (RFC 9111, 3; `must-understand`).
const understood = new Set([
  200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409,
  410, 411, 412, 413, 414, 415, 417, 421, 422, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505,
]);

/** Whether a shared cache may keep a final answer to a GET (RFC 9111, 3), and on what terms. 206 and 304 are not for here. */
export function decideStorage(
  request: { readonly fields: Fields },
  answer: { readonly status: number; readonly fields: Fields },
  times: Times,
  rules: StorageRules,
): StorageDecision {
  const { status, fields } = answer;
  const said = saidBy(fields, times, rules);
  const { control, explicitS } = said;
  if (status < 200 || status === 206 || status === 304) return { kind: 'pass', why: 'status' };
  if (control.mustUnderstand && !understood.has(status)) return { kind: 'pass', why: 'status' };
  // Who understands the status need not heed the `no-store` that is for those who do not (RFC 9111, 5.2.2.3).
  if (control.isNoStore && !control.mustUnderstand) return { kind: 'pass', why: 'no-store' };
  if (control.isPrivate) return { kind: 'pass', why: 'private' };
  if (listOf(fieldValue(fields, 'vary')).includes('*')) return { kind: 'pass', why: 'vary' };
  const own = whoseOwn(request, fields, said, rules);
  if (own !== undefined) return { kind: 'pass', why: own };
  // By a guess nothing is kept that may be one person's.
  const isGuess = explicitS === undefined && !control.isPublic && !control.isNoCache;
  if (isGuess && hasField(request.fields, 'cookie')) return { kind: 'pass', why: 'cookie' };
  const lifetimeS = explicitS ?? guessedLifetimeS(answer, control, times, rules);
  if (lifetimeS === undefined && !control.isNoCache) return { kind: 'pass', why: 'status' };
  const terms: Terms = {
    lifetimeS: lifetimeS ?? 0,
    initialAgeS: initialAgeS(fields, times),
    responseAtMs: times.responseAtMs,
    isNoCache: control.isNoCache,
    // `s-maxage` means `proxy-revalidate` as well (RFC 9111, 5.2.2.10).
    neverStale: control.mustRevalidate || control.proxyRevalidate || control.sMaxAgeS !== undefined,
    staleWhileRevalidateS: control.staleWhileRevalidateS ?? 0,
    staleIfErrorS: control.staleIfErrorS,
    isNoTransform: control.isNoTransform,
    withheldFields:
      rules.ownFields === undefined ? control.withheldFields : [...control.withheldFields, ...rules.ownFields],
  };
  return canBeOfUse(terms, fields) ? { kind: 'store', terms } : { kind: 'pass', why: 'useless' };
}

/**
 * Whether what is kept may be brought up to date, to `fields`, by the `news` of a 304 or of a HEAD. Nothing comes in by news that may
 * not come in by an answer of its own: `own` is what only concerns the one who asked, and says nothing to others.
 */
export function decideUpdate(
  request: { readonly fields: Fields },
  kept: { readonly status: number; readonly news: Fields; readonly fields: Fields },
  times: Times,
  rules: StorageRules,
): StorageDecision | { readonly kind: 'own' } {
  const { status, news, fields } = kept;
  // What the kept answer said when it came to somebody else is no permission for what comes now.
  if (whoseOwn(request, news, saidBy(news, times, rules), rules) !== undefined) return { kind: 'own' };
  const decision = decideStorage(request, { status, fields }, times, rules);
  const isOwn = decision.kind === 'pass' && (decision.why === 'authorization' || decision.why === 'cookie');
  return isOwn ? { kind: 'own' } : decision;
}

interface Said {
  readonly control: CacheControl;
  readonly explicitS: number | undefined;
}

function saidBy(fields: Fields, { responseAtMs }: Times, rules: StorageRules): Said {
  const { control, isTargeted } = cacheControlOf(fields, rules.surrogateName);
  return { control, explicitS: explicitLifetimeS(fields, control, isTargeted, responseAtMs) };
}

/** By what an answer, as it looks, is for the one who asked; undefined if by nothing (RFC 9111, 3.5 and 7.3). */
function whoseOwn(
  request: { readonly fields: Fields },
  fields: Fields,
  { control, explicitS }: Said,
  rules: StorageRules,
): 'authorization' | 'cookie' | undefined {
  const isForOthersToo = control.isPublic || control.mustRevalidate || control.sMaxAgeS !== undefined;
  const isAuthorized = hasField(request.fields, 'authorization');
  if (isAuthorized && (control.isPrivate || !isForOthersToo)) return 'authorization';
  const isCookieForAll = rules.storesCookies && (explicitS !== undefined || control.isPublic);
  return hasField(fields, 'set-cookie') && !isCookieForAll ? 'cookie' : undefined;
}

/** Nobody said how long: only where the status allows a guess. */
function guessedLifetimeS(
  { status, fields }: { readonly status: number; readonly fields: Fields },
  control: CacheControl,
  times: Times,
  rules: StorageRules,
): number | undefined {
  if (!heuristicallyCacheable.has(status) && !control.isPublic) return undefined;
  return heuristicLifetimeS(fields, times.responseAtMs, rules);
}

/** Fresh for a moment, or may be asked about by its validator, or used stale. */
function canBeOfUse(terms: Terms, fields: Fields): boolean {
  const isFresh = !terms.isNoCache && terms.lifetimeS > terms.initialAgeS;
  const mayBeStale = terms.staleWhileRevalidateS > 0 || (terms.staleIfErrorS ?? 0) > 0;
  return isFresh || mayBeStale || hasField(fields, 'etag') || firstLine(fields, 'last-modified') !== undefined;
}
