import assert from 'node:assert/strict';
import { type Queryable, sql } from '../../platform/database/sql.ts';
import type { MediaType } from './api.ts';

export interface MediaRow {
  readonly mediaId: string;
  readonly type: MediaType;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly byteCount: number;
  readonly alt: string | null;
  readonly name: string | null;
  readonly createdAtMs: number;
}

/** Records a picture whose file is there. One that is known stays what it is, with the new words if there are any. */
export async function writeMedia(on: Queryable, media: MediaRow): Promise<MediaRow> {
  const { rows } = await sql<MediaRow>`
    insert into media.media (media_id, type, width, height, byte_count, alt, name, created_at)
    values (${media.mediaId}::text, ${media.type}::text, ${media.width}::integer, ${media.height}::integer,
            ${media.byteCount}::integer, ${media.alt}::text, ${media.name}::text, ${instant(media.createdAtMs)}::timestamptz)
        on conflict on constraint media_pkey do update
       set alt = coalesce(excluded.alt, media.alt), name = coalesce(excluded.name, media.name)
    returning media_id as "mediaId", type, width, height, byte_count as "byteCount", alt, name,
              created_at as "createdAtMs"`.execute(on);
  assert(rows[0] !== undefined, 'an upsert returns its row');
  return rows[0];
}

export async function loadMedia(on: Queryable, mediaId: string): Promise<MediaRow | undefined> {
  return (await findMedia(on, [mediaId]))[0];
}

/** In no order; those that are not there are left out. */
export async function findMedia(on: Queryable, mediaIds: readonly string[]): Promise<MediaRow[]> {
  const { rows } = await sql<MediaRow>`
    select media_id as "mediaId", type, width, height, byte_count as "byteCount", alt, name, created_at as "createdAtMs"
      from media.media
     where media_id = any(${mediaIds}::text[])`.execute(on);
  return rows;
}

/** Newest first, after the given place in that order. */
export async function listMedia(
  on: Queryable,
  { after, countMax }: { after: { createdAtMs: number; mediaId: string } | undefined; countMax: number },
): Promise<MediaRow[]> {
  const { rows } = await sql<MediaRow>`
    select media_id as "mediaId", type, width, height, byte_count as "byteCount", alt, name, created_at as "createdAtMs"
      from media.media
     where (created_at, media_id) < (coalesce(${after === undefined ? null : instant(after.createdAtMs)}::timestamptz, 'infinity'),
                                     ${after?.mediaId ?? ''}::text)
     order by created_at desc, media_id desc
     limit ${countMax}::integer`.execute(on);
  return rows;
}

/** Exact to the millisecond for every instant of the schema; seconds as a binary fraction would not be. */
function instant(atMs: number): string {
  return new Date(atMs).toISOString();
}
