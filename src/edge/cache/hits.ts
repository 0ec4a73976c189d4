import type { ServerResponse } from 'node:http';
import type { Clock } from '../../platform/context/context.ts';
import type { CacheMember } from './cache-status.ts';
import { type Coding, type CodingWishes, codingWishes, likedCoding } from './encoding.ts';
import type { EngineCounts } from './fetch.ts';
import { hostOf, type KeptAnswer } from './kept-answer.ts';
import { answerKept } from './kept-reply.ts';
import type { PlainRequest } from './plain-request.ts';
import { createReadyAnswers, statusOf, type Use } from './ready-answer.ts';
import { ageS, decideReuse, mayStandIn, nothingWished, type ReuseRules } from './reuse.ts';
import type { AnswerStore } from './store.ts';
import { selectingValue } from './vary.ts';

export interface Hits {
  /**
   * Answers a plain request with what is kept and may be used as it is. False if that is not so simple: then nothing has been done. `scheme` is
   * what it came by, where answers are chosen by that.
   */
  answer(request: PlainRequest, target: string, response: ServerResponse, scheme?: 'http' | 'https'): boolean;
  /**
   * Answers who would only be refused with what is kept, however old, as far as it may stand in for a refusal (RFC 5861, 4). False if there is
   * nothing that may.
   */
  standIn(request: PlainRequest, target: string, response: ServerResponse): boolean;
}

export interface HitsOptions {
  readonly member: CacheMember;
  readonly clock: Clock;
  readonly store: AnswerStore;
  readonly rules: ReuseRules;
  readonly counts: EngineCounts;
  /** Whether a stale answer needs no renewal for now: one is under way, or came to nothing a moment ago. */
  isRenewed(kept: KeptAnswer, nowMs: number): boolean;
}

// Browsers send a handful of different ones. Longer ones, and more, are read each time.
const rememberedMax = 100;
const rememberedLengthMax = 100;

/** The way of nearly all requests that find something: no list of fields is made, no head, and nothing is written twice. */
export function createHits({ member, clock, store, rules, counts, isRenewed }: HitsOptions): Hits {
  const ready = createReadyAnswers(member, store.resize);
  const remembered = new Map<string, Encodings>();

  const encodingsOf = (text: string): Encodings => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const fields = ['accept-encoding', text];
    const encodings = { wishes: codingWishes(text), selecting: selectingValue('accept-encoding', fields) };
    if (remembered.size < rememberedMax && text.length <= rememberedLengthMax) remembered.set(text, encodings);
    return encodings;
  };
  const suits = ({ selectors }: KeptAnswer, encodings: Encodings | undefined, scheme: string | undefined): boolean =>
    selectors.every(({ name, value }) => {
      if (name === 'accept-encoding') return value === (encodings?.selecting ?? null);
      return name === 'x-forwarded-proto' && value === scheme;
    });

  const find = ({ host, acceptEncoding }: PlainRequest, target: string, scheme?: string): Found | undefined => {
    const variants = store.variantsOf({ host: hostOf(host), target });
    if (variants.length === 0) return undefined;
    const encodings = acceptEncoding === undefined ? undefined : encodingsOf(acceptEncoding);
    const kept = variants.find((variant) => variant.part === undefined && suits(variant, encodings, scheme));
    if (kept === undefined) return undefined;
    const coding = encodings && likedCoding(encodings.wishes, kept);
    return { kept, coding, acceptEncoding };
  };

  const give = (response: ServerResponse, { kept, coding, acceptEncoding }: Found, nowMs: number, use: Use): void => {
    if (!ready.answer(response, kept, coding, { ageS: ageS(kept.terms, nowMs), use })) {
      const fields = acceptEncoding === undefined ? [] : ['accept-encoding', acceptEncoding];
      answerKept(response, kept, { method: 'GET', fields }, nowMs, statusOf(member, use));
    }
    store.use(kept);
  };

  return {
    answer(request, target, response, scheme) {
      const found = find(request, target, scheme);
      if (found === undefined) return false;
      const nowMs = clock.nowMs();
      const reuse = decideReuse(found.kept.terms, nothingWished, nowMs, rules);
      const isStale = reuse.kind === 'stale';
      if (reuse.kind === 'validate' || (isStale && reuse.renews && !isRenewed(found.kept, nowMs))) return false;
      give(response, found, nowMs, reuse);
      counts[isStale ? 'staleHit' : 'hit'] += 1;
      return true;
    },

    standIn(request, target, response) {
      const found = find(request, target);
      if (found === undefined) return false;
      const { terms } = found.kept;
      const nowMs = clock.nowMs();
      const reuse = decideReuse(terms, nothingWished, nowMs, rules);
      const isUsable = reuse.kind !== 'validate';
      if (!isUsable && !mayStandIn(terms, 'server-error', nothingWished, nowMs, rules)) return false;
      give(response, found, nowMs, isUsable ? reuse : 'stand-in');
      counts.staleHit += 1;
      return true;
    },
  };
}

interface Found {
  readonly kept: KeptAnswer;
  readonly coding: Coding | undefined;
  readonly acceptEncoding: string | undefined;
}

/** What an `Accept-Encoding` means. */
interface Encodings {
  readonly wishes: CodingWishes;
  /** As what an answer is chosen by. */
  readonly selecting: string | null;
}
