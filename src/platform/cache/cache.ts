/**
 * One `getOrLoad` in front of what is read much more often than it changes: L1 in this process now, L2 (Redis) when the
 * topology has one. Cached data never authorises a sale.
 */
export interface Cache {
  namespace<T>(name: string, options: NamespaceOptions): CacheNamespace<T>;
  close(): Promise<void>;
}

export interface NamespaceOptions {
  /** Fresh for this long; afterwards one caller loads anew while the others are given the old value, up to `staleMs` more. */
  readonly ttlMs: number;
  readonly staleMs: number;
  /** How many values are kept; beside them a tenth as many keys that have none. */
  readonly entriesMax: number;
}

export interface CacheNamespace<T> {
  /**
   * The value under `key`, loaded at most once however many ask at the same time. `load` returns undefined for what does
   * not exist; that is remembered too. A load that began before an invalidation never overwrites what came after it.
   */
  getOrLoad(
    key: string,
    load: () => Promise<T | undefined>,
    tags?: (value: T) => readonly string[],
  ): Promise<T | undefined>;
  /** The value if it is in this process and fresh, without waiting; else undefined. */
  peek(key: string): T | undefined;
  invalidate(keys: readonly string[]): Promise<void>;
  invalidateTags(tags: readonly string[]): Promise<void>;
}
