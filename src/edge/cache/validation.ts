import { updatedFields } from './conditional.ts';
import { type Fields, fieldValue, without } from './fields.ts';
import { initialAgeS, type Times } from './freshness.ts';
import type { CacheKey, KeptAnswer } from './kept-answer.ts';
import { isUnkept } from './reuse.ts';
import { decideUpdate, type StorageRules } from './storage.ts';
import type { AnswerStore } from './store.ts';
import type { UpstreamHead } from './upstream.ts';
import { suits } from './vary.ts';

/**
 * What is kept with the fields of a new head: as the one who asked gets it, and as all may: `none` of them if the head is only his,
 * `over` if there is nothing to be kept any more.
 */
export function broughtUpToDate(
  kept: KeptAnswer,
  request: Fields,
  head: UpstreamHead,
  times: Times,
  rules: StorageRules,
): { readonly own: KeptAnswer; readonly shared: KeptAnswer | 'none' | 'over' } {
  const fields = updatedFields(kept.fields, head.fields);
  const news = { status: kept.status, news: head.fields, fields };
  const decision = decideUpdate({ fields: request }, news, times, rules);
  const age = { initialAgeS: initialAgeS(fields, times), responseAtMs: times.responseAtMs };
  const terms = decision.kind === 'store' ? decision.terms : { ...kept.terms, ...age };
  const own = { ...kept, fields, terms, ready: new Map() };
  if (decision.kind !== 'store') return { own, shared: decision.kind === 'own' ? 'none' : 'over' };
  return { own, shared: { ...own, fields: without(fields, new Set(terms.withheldFields)) } };
}

/** Puts what is kept in the state of this. */
export function refresh(
  store: AnswerStore,
  kept: KeptAnswer,
  { fields, terms }: Pick<KeptAnswer, 'fields' | 'terms'>,
): void {
  kept.fields = fields;
  kept.terms = terms;
  kept.ready.clear();
  store.use(kept);
  store.resize(kept);
}

/** RFC 9111, 4.3.5: a HEAD that is answered 200 tells whether what is kept is still what a GET would get. */
export function learnFromHead(
  { store, rules }: { readonly store: AnswerStore; readonly rules: StorageRules },
  key: CacheKey,
  request: Fields,
  head: UpstreamHead,
  times: Times,
): void {
  const kept = store
    .variantsOf(key)
    .find(({ part, selectors, fields }) => part === undefined && suits(selectors, fields, request));
  if (kept === undefined || head.status !== 200 || isUnkept(request)) return;
  const isSame =
    head.status === kept.status &&
    ['etag', 'last-modified', 'content-length'].every((name) => {
      const [then, now] = [fieldValue(kept.fields, name), fieldValue(head.fields, name)];
      return now === undefined || then === undefined || then === now;
    });
  const { shared } = broughtUpToDate(kept, request, head, times, rules);
  if (shared === 'none') return;
  if (isSame && shared !== 'over') refresh(store, kept, shared);
  else store.remove(kept);
}
