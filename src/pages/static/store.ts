import type { Database, Tx } from '../../platform/database/database.ts';
import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';

/** A page as its row tells of it, once it is built. */
export interface BuiltRow {
  readonly path: string;
  readonly kind: string;
  readonly locale: string;
  readonly tags: readonly string[];
  readonly etag: string;
  readonly byteCount: number;
  readonly rebuildAtMs: number | undefined;
}

/** Who builds and with what: the mark was drawn before anything was loaded. */
export interface BuildStamp {
  readonly mark: number;
  readonly buildId: string;
  readonly nowMs: number;
}

export async function drawMark(on: Queryable): Promise<number> {
  const { rows } = await sql<{ mark: number }>`select nextval('page.mark') as mark`.execute(on);
  return (rows[0] as { mark: number }).mark;
}

// For whoever reserved a page to store it, before others take it for stale.
const reservedMs = 15_000;

// Any number that is ours alone: the bytes of "page".
const lockKey = 0x70616765;

/**
 * Changes and writes of builds exclude each other until they commit, so that each change either finds the page that a build
 * has written or is found by the build. Writes do not exclude each other: their rows do.
 */
export async function lockAgainstChanges(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${lockKey}::bigint)`.execute(tx);
}

async function lockAgainstWrites(tx: Queryable): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockKey}::bigint)`.execute(tx);
}

/**
 * A row, stale, for each page that has none, committed before its blob is written: a process that is killed in between must
 * not leave a blob that no change would ever touch.
 */
export async function reservePages(on: Queryable, stamp: BuildStamp, pages: readonly BuiltRow[]): Promise<void> {
  await sql`
    insert into page.page
           (path, kind, locale, tags, version, wanted, build_id, etag, byte_count, built_at, leased_until)
    select reserved.path,
           reserved.kind,
           reserved.locale,
           '{}',
           0,
           ${stamp.mark}::bigint,
           ${stamp.buildId}::text,
           '',
           0,
           to_timestamp(${stamp.nowMs}::double precision / 1000),
           to_timestamp(${stamp.nowMs + reservedMs}::double precision / 1000)
      from unnest(
             ${pages.map(({ path }) => path)}::text[],
             ${pages.map(({ kind }) => kind)}::text[],
             ${pages.map(({ locale }) => locale)}::text[]
           ) as reserved (path, kind, locale)
     order by reserved.path
    on conflict (path) do nothing`.execute(on);
}

/** In key order, so that two builds of the same pages never wait for each other in a circle. Returns their entity tags; empty without content. */
export async function lockPages(tx: Tx, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ path: string; etag: string }>`
    select path, etag from page.page where path = any(${paths}::text[]) order by path for update`.execute(tx);
  return new Map(rows.map(({ path, etag }) => [path, etag]));
}

/** A change of what these tags name has been committed: every page that shows it is to be built anew. */
export async function touchPages(tx: Queryable, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return;
  await lockAgainstWrites(tx);
  await sql`
    with touched as (
      insert into page.touch (mark, tags)
      values (nextval('page.mark'), ${tags}::text[])
      returning mark
    )
    update page.page
       set wanted = touched.mark,
           -- What it could not be built for may be what has changed.
           leased_until = case when page.failed_count > 0 then null else page.leased_until end
      from touched
     where page.tags && ${tags}::text[]`.execute(tx);
}

/** Pages whose stored bytes are in doubt, whatever their rows say. */
export function wantAgain(database: Database, paths: readonly string[]): Promise<void> {
  return database.transaction(async (tx) => {
    await lockAgainstWrites(tx);
    await sql`update page.page set wanted = nextval('page.mark') where path = any(${paths}::text[])`.execute(tx);
  });
}

/**
 * Stores what a build made and returns the paths that were taken: a page of which a newer build is stored, or which is to
 * be made by another version of the shop, is left alone. The rows stay locked until the transaction ends.
 */
export async function saveBuilt(tx: Tx, stamp: BuildStamp, pages: readonly BuiltRow[]): Promise<Set<string>> {
  if (pages.length === 0) return new Set();
  const rebuildsAt = pages.map(({ rebuildAtMs }) =>
    rebuildAtMs === undefined ? null : new Date(rebuildAtMs).toISOString(),
  );
  const { rows } = await sql<{ path: string }>`
    insert into page.page as page
           (path, kind, locale, tags, version, wanted, build_id, etag, byte_count, built_at, rebuild_at)
    select built.path,
           built.kind,
           built.locale,
           string_to_array(built.tags, E'\n'),
           ${stamp.mark}::bigint,
           -- What was touched after the mark was drawn may have been loaded as it was before.
           coalesce(
             (select max(touch.mark)
                from page.touch
               where touch.mark > ${stamp.mark}::bigint
                 and (touch.tags is null or touch.tags && string_to_array(built.tags, E'\n'))),
             0
           ),
           ${stamp.buildId}::text,
           built.etag,
           built.byte_count,
           to_timestamp(${stamp.nowMs}::double precision / 1000),
           built.rebuild_at
      from unnest(
             ${pages.map(({ path }) => path)}::text[],
             ${pages.map(({ kind }) => kind)}::text[],
             ${pages.map(({ locale }) => locale)}::text[],
             ${pages.map(({ tags }) => tags.join('\n'))}::text[],
             ${pages.map(({ etag }) => etag)}::text[],
             ${plainArray(pages.map(({ byteCount }) => byteCount))}::bigint[],
             ${rebuildsAt}::timestamptz[]
           ) as built (path, kind, locale, tags, etag, byte_count, rebuild_at)
     order by built.path
    on conflict (path) do update
       set kind = excluded.kind,
           locale = excluded.locale,
           tags = excluded.tags,
           version = excluded.version,
           wanted = greatest(page.wanted, excluded.wanted),
           etag = excluded.etag,
           byte_count = excluded.byte_count,
           built_at = excluded.built_at,
           rebuild_at = excluded.rebuild_at,
           leased_until = null,
           failed_count = 0,
           is_gone = false
     where page.version < excluded.version
       and page.build_id = excluded.build_id
    returning page.path`.execute(tx);
  return new Set(rows.map(({ path }) => path));
}

/** The same for pages that there are no more. Of pages that never were, nothing is kept. */
export async function saveGone(tx: Tx, stamp: BuildStamp, paths: readonly string[]): Promise<Set<string>> {
  if (paths.length === 0) return new Set();
  const { rows } = await sql<{ path: string }>`
    update page.page as page
       set version = ${stamp.mark}::bigint,
           wanted = greatest(
             page.wanted,
             (select max(touch.mark)
                from page.touch
               where touch.mark > ${stamp.mark}::bigint
                 and (touch.tags is null or touch.tags && page.tags))
           ),
           etag = '',
           byte_count = 0,
           built_at = to_timestamp(${stamp.nowMs}::double precision / 1000),
           rebuild_at = null,
           leased_until = null,
           failed_count = 0,
           is_gone = true
     where page.path = any(${paths}::text[])
       and page.version < ${stamp.mark}::bigint
       and page.build_id = ${stamp.buildId}::text
    returning page.path`.execute(tx);
  return new Set(rows.map(({ path }) => path));
}

export interface LeaseOptions {
  readonly buildId: string;
  readonly nowMs: number;
  readonly leaseMs: number;
  readonly limit: number;
}

/**
 * Some stale pages that nobody else builds at present. Half are those that have waited longest, half those that were touched
 * last: a change of every page takes minutes, and one product's new price should not wait for it.
 */
export async function leaseStale(on: Queryable, options: LeaseOptions): Promise<string[]> {
  const { buildId, nowMs, leaseMs } = options;
  const half = Math.ceil(options.limit / 2);
  const { rows } = await sql<{ path: string }>`
    with oldest as (
      select path
        from page.page
       where version < wanted
         and build_id = ${buildId}::text
         and (leased_until is null or leased_until <= to_timestamp(${nowMs}::double precision / 1000))
       order by wanted, path
       limit ${half}::integer
         for update skip locked
    ), newest as (
      select path
        from page.page
       where version < wanted
         and build_id = ${buildId}::text
         and (leased_until is null or leased_until <= to_timestamp(${nowMs}::double precision / 1000))
       order by wanted desc, path desc
       limit ${half}::integer
         for update skip locked
    ), due as (
      select path
        from page.page
       where rebuild_at <= to_timestamp(${nowMs}::double precision / 1000)
         and build_id = ${buildId}::text
         and (leased_until is null or leased_until <= to_timestamp(${nowMs}::double precision / 1000))
       order by rebuild_at
       limit ${half}::integer
         for update skip locked
    )
    update page.page
       set leased_until = to_timestamp(${nowMs + leaseMs}::double precision / 1000)
     where path in (select path from oldest union all select path from newest union all select path from due)
    returning path`.execute(on);
  return rows.map(({ path }) => path);
}

const firstWaitMs = 15_000;
/** An hour or so: somebody may have mended what is no page's business, a template or a machine. */
const doublingsMax = 8;

/** These could not be built, and are left alone for twice as long as the last time; a change of what they show ends that. */
export async function postponeFailed(on: Queryable, nowMs: number, paths: readonly string[]): Promise<void> {
  await sql`
    update page.page
       set failed_count = least(failed_count + 1, 1000),
           leased_until = to_timestamp(
             (${nowMs}::double precision + ${firstWaitMs}::double precision * 2 ^ least(failed_count, ${doublingsMax}::integer)) / 1000
           )
     where path = any(${paths}::text[])`.execute(on);
}

/** Rows of pages that no kind makes any more. */
export async function forgetPages(on: Queryable, paths: readonly string[]): Promise<void> {
  await sql`delete from page.page where path = any(${paths}::text[])`.execute(on);
}

/**
 * Forgets changes up to this mark. The last of them stays and stands for all: a build that is older than that is taken to
 * have missed something.
 */
export function pruneTouches(database: Database, upToMark: number): Promise<void> {
  return database.transaction(async (tx) => {
    await lockAgainstWrites(tx);
    await sql`
      with floor as (
        update page.touch
           set tags = null
         where mark = (select max(mark) from page.touch where mark <= ${upToMark}::bigint)
        returning mark
      )
      delete from page.touch
       using floor
       where touch.mark < floor.mark`.execute(tx);
  });
}

/** Which of these pages are stored and as they should be. */
export async function loadFresh(
  on: Queryable,
  buildId: string,
  nowMs: number,
  paths: readonly string[],
): Promise<Set<string>> {
  const { rows } = await sql<{ path: string }>`
    select path
      from page.page
     where path = any(${paths}::text[])
       and version >= wanted
       and build_id = ${buildId}::text
       and (rebuild_at is null or rebuild_at > to_timestamp(${nowMs}::double precision / 1000))
       and not is_gone`.execute(on);
  return new Set(rows.map(({ path }) => path));
}

/** What the database knows of one page's bytes. */
export async function loadStored(on: Queryable, path: string): Promise<{ readonly etag: string } | undefined> {
  const { rows } = await sql<{ etag: string }>`
    select etag from page.page where path = ${path}::text and not is_gone`.execute(on);
  return rows[0];
}

export interface KindStatus {
  readonly kind: string;
  readonly storedCount: number;
  readonly staleCount: number;
  readonly goneCount: number;
  readonly byteCount: number;
  /** When the oldest of the stale was built. */
  readonly oldestStaleBuiltAtMs: number | null;
}

export async function loadStatus(on: Queryable, nowMs: number): Promise<KindStatus[]> {
  const { rows } = await sql<KindStatus>`
    select kind,
           count(*) filter (where not is_gone) as "storedCount",
           count(*) filter (where is_stale) as "staleCount",
           count(*) filter (where is_gone) as "goneCount",
           coalesce(sum(byte_count), 0)::bigint as "byteCount",
           min(built_at) filter (where is_stale) as "oldestStaleBuiltAtMs"
      from (
             select *,
                    version < wanted
                      or coalesce(rebuild_at <= to_timestamp(${nowMs}::double precision / 1000), false) as is_stale
               from page.page
           ) as page
     group by kind
     order by kind`.execute(on);
  return rows;
}

export interface StalePage {
  readonly path: string;
  readonly kind: string;
  readonly builtAtMs: number;
}

/** Those that have waited longest first. */
export async function loadStale(on: Queryable, nowMs: number, limit: number): Promise<StalePage[]> {
  const { rows } = await sql<StalePage>`
    select path,
           kind,
           built_at as "builtAtMs"
      from page.page
     where version < wanted
        or rebuild_at <= to_timestamp(${nowMs}::double precision / 1000)
     order by wanted, path
     limit ${limit}::integer`.execute(on);
  return rows;
}
