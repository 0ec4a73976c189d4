import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Admit } from '../../platform/api/gate.ts';
import type { WireAnswer } from '../../platform/api/wire-box.ts';
import type { Clock } from '../../platform/context/context.ts';
import type { CacheMember } from './cache-status.ts';
import { type Coding, type CodingWishes, codingWishes, likedCoding } from './encoding.ts';
import type { EngineCounts } from './fetch.ts';
import { hostOf, type KeptAnswer } from './kept-answer.ts';
import { answerKept } from './kept-reply.ts';
import type { PlainRequest } from './plain-request.ts';
import { createReadyAnswers, statusOf, type Told, type Use } from './ready-answer.ts';
import { ageS, decideReuse, mayStandIn, nothingWished, type Reuse, type ReuseRules } from './reuse.ts';
import type { AnswerStore } from './store.ts';
import { selectingValue } from './vary.ts';

export interface Hits {
  /** What is kept for a plain request, however old. `scheme` is what it came by, where answers are chosen by that. */
  find(request: PlainRequest, target: string, scheme?: 'http' | 'https'): Found | undefined;
  /** What of it may be used as it is. Undefined if that is not so simple. */
  usable(found: Found): Hit | undefined;
  /** What of it may stand in for a refusal (RFC 5861, 4). */
  standIn(found: Found): Hit | undefined;
  /** Answers with it. */
  send(hit: Hit, response: ServerResponse): void;
  /** The same for the wire; undefined for what must go another way, or is not admitted. */
  onWire(hit: Hit, socket: Socket, admit: Admit): WireAnswer | undefined;
}

/** A kept answer that will be given, to somebody who asked plainly. */
export interface Hit extends Told {
  readonly kept: KeptAnswer;
  readonly coding: Coding | undefined;
  readonly acceptEncoding: string | undefined;
  readonly count: 'hit' | 'staleHit';
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

  const hitOf = ({ kept, coding, acceptEncoding, ageS }: Found, use: Use, count: Hit['count']): Hit => ({
    kept,
    coding,
    acceptEncoding,
    ageS,
    use,
    count,
  });
  const note = ({ kept, count }: Hit): void => {
    store.use(kept);
    counts[count] += 1;
  };

  return {
    find({ host, acceptEncoding }, target, scheme) {
      const variants = store.variantsOf({ host: hostOf(host), target });
      if (variants.length === 0) return undefined;
      const encodings = acceptEncoding === undefined ? undefined : encodingsOf(acceptEncoding);
      const kept = variants.find((variant) => variant.part === undefined && suits(variant, encodings, scheme));
      if (kept === undefined) return undefined;
      const coding = encodings && likedCoding(encodings.wishes, kept);
      const nowMs = clock.nowMs();
      const reuse = decideReuse(kept.terms, nothingWished, nowMs, rules);
      return { kept, coding, acceptEncoding, nowMs, reuse, ageS: ageS(kept.terms, nowMs) };
    },
    usable(found) {
      const { kept, reuse, nowMs } = found;
      if (reuse.kind === 'validate') return undefined;
      if (reuse.kind === 'fresh') return hitOf(found, reuse, 'hit');
      return reuse.renews && !isRenewed(kept, nowMs) ? undefined : hitOf(found, reuse, 'staleHit');
    },
    standIn(found) {
      const { kept, reuse, nowMs } = found;
      if (reuse.kind !== 'validate') return hitOf(found, reuse, 'staleHit');
      const may = mayStandIn(kept.terms, 'server-error', nothingWished, nowMs, rules);
      return may ? hitOf(found, 'stand-in', 'staleHit') : undefined;
    },
    send(hit, response) {
      const { kept, coding, acceptEncoding, use } = hit;
      note(hit);
      if (ready.answer(response, kept, coding, hit)) return;
      const fields = acceptEncoding === undefined ? [] : ['accept-encoding', acceptEncoding];
      answerKept(response, kept, { method: 'GET', fields }, clock.nowMs(), statusOf(member, use));
    },
    onWire(hit, socket, admit) {
      const answer = ready.onWire(socket, hit.kept, hit.coding, hit, admit);
      if (answer !== undefined) note(hit);
      return answer;
    },
  };
}

/** What is kept, and whether it is fresh at this moment. */
export interface Found extends Pick<Hit, 'kept' | 'coding' | 'acceptEncoding' | 'ageS'> {
  readonly nowMs: number;
  readonly reuse: Reuse;
}

/** What an `Accept-Encoding` means. */
interface Encodings {
  readonly wishes: CodingWishes;
  /** As what an answer is chosen by. */
  readonly selecting: string | null;
}
