import { type Static, Type } from 'typebox';
import { bytesOf } from '../../platform/api/bytes.ts';
import { defineContract } from '../../platform/api/contract.ts';
import { pageOf, pageQuery } from '../../platform/api/cursor.ts';
import { InstantMs, strict, text } from '../../platform/api/schema.ts';

const mediaTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif', 'image/svg+xml'];

export const MediaType = Type.Union([
  Type.Literal('image/jpeg'),
  Type.Literal('image/png'),
  Type.Literal('image/webp'),
  Type.Literal('image/avif'),
  Type.Literal('image/gif'),
  Type.Literal('image/svg+xml'),
]);
export type MediaType = Static<typeof MediaType>;

export const UploadedMedia = strict(
  {
    mediaId: Type.String({ description: 'Made from the bytes: the same picture has the same id.' }),
    url: Type.String({ description: 'Where it is shown, on the shop itself: `/media/<mediaId>.<ending>`.' }),
    type: MediaType,
    width: Type.Integer({ description: 'Pixels, turned as it is shown.' }),
    height: Type.Integer(),
    byteCount: Type.Integer({ description: 'Of the file as it is kept.' }),
    alt: Type.Optional(Type.String({ description: 'What it shows, for who cannot see it.' })),
    name: Type.Optional(Type.String({ description: 'What its file was called.' })),
    createdAtMs: InstantMs,
  },
  { title: 'UploadedMedia' },
);
export type UploadedMedia = Static<typeof UploadedMedia>;

export const mediaApi = defineContract({
  name: 'media',
  routes: {
    addMedia: {
      method: 'POST',
      path: '/v1/admin/media',
      summary: 'Upload a picture; the same bytes again are the same picture',
      description:
        'The body is the file itself, up to 20 MB; an SVG up to 1 MB and without scripts, links and pictures of others. `alt` and `name` replace those that it had.',
      scope: 'admin',
      importance: 'standard',
      idempotency: 'by-nature',
      query: strict({ alt: Type.Optional(text(500)), name: Type.Optional(text(255)) }),
      body: bytesOf(mediaTypes),
      bodyLimitBytes: 20 * 1024 * 1024,
      responses: { 201: UploadedMedia },
      problems: ['unsupported-media-type', 'picture-not-usable'],
    },
    listMedia: {
      method: 'GET',
      path: '/v1/admin/media',
      summary: 'List uploaded pictures, newest first',
      scope: 'admin',
      importance: 'deferrable',
      idempotency: 'safe',
      query: strict(pageQuery),
      responses: { 200: pageOf(UploadedMedia, 'MediaPage') },
    },
    findMedia: {
      method: 'POST',
      path: '/internal/media/find',
      summary: 'What is known of some pictures, for who shows them; those that are not there are left out',
      scope: 'internal',
      importance: 'standard',
      idempotency: 'safe',
      body: strict({ mediaIds: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 5000 }) }),
      responses: { 200: strict({ items: Type.Array(UploadedMedia) }) },
    },
    getMediaFile: {
      method: 'GET',
      path: '/media/:file',
      summary: 'See a picture, as it was uploaded or in another width and format',
      description:
        '`<mediaId>.<ending>` is the picture as it was uploaded. `<mediaId>-<width>.<avif|webp>` is made of a photograph when it is first asked for (`jpg` of a JPEG too, up to 960); widths are 160, 320, 480, 640, 960, 1280, 1600, 1920 and 2560, up to the first that is not smaller than the picture, which is answered at its own width. `<mediaId>-1280.jpg`, for previews of links, is made of every picture. They never change.',
      scope: 'public',
      importance: 'standard',
      idempotency: 'safe',
      cache: {
        maxAgeS: 31_536_000,
        staleWhileRevalidateS: 0,
        notFoundMaxAgeS: 5,
        shared: true,
        isImmutable: true,
        tags: ({ params }) => ['media', `media:${params.file}`],
      },
      costUnits: 0.2,
      params: strict({ file: Type.String({ maxLength: 64 }) }),
      responses: { 200: bytesOf(mediaTypes, 'The picture.') },
      problems: ['not-found'],
    },
  },
});
