import { createEviction } from './eviction.ts';
import type { Fields } from './fields.ts';
import { bytesOf, type CacheKey, type KeptAnswer } from './kept-answer.ts';
import { isMeant, type PurgeTarget } from './purge-log.ts';
import { suits } from './vary.ts';

/** Kept answers by key, by tag and by group, within a bound of bytes. Decides nothing about HTTP but which variant suits. */
export interface AnswerStore {
  readonly count: number;
  readonly bytes: number;
  readonly evictedCount: number;
  /** All variants of this key, whole and partial, the newest first. */
  variantsOf(key: CacheKey): readonly KeptAnswer[];
  /** Takes the place of the variant that suited the same requests. */
  put(answer: KeptAnswer, request: Fields): void;
  use(answer: KeptAnswer): void;
  /** The answer takes this much more or less than it said. */
  resize(answer: KeptAnswer): void;
  remove(answer: KeptAnswer): void;
  /** How many were thrown out. */
  purge(target: PurgeTarget): number;
}

// A `Vary` on a field that everybody sends differently would fill the store with one page: the oldest variant goes.
const variantsMax = 64;

export function createAnswerStore(bytesMax: number): AnswerStore {
  // Target first: a purge of a path means it on every host.
  const byTarget = new Map<string, Map<string, KeptAnswer[]>>();
  const byTag = new Map<string, Set<KeptAnswer>>();
  const byGroup = new Map<string, Set<KeptAnswer>>();
  const eviction = createEviction<KeptAnswer>(bytesMax, { nameOf, isMinor: ({ status }) => status >= 400 });
  let count = 0;
  let evictedCount = 0;

  const unlink = (answer: KeptAnswer) => {
    const byHost = byTarget.get(answer.key.target);
    const variants = byHost?.get(answer.key.host);
    const at = variants?.indexOf(answer) ?? -1;
    if (byHost === undefined || variants === undefined || at < 0) return;
    variants.splice(at, 1);
    if (variants.length === 0) byHost.delete(answer.key.host);
    if (byHost.size === 0) byTarget.delete(answer.key.target);
    for (const tag of answer.tags) removeFrom(byTag, tag, answer);
    for (const group of answer.groups) removeFrom(byGroup, group, answer);
    count -= 1;
  };
  const evict = (evicted: readonly KeptAnswer[]) => {
    for (const answer of evicted) unlink(answer);
    evictedCount += evicted.length;
  };
  const remove = (answer: KeptAnswer) => {
    if (answer.place === undefined) return;
    eviction.remove(answer);
    unlink(answer);
  };

  return {
    get count() {
      return count;
    },
    get bytes() {
      return eviction.bytes;
    },
    get evictedCount() {
      return evictedCount;
    },
    variantsOf: (key) => byTarget.get(key.target)?.get(key.host) ?? none,
    put(answer, request) {
      let byHost = byTarget.get(answer.key.target);
      const present = byHost?.get(answer.key.host) ?? [];
      const isPart = answer.part !== undefined;
      for (const other of [...present]) {
        const isSameKind = (other.part !== undefined) === isPart;
        // What is whole makes the parts of the same needless.
        if ((isSameKind || !isPart) && suits(other.selectors, other.fields, request)) remove(other);
      }
      while (present.length >= variantsMax) {
        const oldest = present.at(-1);
        if (oldest === undefined) break;
        remove(oldest);
        evictedCount += 1;
      }
      byHost = byTarget.get(answer.key.target);
      if (byHost === undefined) {
        byHost = new Map();
        byTarget.set(answer.key.target, byHost);
      }
      const variants = byHost.get(answer.key.host);
      if (variants === undefined) byHost.set(answer.key.host, [answer]);
      else variants.unshift(answer);
      for (const tag of answer.tags) addTo(byTag, tag, answer);
      for (const group of answer.groups) addTo(byGroup, group, answer);
      count += 1;
      evict(eviction.add(answer));
    },
    use: eviction.use,
    resize(answer) {
      if (answer.place === undefined) return;
      const bytes = bytesOf(answer);
      const byBytes = bytes - answer.bytes;
      answer.bytes = bytes;
      evict(eviction.resize(answer, byBytes));
    },
    remove,
    purge(target) {
      const meant = new Set<KeptAnswer>();
      if (target.everything) for (const answer of all(byTarget)) meant.add(answer);
      for (const tag of target.tags) for (const answer of byTag.get(tag) ?? []) meant.add(answer);
      for (const group of target.groups) for (const answer of byGroup.get(group) ?? []) meant.add(answer);
      for (const pair of target.hostGroups) {
        const group = pair.slice(pair.indexOf('\n') + 1);
        for (const answer of byGroup.get(group) ?? []) if (isMeant(target, answer)) meant.add(answer);
      }
      for (const url of target.urls) {
        const path = url.slice(url.indexOf('\n') + 1);
        for (const variants of byTarget.get(path)?.values() ?? []) {
          for (const answer of variants) if (isMeant(target, answer)) meant.add(answer);
        }
      }
      for (const answer of meant) remove(answer);
      return meant.size;
    },
  };
}

const none: readonly KeptAnswer[] = [];

function nameOf({ key, selectors }: KeptAnswer): string {
  return `${key.host}\n${key.target}\n${selectors.map(({ value }) => value).join('\n')}`;
}

function* all(byTarget: ReadonlyMap<string, ReadonlyMap<string, readonly KeptAnswer[]>>): Iterable<KeptAnswer> {
  for (const byHost of byTarget.values()) for (const variants of byHost.values()) yield* variants;
}

function addTo(index: Map<string, Set<KeptAnswer>>, name: string, answer: KeptAnswer): void {
  const known = index.get(name);
  if (known === undefined) index.set(name, new Set([answer]));
  else known.add(answer);
}

function removeFrom(index: Map<string, Set<KeptAnswer>>, name: string, answer: KeptAnswer): void {
  const known = index.get(name);
  known?.delete(answer);
  if (known?.size === 0) index.delete(name);
}
