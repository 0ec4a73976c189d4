import { LRUCache } from 'lru-cache';
import type { Clock } from '../context/context.ts';
import type { Log } from '../telemetry/telemetry.ts';
import type { CacheNamespace, NamespaceOptions } from './cache.ts';
import { createTagIndex } from './tag-index.ts';

export interface LocalNamespace {
  entryCount(): number;
  clear(): void;
}

export interface LocalContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly count: Readonly<Record<'hit' | 'stale' | 'miss', (amount?: number) => void>>;
}

interface Entry<T> {
  readonly value: T | undefined;
  /** The answer to a hit, made once: most reads are hits, and each would make its own. */
  readonly answer: Promise<T | undefined>;
  readonly tags: readonly string[];
  readonly freshUntilMs: number;
  readonly usableUntilMs: number;
  /** After a failed load the old value serves everybody until then. */
  retryAtMs: number;
}

interface Load<T> {
  /** How many invalidations there had been when it began. */
  readonly begunAt: number;
  /** What it brings may be older than an invalidation, so it is not kept. */
  isSuperseded: boolean;
  promise: Promise<T | undefined>;
}

const retryPauseMs = 1_000;
const recentTagsMax = 10_000;

/**
 * The part of a cache that lives in this process.
 *
 * What keeps old values out: each invalidation has a number. A load notes the number at which it began; when it ends, what
 * it brings is kept only if none of its key and tags was invalidated since. Who asks after an invalidation is never given
 * what a load from before it brings.
 */
export function createLocalNamespace<T>(
  options: NamespaceOptions,
  context: LocalContext,
): { namespace: CacheNamespace<T>; local: LocalNamespace } {
  const { clock, log, count } = context;
  const tagIndex = createTagIndex();
  const entries = new LRUCache<string, Entry<T>>({
    max: options.entriesMax,
    dispose: (entry, key) => tagIndex.remove(key, entry.tags),
  });
  // What is not there, of which anybody can make up any number, takes no place of what is.
  const absent = new LRUCache<string, Entry<T>>({ max: Math.max(1, Math.floor(options.entriesMax / 10)) });
  const entryOf = (key: string) => entries.get(key) ?? absent.get(key);
  const forget = (key: string) => {
    entries.delete(key);
    absent.delete(key);
  };
  const loads = new Map<string, Load<T>>();
  let invalidationCount = 0;
  // When which tag was last invalidated, for as long as a load is under way whose tags are not known yet.
  const recentTags = new Map<string, number>();

  function getOrLoad(key: string, load: () => Promise<T | undefined>, tagsOf?: (value: T) => readonly string[]) {
    const entry = entryOf(key);
    if (entry !== undefined && clock.nowMs() < entry.freshUntilMs) {
      count.hit();
      return entry.answer;
    }
    return loadOrWait(key, load, tagsOf);
  }

  async function loadOrWait(
    key: string,
    load: () => Promise<T | undefined>,
    tagsOf: ((value: T) => readonly string[]) | undefined,
  ): Promise<T | undefined> {
    for (;;) {
      const old = usableEntry(key);
      const running = loads.get(key);
      if (old !== undefined && (running !== undefined || clock.nowMs() < old.retryAtMs)) {
        count.stale();
        return old.value;
      }
      const askedAt = invalidationCount;
      count.miss();
      const own = running ?? begin(key, load, tagsOf);
      const isAskedAfterwards = askedAt > own.begunAt;
      try {
        const value = await own.promise;
        if (!isAskedAfterwards || !own.isSuperseded) return value;
      } catch (error) {
        // Unless it was invalidated meanwhile, an old value is better than none.
        const left = usableEntry(key);
        if (left !== undefined) {
          left.retryAtMs = clock.nowMs() + retryPauseMs;
          log.warn({ err: error, key }, 'loading failed, so the old value is given');
          return left.value;
        }
        if (!isAskedAfterwards) throw error;
      }
    }
  }

  function usableEntry(key: string): Entry<T> | undefined {
    const entry = entryOf(key);
    return entry !== undefined && clock.nowMs() < entry.usableUntilMs ? entry : undefined;
  }

  function begin(
    key: string,
    load: () => Promise<T | undefined>,
    tagsOf: ((value: T) => readonly string[]) | undefined,
  ): Load<T> {
    const own: Load<T> = { begunAt: invalidationCount, isSuperseded: false, promise: Promise.resolve(undefined) };
    loads.set(key, own);
    own.promise = (async () => {
      try {
        const value = await load();
        const tags = value === undefined ? [] : (tagsOf?.(value) ?? []);
        own.isSuperseded ||= wasInvalidated(own, value, tags);
        if (!own.isSuperseded) keep(key, value, tags);
        return value;
      } finally {
        if (loads.get(key) === own) loads.delete(key);
        if (loads.size === 0) recentTags.clear();
      }
    })();
    return own;
  }

  function wasInvalidated(own: Load<T>, value: T | undefined, tags: readonly string[]): boolean {
    // What was not there has no tags. Had it come to be meanwhile, any invalidation may have told of it.
    if (value === undefined) return invalidationCount > own.begunAt;
    return tags.some((tag) => (recentTags.get(tag) ?? 0) > own.begunAt);
  }

  function keep(key: string, value: T | undefined, tags: readonly string[]): void {
    const freshUntilMs = clock.nowMs() + options.ttlMs;
    const usableUntilMs = freshUntilMs + options.staleMs;
    const entry = { value, answer: Promise.resolve(value), tags, freshUntilMs, usableUntilMs, retryAtMs: 0 };
    forget(key);
    if (value === undefined) absent.set(key, entry);
    else entries.set(key, entry);
    tagIndex.add(key, tags);
  }

  function supersede(key: string): void {
    forget(key);
    const running = loads.get(key);
    if (running === undefined) return;
    running.isSuperseded = true;
    loads.delete(key);
  }

  const namespace: CacheNamespace<T> = {
    getOrLoad,
    peek(key) {
      const entry = entries.get(key);
      if (entry === undefined || clock.nowMs() >= entry.freshUntilMs) return undefined;
      count.hit();
      return entry.value;
    },
    async invalidate(keys) {
      invalidationCount++;
      for (const key of keys) supersede(key);
    },
    async invalidateTags(tags) {
      invalidationCount++;
      for (const tag of tags) {
        for (const key of tagIndex.keysOf(tag)) entries.delete(key);
        if (loads.size > 0) recentTags.set(tag, invalidationCount);
      }
      // A load that hangs would let this grow for ever.
      if (recentTags.size > recentTagsMax) for (const key of [...loads.keys()]) supersede(key);
      if (loads.size === 0) recentTags.clear();
    },
  };
  const local: LocalNamespace = {
    entryCount: () => entries.size + absent.size,
    clear() {
      invalidationCount++;
      for (const key of [...loads.keys()]) supersede(key);
      entries.clear();
      absent.clear();
    },
  };
  return { namespace, local };
}
