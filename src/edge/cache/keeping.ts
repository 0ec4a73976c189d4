import { isCompressible } from './encoding.ts';
import { type Fields, firstLine, hasField, without } from './fields.ts';
import type { Times } from './freshness.ts';
import type { CacheKey, KeptAnswer } from './kept-answer.ts';
import { keptPart } from './partial.ts';
import { decideStorage, type StorageRules, type Terms } from './storage.ts';
import { groupsOf, tagsOf } from './tags.ts';
import type { UpstreamHead } from './upstream.ts';
import { selectorsOf } from './vary.ts';

/** A kept answer before its body has come. */
export type Bodiless = Omit<KeptAnswer, 'body' | 'bytes'>;

export function withDate(head: UpstreamHead, nowMs: number): UpstreamHead {
  if (hasField(head.fields, 'date')) return head;
  return { ...head, fields: [...head.fields, 'date', new Date(nowMs).toUTCString()] };
}

export function contentLengthOf(fields: Fields): number | undefined {
  const value = firstLine(fields, 'content-length');
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** On what terms this answer may be kept; undefined if it may not. */
export function termsFor(
  method: string,
  key: CacheKey,
  request: Fields,
  head: UpstreamHead,
  times: Times,
  rules: StorageRules,
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

export function answerOf(
  key: CacheKey,
  request: Fields,
  head: UpstreamHead,
  terms: Terms,
  variesBy?: readonly string[],
): Bodiless {
  const part = head.status === 206 ? keptPart(head.fields) : undefined;
  const names = new Set(['age', ...terms.withheldFields]);
  return {
    key,
    status: head.status,
    statusMessage: head.statusMessage,
    fields: without(head.fields, names),
    terms,
    selectors: selectorsOf(head.fields, request, variesBy),
    isByToken: hasField(request, 'authorization'),
    ...(part && { part }),
    tags: tagsOf(head.fields),
    groups: groupsOf(head.fields),
    encoded: new Map(),
    ready: new Map(),
    place: undefined,
    useCount: 0,
  };
}

/** Of what may be sent in other codings: before its body is there, since `Vary` must not come only with the second answer. */
export function mayBeCompressed(answer: Bodiless, length: number | undefined): boolean {
  return isCompressible({ ...answer, bodyBytes: length ?? Number.POSITIVE_INFINITY });
}
