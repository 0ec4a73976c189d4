import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import type { Bytes } from '../../platform/api/bytes.ts';
import { createCursorCodec, pageOfRows } from '../../platform/api/cursor.ts';
import { type ProblemReply, problem } from '../../platform/api/problem.ts';
import { createLane } from '../../platform/batch/lane.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Service } from '../../platform/context/service.ts';
import { type MediaType, mediaApi, type UploadedMedia } from './api.ts';
import { createMediaFiles, endingOf } from './media-files.ts';
import { mediaUrl, parseMediaFile } from './picture.ts';
import { inspectDrawing, inspectPicture } from './raster.ts';
import { sniffMediaType } from './sniff.ts';
import { findMedia, listMedia, loadMedia, type MediaRow, writeMedia } from './store.ts';
import { cleanSvg } from './svg.ts';

export type MediaContext = Pick<Context, 'clock' | 'database' | 'cache' | 'files' | 'log' | 'metrics'>;

// Each may be 20 MB, held while it waits.
const uploadsWaitingMax = 16;
const forever = 'public, max-age=31536000, immutable';
// An SVG is a document when it is opened by itself: of what it might still be able to do, nothing is allowed.
const svgPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** Pictures that staff upload, and what pages show of them. */
export function createMedia(ctx: MediaContext): Service<typeof mediaApi> {
  // What is asked for to make a picture never changes; that there is none is not remembered for long.
  const originals = ctx.cache.namespace<MediaRow>('media', { ttlMs: 10_000, staleMs: 60_000, entriesMax: 10_000 });
  const files = createMediaFiles(ctx, (mediaId) =>
    originals.getOrLoad(mediaId, () => loadMedia(ctx.database, mediaId)),
  );
  const inspections = createLane<Bytes, Usable>({
    name: 'pictures to be inspected',
    batchMax: 1,
    waitingMax: uploadsWaitingMax,
    run: async ([upload]) => (upload === undefined ? [] : [await inspect(upload)]),
  });
  const cursors = createCursorCodec(Type.Tuple([Type.Integer(), Type.String({ pattern: '^[\\w-]{22}$' })]));

  const hasFile = async ({ mediaId, type }: MediaRow) =>
    (await files.load({ kind: 'original', mediaId, ending: endingOf(type) })) !== undefined;

  return {
    contract: mediaApi,
    importance: 'standard',
    async stop() {
      await inspections.close();
      await files.close();
    },
    handlers: {
      async addMedia({ body, query: { alt = null, name = null } }) {
        const mediaId = mediaIdOf(body.bytes);
        const known = await loadMedia(ctx.database, mediaId);
        // One whose file was lost (a backup of the database alone) is whole again when it is uploaded again.
        if (known?.type === body.contentType && (await hasFile(known))) {
          return created(await writeMedia(ctx.database, { ...known, alt, name }));
        }
        const usable = await inspections.submit(body);
        if (usable.kind === 'refused') return usable.reply;
        const { type, bytes, width, height } = usable;
        // The file first: what has a row can be shown, whenever this is cut off.
        await files.writeOriginal(mediaId, endingOf(type), bytes);
        const createdAtMs = ctx.clock.nowMs();
        const media = { mediaId, type, width, height, byteCount: bytes.length, alt, name, createdAtMs };
        const written = await writeMedia(ctx.database, media);
        await originals.invalidate([mediaId]);
        return created(written);
      },

      async listMedia({ query: { limit = 24, cursor } }) {
        const parsed = cursors.parse(cursor);
        if (parsed.kind === 'bad') return parsed.reply;
        const after = parsed.kind === 'after' ? { createdAtMs: parsed.after[0], mediaId: parsed.after[1] } : undefined;
        const rows = await listMedia(ctx.database, { after, countMax: limit + 1 });
        const page = pageOfRows(rows, limit, {
          item: mediaView,
          cursor: ({ createdAtMs, mediaId }) => cursors.encode([createdAtMs, mediaId]),
        });
        return { status: 200, body: page };
      },

      async findMedia({ body }) {
        const rows = await findMedia(ctx.database, [...new Set(body.mediaIds)]);
        return { status: 200, body: { items: rows.map(mediaView) } };
      },

      async getMediaFile({ params }) {
        const file = parseMediaFile(params.file);
        const stored = file === undefined ? undefined : await files.load(file);
        if (stored === undefined) return problem('not-found');
        const { contentType, bytes, etag } = stored;
        const policy = contentType === 'image/svg+xml' ? { 'content-security-policy': svgPolicy } : {};
        return { status: 200, body: { contentType, bytes }, headers: { etag, 'cache-control': forever, ...policy } };
      },
    },
  };
}

type Usable =
  | {
      readonly kind: 'usable';
      readonly type: MediaType;
      readonly bytes: Uint8Array;
      readonly width: number;
      readonly height: number;
    }
  | { readonly kind: 'refused'; readonly reply: ProblemReply };

/** Finds out what an upload really is, and whether it can be shown. */
async function inspect({ contentType, bytes }: Bytes): Promise<Usable> {
  const type = sniffMediaType(bytes);
  if (type === undefined)
    return refused('unsupported-media-type', 'The file is none of the pictures that can be used.');
  if (type !== contentType) {
    return refused('unsupported-media-type', `The file is ${type}, but its \`Content-Type\` says ${contentType}.`);
  }
  const svg = type === 'image/svg+xml' ? cleanSvg(bytes) : undefined;
  if (svg?.kind === 'refused') return refused('picture-not-usable', svg.detail);
  const kept = svg?.bytes ?? bytes;
  const inspection = svg === undefined ? await inspectPicture(kept) : await inspectDrawing(svg);
  if (inspection.kind === 'bad') return refused('picture-not-usable', inspection.detail);
  const { width, height } = inspection;
  return { kind: 'usable', type, bytes: kept, width, height };
}

function refused(slug: 'unsupported-media-type' | 'picture-not-usable', detail: string): Usable {
  return { kind: 'refused', reply: problem(slug, { detail }) };
}

function created(row: MediaRow) {
  const body = mediaView(row);
  return { status: 201 as const, body, headers: { location: body.url } };
}

function mediaView({ alt, name, ...row }: MediaRow): UploadedMedia {
  const url = mediaUrl(row.mediaId, endingOf(row.type));
  return { ...row, url, ...(alt !== null && { alt }), ...(name !== null && { name }) };
}

function mediaIdOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
}
