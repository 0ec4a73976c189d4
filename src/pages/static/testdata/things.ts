import type { Database } from '../../../platform/database/database.ts';
import { sql } from '../../../platform/database/sql.ts';
import { createEvents } from '../../../platform/events/events.ts';
import type { BlobStore } from '../../../platform/storage/blob-store.ts';
import { createMetrics } from '../../../platform/telemetry/metrics.ts';
import { type TestContext, testContext } from '../../../platform/testing/context.ts';
import { rememberingLog } from '../../../platform/testing/log.ts';
import { pageMigrations } from '../../migrations.ts';
import { blobKey, decodeBlob, type StoredPage } from '../blob.ts';
import { type BuildContext, createPageBuilds } from '../build-pages.ts';
import { createBuilder, pageConsumer } from '../builder.ts';
import { definePageKind, type PageKind } from '../page-kind.ts';
import { createPagePaths, type PageRef } from '../page-paths.ts';
import { createShelf } from '../shelf.ts';
import { tags } from '../tags.ts';

/** A shop of things, each a row with a title, and a kind of page that shows one. */
export async function thingShop() {
  const ctx = await testContext([pageMigrations]);
  await createThings(ctx.database);
  return { ctx, ...thingsOn(ctx) };
}

async function createThings(database: Database): Promise<void> {
  await sql`create table thing (slug text primary key, title text not null, revision integer not null default 1,
    rebuild_at timestamptz)`.execute(database);
}

export type ThingsContext = Pick<TestContext, 'database' | 'events'>;

export function thingsOn({ database, events }: ThingsContext) {
  return {
    /** Changes a thing, or makes it, and announces it in the same transaction. */
    async put(slug: string, title: string, rebuildAtMs?: number): Promise<void> {
      const rebuildAt = rebuildAtMs === undefined ? null : new Date(rebuildAtMs).toISOString();
      await database.transaction(async (tx) => {
        await sql`
          insert into thing (slug, title, rebuild_at) values (${slug}::text, ${title}::text, ${rebuildAt}::timestamptz)
          on conflict (slug) do update
             set title = excluded.title, rebuild_at = excluded.rebuild_at, revision = thing.revision + 1`.execute(tx);
        await events.publish(tx, [changed(slug)]);
      });
      events.nudge();
    },
    async remove(slug: string): Promise<void> {
      await database.transaction(async (tx) => {
        await sql`delete from thing where slug = ${slug}::text`.execute(tx);
        await events.publish(tx, [changed(slug)]);
      });
      events.nudge();
    },
  };
}

export const changed = (slug: string) => ({
  topic: 'product.changed',
  key: slug,
  payload: { version: 1, slug, variantIds: [], retiredVariantIds: [], collections: [] },
});

/** What every page of a thing shows. */
export const everyThing = 'list:things';

export interface ThingKindOptions {
  /** What happens before and after the things are read. */
  beforeRead?(slugs: readonly string[]): Promise<void>;
  afterRead?(slugs: readonly string[]): Promise<void>;
  render?(thing: { slug: string; title: string }): string;
}

export function thingKind(database: Database, options: ThingKindOptions = {}): PageKind {
  type Thing = { slug: string; title: string; revision: number; rebuildAtMs: number | null };
  return definePageKind<Thing>({
    name: 'thing',
    path: '/things/:slug',
    maxAgeS: 10,
    staleWhileRevalidateS: 60,
    async load(wanted) {
      const slugs = wanted.map(({ slug }) => slug as string);
      await options.beforeRead?.(slugs);
      const { rows } = await sql<Thing>`
        select slug, title, revision, rebuild_at as "rebuildAtMs" from thing where slug = any(${slugs}::text[])`.execute(
        database,
      );
      await options.afterRead?.(slugs);
      const bySlug = new Map(rows.map((row) => [row.slug, row]));
      return slugs.map((slug) => {
        const thing = bySlug.get(slug);
        if (thing === undefined) return undefined;
        const loaded = { data: thing, tags: [tags.product(slug), everyThing] };
        return thing.rebuildAtMs === null ? loaded : { ...loaded, rebuildAtMs: thing.rebuildAtMs };
      });
    },
    render: (thing, locale) => options.render?.(thing) ?? `${locale}:${thing.slug}:${thing.title}`,
    async *all() {
      const { rows } = await sql<{ slug: string }>`select slug from thing order by slug`.execute(database);
      yield rows;
    },
  });
}

export type StoreContext = Pick<TestContext, 'database' | 'files' | 'clock'>;

/** The page store as one process has it, without HTTP. Its events are its own, as they would be on another machine. */
export function openStore(
  ctx: StoreContext,
  kinds: readonly PageKind[],
  options: { buildId?: string; onReplaced?: NonNullable<BuildContext['onReplaced']> } = {},
) {
  const log = rememberingLog();
  const metrics = createMetrics({ withProcess: false });
  const { database, files, clock } = ctx;
  const buildId = () => options.buildId ?? 'build-1';
  const paths = createPagePaths(kinds);
  const shelf = createShelf({
    files,
    log,
    metrics,
    labelHeaders: () => [],
    cacheName: 'Pages',
    buildId,
    buildNow: (ref) => builder.buildNow(ref),
  });
  const builds = createPageBuilds({
    database,
    files,
    clock,
    log,
    metrics,
    buildId,
    held: shelf.held,
    onStored: shelf.replace,
    ...(options.onReplaced && { onReplaced: options.onReplaced }),
  });
  const builder = createBuilder({ database, files, clock, log, paths, builds, buildId });
  const events = createEvents({ database, clock: { nowMs: () => Date.now() }, log, metrics, pollMs: 20 });
  events.consume(pageConsumer(() => builder.nudge()));
  return {
    log,
    metrics,
    paths,
    shelf,
    builds,
    builder,
    ref: (path: string) => paths.find(path) as PageRef,
    async start() {
      await events.start();
      builder.start();
    },
    async stop() {
      await events.stop();
      await builder.stop();
    },
    /** Builds until nothing is stale that can be built. */
    async settle() {
      while (await builder.look()) {}
    },
  };
}

export async function storedPage(files: BlobStore, path: string): Promise<StoredPage | undefined> {
  const bytes = await files.read(blobKey(path));
  return bytes && decodeBlob(bytes);
}

export interface PageRow {
  readonly path: string;
  readonly version: number;
  readonly wanted: number;
  readonly buildId: string;
  readonly isGone: boolean;
}

export async function pageRows(database: Database): Promise<PageRow[]> {
  const { rows } = await sql<PageRow>`
    select path, version, wanted, build_id as "buildId", is_gone as "isGone" from page.page order by path`.execute(
    database,
  );
  return rows;
}
