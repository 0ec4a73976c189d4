import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database, Tx } from '../../platform/database/database.ts';
import type { BlobStore } from '../../platform/storage/blob-store.ts';
import type { Log, Metrics } from '../../platform/telemetry/telemetry.ts';
import { blobKey, encodeBlob, type StoredPage } from './blob.ts';
import { compressPage } from './compress-page.ts';
import { type Loaded, type PageKind, pathOf } from './page-kind.ts';
import type { PageRef } from './page-paths.ts';
import { createSlots } from './slots.ts';
import {
  type BuildStamp,
  drawMark,
  lockAgainstChanges,
  lockPages,
  reservePages,
  saveBuilt,
  saveGone,
  wantAgain,
} from './store.ts';

/** What became of one page of a batch. */
export type BuildOutcome =
  /** `isStored` false: a newer build is stored, another version of the shop owns it, or the world failed at storing it. */
  | { readonly kind: 'built'; readonly page: StoredPage; readonly isStored: boolean }
  /** There is no such page. */
  | { readonly kind: 'none' }
  /** It could not be loaded or rendered. The stored page, if there is one, stays. */
  | { readonly kind: 'failed'; readonly error: unknown };

export interface BuildContext {
  readonly database: Database;
  readonly files: BlobStore;
  readonly clock: { nowMs(): number };
  readonly log: Log;
  readonly metrics: Metrics;
  buildId(): string;
  /** The page as this process holds it: its compressed bytes are used again when the text is the same. */
  held?(path: string): StoredPage | undefined;
  /** Told of each page as it is stored, or of its end. */
  onStored?(ref: PageRef, page: StoredPage | undefined): void;
  /** Told, in the transaction, of the paths at which others may have kept something that is no longer so. */
  onReplaced?(tx: Tx, paths: readonly string[]): Promise<void>;
}

export interface BuildOptions {
  /** The pages are known to have rows. */
  readonly haveRows?: boolean;
  /** Give the pages back, though they could not be stored. For somebody who waits for one; else the fault is thrown. */
  readonly isForViewer?: boolean;
}

// Rendering holds up everything else in the process. A product page takes about a millisecond, so that whoever orders
// meanwhile waits for one page, not for a batch.
const turnMs = 2;
const compressionsMax = 4;
const blobWritesMax = 16;

export type PageBuilds = ReturnType<typeof createPageBuilds>;

/**
 * Builds pages, a batch at a time: mark, load, render, compress, store. Any number of batches may run at a time, here and
 * in other processes; what is stored in the end has every change in it (decision 0009).
 */
export function createPageBuilds(ctx: BuildContext) {
  const { database, files, clock } = ctx;
  const log = ctx.log.child({ room: 'pages' });
  const builtCount = ctx.metrics.counter('onrush_pages_built_total', 'Pages that were rendered', ['kind']);
  const compressions = createSlots(compressionsMax);
  const blobWrites = createSlots(blobWritesMax);
  // Paths whose blob may be older than their row says.
  const unsettled = new Set<string>();

  async function build(refs: readonly PageRef[], options: BuildOptions = {}): Promise<BuildOutcome[]> {
    const stamp = { mark: await drawMark(database), buildId: ctx.buildId(), nowMs: clock.nowMs() };
    const loadedByPage = await loadAll(refs);
    const drafts = await Promise.all(await renderAll(refs, loadedByPage, stamp));
    try {
      const taken = await store(stamp, drafts, options);
      return drafts.map((draft) =>
        draft.kind === 'built'
          ? { kind: 'built', page: draft.page, isStored: taken.has(draft.ref.path) }
          : draft.kind === 'none'
            ? { kind: 'none' }
            : draft,
      );
    } catch (error) {
      if (!options.isForViewer) throw error;
      log.warn({ error }, 'pages that were built for a visitor could not be stored');
      return drafts.map((draft) => (draft.kind === 'built' ? { ...draft, isStored: false } : draft));
    }
  }

  /** One `load` for each kind. If that fails, one for each page, so that a bad product does not keep the others from theirs. */
  async function loadAll(refs: readonly PageRef[]): Promise<Map<string, LoadOutcome>> {
    const outcomes = new Map<string, LoadOutcome>();
    for (const [kind, wanted] of Map.groupBy(refs, (ref) => ref.kind)) {
      const pages = new Map(wanted.map(({ params }) => [pathOf(kind, params), params]));
      const results = await loadSome(kind, [...pages.values()]);
      [...pages.keys()].forEach((key, index) => {
        outcomes.set(pageKey(kind, key), results[index] as LoadOutcome);
      });
    }
    return outcomes;
  }

  /** Starts compressing while it goes on rendering; never holds more than a few pages as text. */
  async function renderAll(
    refs: readonly PageRef[],
    loadedByPage: ReadonlyMap<string, LoadOutcome>,
    stamp: BuildStamp,
  ): Promise<Promise<Draft>[]> {
    const drafts: Promise<Draft>[] = [];
    let turnBeganAtMs = performance.now();
    for (const ref of refs) {
      const outcome = loadedByPage.get(pageKey(ref.kind, pathOf(ref.kind, ref.params))) as LoadOutcome;
      if (outcome.kind === 'failed') drafts.push(Promise.resolve({ ...outcome, ref }));
      else if (outcome.loaded === undefined) drafts.push(Promise.resolve({ kind: 'none', ref }));
      else {
        const release = await compressions.acquire();
        drafts.push(draftOf(ref, outcome.loaded, stamp).finally(release));
        builtCount.add(1, { kind: ref.kind.name });
      }
      if (performance.now() - turnBeganAtMs < turnMs) continue;
      await nextTurn();
      turnBeganAtMs = performance.now();
    }
    return drafts;
  }

  async function draftOf(ref: PageRef, loaded: Loaded<unknown>, stamp: BuildStamp): Promise<Draft> {
    try {
      const text = Buffer.from(ref.kind.render(loaded.data, ref.locale));
      const etag = hash('sha256', text, 'base64url').slice(0, 22);
      const held = ctx.held?.(ref.path);
      const { brotli, gzip } = held?.etag === etag ? held : await compressPage(text);
      const page: StoredPage = {
        path: ref.path,
        buildId: stamp.buildId,
        etag,
        contentType: ref.kind.contentType ?? 'text/html; charset=utf-8',
        cacheControl: `public, max-age=${ref.kind.maxAgeS}, stale-while-revalidate=${ref.kind.staleWhileRevalidateS}`,
        identityBytes: text.length,
        brotli,
        gzip,
      };
      return { kind: 'built', ref, page, loaded };
    } catch (error) {
      return { kind: 'failed', ref, error };
    }
  }

  /** Rows and blobs in one transaction: while the rows are locked, nobody else writes the blobs of these pages. */
  async function store(stamp: BuildStamp, drafts: readonly Draft[], options: BuildOptions): Promise<Set<string>> {
    const built = drafts.filter((draft) => draft.kind === 'built');
    const rows = built.map((draft) => rowOf(draft, stamp));
    const none = drafts.filter((draft) => draft.kind === 'none').map(({ ref }) => ref.path);
    const begun: string[] = [];
    if (!options.haveRows && rows.length > 0) await reservePages(database, stamp, rows);
    try {
      const taken = await database.transaction(
        async (tx) => {
          await lockAgainstChanges(tx);
          const before = await lockPages(tx, [...built.map(({ ref }) => ref.path), ...none]);
          const [stored, gone] = await Promise.all([saveBuilt(tx, stamp, rows), saveGone(tx, stamp, none)]);
          begun.push(...stored, ...gone);
          await Promise.all([
            ...built
              .filter(({ ref }) => stored.has(ref.path))
              .map(({ page }) => blobWrites.use(() => files.write(blobKey(page.path), encodeBlob(page)))),
            ...[...gone].map((path) => blobWrites.use(() => files.delete(blobKey(path)))),
          ]);
          const etags = new Map(rows.map(({ path, etag }) => [path, etag]));
          const changed = [...stored, ...gone].filter((path) => isOther(before.get(path), etags.get(path)));
          if (changed.length > 0) await ctx.onReplaced?.(tx, changed);
          return stored.union(gone);
        },
        { isolation: 'read committed' },
      );
      for (const draft of drafts) {
        if (draft.kind === 'built' && taken.has(draft.ref.path)) ctx.onStored?.(draft.ref, draft.page);
        if (draft.kind === 'none') ctx.onStored?.(draft.ref, undefined);
      }
      return taken;
    } catch (error) {
      // The transaction may have been cut while a blob was being written, and another build have stored a newer one before
      // that write went through. Nobody knows; so these pages are built once more.
      for (const path of begun) unsettled.add(path);
      throw error;
    }
  }

  return {
    build,
    /** Has pages built again whose storing failed half-way; to be called before looking for stale ones. */
    async settle(): Promise<void> {
      if (unsettled.size === 0) return;
      const paths = [...unsettled];
      await wantAgain(database, paths);
      for (const path of paths) unsettled.delete(path);
    },
  };
}

/** A page that was stored and says something else now, or is gone. */
function isOther(etagBefore: string | undefined, etag: string | undefined): boolean {
  return etagBefore !== undefined && etagBefore !== '' && etagBefore !== etag;
}

type LoadOutcome =
  | { readonly kind: 'loaded'; readonly loaded: Loaded<unknown> | undefined }
  | { readonly kind: 'failed'; readonly error: unknown };

type Draft =
  | { readonly kind: 'built'; readonly ref: PageRef; readonly page: StoredPage; readonly loaded: Loaded<unknown> }
  | { readonly kind: 'none'; readonly ref: PageRef }
  | { readonly kind: 'failed'; readonly ref: PageRef; readonly error: unknown };

const pageKey = (kind: PageKind, path: string) => `${kind.name} ${path}`;

async function loadSome(kind: PageKind, wanted: Parameters<PageKind['load']>[0]): Promise<LoadOutcome[]> {
  try {
    const loaded = await kind.load(wanted);
    return wanted.map((_, index) => ({ kind: 'loaded', loaded: loaded[index] }));
  } catch (error) {
    // The world failed for all of them; they would only meet the same again.
    if (error instanceof Error && error.name.endsWith('Fault')) throw error;
    if (wanted.length === 1) return [{ kind: 'failed', error }];
    const each = await Promise.all(wanted.map((params) => loadSome(kind, [params])));
    return each.flat();
  }
}

function rowOf({ ref, page, loaded }: Draft & { kind: 'built' }, { nowMs }: BuildStamp) {
  return {
    path: ref.path,
    kind: ref.kind.name,
    locale: ref.locale,
    tags: loaded.tags,
    etag: page.etag,
    byteCount: page.brotli.length + page.gzip.length,
    // A kind that names a moment that has passed would be built without end.
    rebuildAtMs: loaded.rebuildAtMs === undefined ? undefined : Math.max(loaded.rebuildAtMs, nowMs + 1000),
  };
}
