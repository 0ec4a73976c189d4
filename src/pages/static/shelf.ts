import { LRUCache } from 'lru-cache';
import type { LabelHeaders } from '../../platform/api/cache-labels.ts';
import { refuse } from '../../platform/api/refusal.ts';
import { createBucket } from '../../platform/rate/bucket.ts';
import { type BlobStore, StorageFault } from '../../platform/storage/blob-store.ts';
import type { Log, Metrics } from '../../platform/telemetry/telemetry.ts';
import { blobKey, decodeBlob, type StoredPage } from './blob.ts';
import type { BuildOutcome } from './build-pages.ts';
import type { PageRef } from './page-paths.ts';
import { bytesOf, type ReadyPage, readyPage } from './ready-page.ts';

export interface ShelfContext {
  readonly files: BlobStore;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly labelHeaders: LabelHeaders;
  /** By which it signs `Cache-Status` (RFC 9211). */
  readonly cacheName: string;
  buildId(): string;
  buildNow(ref: PageRef): Promise<BuildOutcome>;
  /** Told of a page that this process finds on disk for the first time: whether the database knows it is not asked for. */
  onFirstFound?(ref: PageRef, page: StoredPage): void;
}

/** Pages within reach: in memory, else on disk, else built on the spot. A page that is there costs the database nothing. */
export interface Shelf {
  /** The page if it is in memory and was compared with the disk less than a second ago. */
  atOnce(path: string): ReadyPage | undefined;
  /** The page if it is in memory, compared with the disk first. */
  soon(path: string): Promise<ReadyPage | undefined> | undefined;
  /** Undefined if there is no such page. */
  find(ref: PageRef): Promise<ReadyPage | undefined>;
  /** As it is in memory, however old. */
  held(path: string): StoredPage | undefined;
  /** This process has stored the page, or there is none any more. */
  replace(ref: PageRef, page: StoredPage | undefined): void;
}

interface Held {
  readonly ref: PageRef;
  readonly ready: ReadyPage;
  /** Of the blob that it was read from; undefined if it was not. */
  readonly revision: string | undefined;
  checkedAtMs: number;
}

const memoryBytesMax = 64 * 2 ** 20;
// Within this time a page that another process has built is seen here.
const checkEveryMs = 1_000;
// A page that is looked at all the time is compared beforehand, so that nobody waits for it.
const checkAheadMs = 500;
// Whoever tries out addresses asks the database once a second for each.
const absentMax = 10_000;
// And all together so often, whatever is asked for: as many as it takes a small part of a second to answer. Pages that were there before do not count.
const unknownBuildRate = { unitsPerS: 200, burstUnits: 1_000 };
// Of which it is known that they have been found before; those that drop out are asked for once more.
const foundBeforeMax = 200_000;

export function createShelf(ctx: ShelfContext): Shelf {
  const { files, labelHeaders, cacheName } = ctx;
  const hit = `${cacheName}; hit`;
  const missed = `${cacheName}; fwd=miss; stored`;
  const ready = ({ kind }: Pick<PageRef, 'kind'>, page: StoredPage, cacheStatus = hit) =>
    readyPage(kind, page, { labelHeaders, cacheStatus });
  const memory = new LRUCache<string, Held>({
    maxSize: memoryBytesMax,
    sizeCalculation: ({ ready }) => bytesOf(ready),
  });
  const absent = new LRUCache<string, true>({ max: absentMax, ttl: checkEveryMs });
  const foundBefore = new LRUCache<string, true>({ max: foundBeforeMax });
  const looks = new Map<string, Promise<ReadyPage | undefined>>();
  const served = ctx.metrics.counter('onrush_pages_found_total', 'Where static pages were found', ['where']);
  const countMemory = served.bind({ where: 'memory' });
  const countDisk = served.bind({ where: 'disk' });
  const countBuilt = served.bind({ where: 'built' });
  const countRefused = served.bind({ where: 'refused' });
  const unknownBuilds = createBucket(unknownBuildRate, () => performance.now());
  ctx.metrics.gauge('onrush_pages_memory_bytes', 'Static pages in memory', () => memory.calculatedSize);

  function atOnce(path: string): ReadyPage | undefined {
    const held = memory.get(path);
    if (held === undefined) return undefined;
    const ageMs = performance.now() - held.checkedAtMs;
    if (ageMs > checkEveryMs) return undefined;
    // What goes wrong here goes wrong again for who has to wait for it, and is told there.
    if (ageMs > checkAheadMs && !looks.has(path)) lookOnce(held.ref).catch(() => {});
    countMemory();
    return held.ready;
  }

  function lookOnce(ref: PageRef): Promise<ReadyPage | undefined> {
    const known = looks.get(ref.path);
    if (known !== undefined) return known;
    const looking = look(ref).finally(() => looks.delete(ref.path));
    looks.set(ref.path, looking);
    return looking;
  }

  async function look(ref: PageRef): Promise<ReadyPage | undefined> {
    const held = memory.get(ref.path);
    const found = await onDisk(ref, held);
    // Replaced meanwhile by what this process built: that is newer than what was read.
    const current = memory.peek(ref.path);
    if (current !== undefined && current !== held) return current.ready;
    if (typeof found === 'object') {
      if (found !== held) countDisk();
      return keep(found);
    }
    if (absent.has(ref.path)) return undefined;
    // A page that was never there may be one that nobody has made, as whoever makes up addresses has any number of.
    if (found === 'nothing' && held === undefined && !unknownBuilds.take(1)) {
      countRefused();
      throw refuse('overloaded', {}, { 'retry-after': '1' });
    }
    return built(ref, held);
  }

  /** The same entry if the blob is as it was; `outdated` if there is one of another version of the shop. */
  async function onDisk(ref: PageRef, held: Held | undefined): Promise<Held | 'outdated' | 'nothing'> {
    const { path } = ref;
    const key = blobKey(path);
    try {
      // Before the bytes: were they newer than that, the next check would find out; the other way round it would not.
      const revision = await files.revision(key);
      if (revision === undefined) return 'nothing';
      if (held?.revision === revision) return held;
      const bytes = await files.read(key);
      const page = bytes && decodeBlob(bytes);
      if (page?.path !== path || page.buildId !== ctx.buildId()) return 'outdated';
      if (!foundBefore.has(path)) {
        foundBefore.set(path, true);
        ctx.onFirstFound?.(ref, page);
      }
      return { ref, ready: ready(ref, page), revision, checkedAtMs: 0 };
    } catch (error) {
      if (!(error instanceof StorageFault)) throw error;
      ctx.log.warn({ error, path }, 'a stored page could not be read');
      return held ?? 'outdated';
    }
  }

  async function built(ref: PageRef, held: Held | undefined): Promise<ReadyPage | undefined> {
    let outcome: BuildOutcome;
    try {
      outcome = await ctx.buildNow(ref);
    } catch (error) {
      // The database is away, and so is what was stored: better the page of a moment ago than none.
      if (held !== undefined && held.ready.page.buildId === ctx.buildId()) return keep(held);
      throw error;
    }
    switch (outcome.kind) {
      case 'built':
        countBuilt();
        keep({ ref, ready: ready(ref, outcome.page), revision: undefined, checkedAtMs: 0 });
        // The same for who waited, but that it was not there.
        return ready(ref, outcome.page, missed);
      case 'none':
        memory.delete(ref.path);
        absent.set(ref.path, true);
        return undefined;
      case 'failed':
        throw outcome.error;
    }
  }

  function keep(held: Held): ReadyPage {
    held.checkedAtMs = performance.now();
    memory.set(held.ref.path, held);
    return held.ready;
  }

  return {
    atOnce,
    soon(path) {
      const held = memory.peek(path);
      return held && lookOnce(held.ref);
    },
    find(ref) {
      const ready = atOnce(ref.path);
      if (ready !== undefined) return Promise.resolve(ready);
      return lookOnce(ref);
    },
    held: (path) => memory.peek(path)?.ready.page,
    replace(ref, page) {
      const { kind, path } = ref;
      absent.delete(path);
      if (page === undefined) memory.delete(path);
      else if (memory.has(path)) keep({ ref, ready: ready({ kind }, page), revision: undefined, checkedAtMs: 0 });
    },
  };
}
