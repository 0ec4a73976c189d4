import { randomUUID } from 'node:crypto';
import { createLane } from '../../platform/batch/lane.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Consumer } from '../../platform/events/event.ts';
import { createPoller } from '../../platform/events/poller.ts';
import type { BlobStore } from '../../platform/storage/blob-store.ts';
import type { Log } from '../../platform/telemetry/telemetry.ts';
import { blobKey } from './blob.ts';
import type { BuildOutcome, PageBuilds } from './build-pages.ts';
import type { PagePaths, PageRef } from './page-paths.ts';
import { drawMark, forgetPages, leaseStale, postponeFailed, pruneTouches, touchPages } from './store.ts';
import { adoptOrphans, adoptPages, dismissKeeper, keepAlive } from './store-keeper.ts';
import { pageTopics, tagsTouchedBy } from './tags.ts';

export interface BuilderContext {
  readonly database: Database;
  readonly files: BlobStore;
  readonly clock: { nowMs(): number };
  readonly log: Log;
  readonly paths: PagePaths;
  readonly builds: PageBuilds;
  buildId(): string;
}

export interface Builder {
  /** Builds a page for somebody who waits. Those who wait for the same one wait for the same build. */
  buildNow(ref: PageRef): Promise<BuildOutcome>;
  /** Looks for stale pages once and builds some; true when there may be more. */
  look(): Promise<boolean>;
  /** Something was touched a moment ago. */
  nudge(): void;
  start(): void;
  stop(): Promise<void>;
}

const batchMax = 100;
const leaseMs = 15_000;
const adoptedAtOnce = 1_000;
// Whoever has not been heard of for so long is gone; and how often each says that it is there.
const keeperAliveMs = 30_000;
const keeperSaysEveryMs = 10_000;
// How soon a change is seen that another process has handled, and a sale begins to be shown as one.
const pollMs = 400;
const pruneEveryMs = 60_000;
// A build that takes longer than this is taken to have missed something and is done again.
const touchesKeptMs = 10 * 60_000;

/** Keeps pages as they should be, in the background; and builds on demand what is not there. */
export function createBuilder(ctx: BuilderContext): Builder {
  const { database, builds, paths, clock } = ctx;
  const log = ctx.log.child({ room: 'pages' });
  const underWay = new Map<string, Promise<BuildOutcome>>();
  const prune = createPruning(database, clock);
  const adoption = createAdoption(ctx);
  const lane = createLane<PageRef, BuildOutcome>({
    name: 'pages on demand',
    batchMax: 24,
    waitingMax: 2_000,
    run: (refs) => builds.build(refs, { isForViewer: true }),
  });
  const poller = createPoller({ look, pollMs, log, name: 'pages' });

  async function look(): Promise<boolean> {
    await builds.settle();
    await prune();
    const mayAdoptMore = await adoption.look();
    const options = { buildId: ctx.buildId(), nowMs: clock.nowMs(), leaseMs, limit: batchMax };
    const leased = await leaseStale(database, options);
    if (leased.length === 0) return mayAdoptMore;
    await rebuild(leased);
    return true;
  }

  async function rebuild(leased: readonly string[]): Promise<void> {
    const found = leased.map((path) => ({ path, ref: paths.find(path) }));
    const refs = found.flatMap(({ ref }) => ref ?? []);
    await forget(found.filter(({ ref }) => ref === undefined).map(({ path }) => path));
    const outcomes = await builds.build(refs, { haveRows: true });
    const failed = outcomes.flatMap((outcome, index) =>
      outcome.kind === 'failed' ? [{ path: (refs[index] as PageRef).path, error: outcome.error }] : [],
    );
    if (failed.length === 0) return;
    // Meanwhile the pages that are stored are shown.
    const failedPaths = failed.map(({ path }) => path);
    await postponeFailed(database, clock.nowMs(), failedPaths);
    for (const { path, error } of failed) log.error({ error, path }, 'a page could not be built');
  }

  /** Pages of a kind that an earlier version of the shop had. */
  async function forget(gone: readonly string[]): Promise<void> {
    if (gone.length === 0) return;
    await forgetPages(database, gone);
    for (const path of gone) await ctx.files.delete(blobKey(path));
  }

  return {
    buildNow(ref) {
      const known = underWay.get(ref.path);
      if (known !== undefined) return known;
      const build = lane.submit(ref).finally(() => underWay.delete(ref.path));
      underWay.set(ref.path, build);
      return build;
    },
    look,
    nudge: () => poller.nudge(),
    start: () => poller.start(),
    async stop() {
      await Promise.all([poller.stop(), lane.close()]);
      await adoption.end();
    },
  };
}

/** Marks the pages that an event touches. `onTouched` is called within the transaction: they can be seen a moment later. */
export function pageConsumer(onTouched: () => void): Consumer {
  return {
    group: 'pages',
    topics: pageTopics,
    async handle(tx, events) {
      await touchPages(tx, [...new Set(events.flatMap(tagsTouchedBy))]);
      onTouched();
    },
  };
}

/**
 * Takes over what other versions of the shop have made: everything once, at the beginning, for the newest is the one that is
 * wanted; later only what nobody keeps any more. Two versions that run side by side would else take the pages from each other
 * without end.
 */
function createAdoption(ctx: Pick<BuilderContext, 'database' | 'clock' | 'log' | 'buildId'>) {
  const { database, clock } = ctx;
  const keeperId = randomUUID();
  let saidAtMs = Number.NEGATIVE_INFINITY;
  let hasAdoptedAll = false;
  let mayHaveOrphans = false;
  return {
    /** True when there may be more to take over. */
    async look(): Promise<boolean> {
      const nowMs = clock.nowMs();
      const buildId = ctx.buildId();
      if (nowMs >= saidAtMs + keeperSaysEveryMs) {
        await keepAlive(database, { keeperId, buildId }, nowMs, keeperAliveMs);
        saidAtMs = nowMs;
        mayHaveOrphans = true;
      }
      if (!hasAdoptedAll) {
        hasAdoptedAll = (await adoptPages(database, buildId, adoptedAtOnce)) === 0;
        return !hasAdoptedAll;
      }
      if (mayHaveOrphans) mayHaveOrphans = (await adoptOrphans(database, buildId, adoptedAtOnce, nowMs)) > 0;
      return mayHaveOrphans;
    },
    /** So that nobody has to wait until it is taken to be gone. */
    async end(): Promise<void> {
      if (saidAtMs === Number.NEGATIVE_INFINITY) return;
      await dismissKeeper(database, keeperId).catch((error: unknown) =>
        ctx.log.warn({ error }, 'that this process keeps no pages any more could not be told'),
      );
    },
  };
}

/** Now and then forgets changes that are older than any build that may still be under way. */
function createPruning(database: Database, clock: { nowMs(): number }): () => Promise<void> {
  let marks: { atMs: number; mark: number }[] = [];
  return async () => {
    const nowMs = clock.nowMs();
    if (nowMs < (marks.at(-1)?.atMs ?? 0) + pruneEveryMs) return;
    marks.push({ atMs: nowMs, mark: await drawMark(database) });
    const old = marks.filter(({ atMs }) => atMs <= nowMs - touchesKeptMs).at(-1);
    if (old === undefined) return;
    await pruneTouches(database, old.mark);
    marks = marks.filter(({ mark }) => mark > old.mark);
  };
}
