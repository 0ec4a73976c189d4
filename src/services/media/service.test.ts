import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import test, { after } from 'node:test';
import sharp from 'sharp';
import { createIdempotencyStore } from '../../platform/api/idempotency.ts';
import { connectInProcess } from '../../platform/api/in-process.ts';
import { apiMigrations } from '../../platform/api/migrations.ts';
import { isProblem } from '../../platform/api/problem.ts';
import { createHttpServer } from '../../platform/api/server.ts';
import { rawRequest } from '../../platform/api/testing.ts';
import { createValidation } from '../../platform/api/validation.ts';
import { StorageFault } from '../../platform/storage/blob-store.ts';
import { contextOn, testContext } from '../../platform/testing/context.ts';
import type { UploadedMedia } from './api.ts';
import { mediaMigrations } from './migrations.ts';
import { mediaIdOfUrl, pictureSources } from './picture.ts';
import { createMedia } from './service.ts';
import { circle, drawing, testPhoto } from './testing.ts';

const ctx = await testContext([apiMigrations, mediaMigrations]);
const service = createMedia(ctx);
const bugs: unknown[] = [];
const server = createHttpServer({
  services: [service],
  admin: { isAdmin: (token) => token === 'staff' },
  log: ctx.log,
  metrics: ctx.metrics,
  clock: { nowMs: () => Date.now() },
  info: { title: 'shop', version: '0' },
  readiness: async () => [],
  idempotency: createIdempotencyStore({ database: ctx.database, clock: ctx.clock }),
  onBug: (error) => bugs.push(error),
});
await server.listen({ port: 0, host: '127.0.0.1' });
const origin = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
after(async () => {
  await server.close();
  await service.stop?.();
  assert.deepEqual(bugs, []);
});

const jpeg = async (options: Parameters<typeof testPhoto>[0] = {}) => (await testPhoto(options)).jpeg().toBuffer();

/** What is painted is painted: on a busy machine that may take longer than a request usually waits. */
const patient = { 'x-deadline-ms': '30000' };

async function upload(bytes: Uint8Array, contentType: string, query = '') {
  const response = await fetch(`${origin}/v1/admin/media${query}`, {
    method: 'POST',
    headers: { 'content-type': contentType, authorization: 'Bearer staff', ...patient },
    body: Buffer.from(bytes),
  });
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever was sent
  return { status: response.status, body: (await response.json()) as any };
}

async function uploaded(bytes: Uint8Array, contentType: string, query = ''): Promise<UploadedMedia> {
  const { status, body } = await upload(bytes, contentType, query);
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

async function see(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(origin + path, { headers: { ...patient, ...headers } });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** How many pictures were made of others, by the metric that an operator sees. */
async function madeCount(): Promise<number> {
  const { text } = await ctx.metrics.expose();
  const counts = text.matchAll(/^onrush_media_derive_seconds_count\{.*\} (\d+)$/gm);
  return Array.from(counts).reduce((sum, [, count]) => sum + Number(count), 0);
}

const derivedUrl = ({ mediaId }: UploadedMedia, width: number, ending: string) =>
  `/media/${mediaId}-${width}.${ending}`;

test('a picture is kept as it came, under an id made of its bytes, and the same bytes are the same picture', async () => {
  const bytes = await jpeg({ seed: 2 });
  const first = await uploaded(bytes, 'image/jpeg', '?alt=A%20lamp&name=lamp.jpg');
  const mediaId = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  assert.deepEqual(first, {
    mediaId,
    url: `/media/${mediaId}.jpg`,
    type: 'image/jpeg',
    width: 1500,
    height: 1000,
    byteCount: bytes.length,
    alt: 'A lamp',
    name: 'lamp.jpg',
    createdAtMs: ctx.clock.nowMs(),
  });
  ctx.clock.advance(1000);
  assert.deepEqual(await uploaded(bytes, 'image/jpeg'), first);
  assert.equal((await uploaded(bytes, 'image/jpeg', '?alt=A%20red%20lamp')).alt, 'A red lamp');

  const seen = await see(first.url);
  assert.deepEqual(seen.bytes, bytes);
  assert.equal(seen.headers.get('content-type'), 'image/jpeg');
  assert.equal(seen.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.equal(seen.headers.get('x-content-type-options'), 'nosniff');
  const known = await see(first.url, { 'if-none-match': seen.headers.get('etag') ?? '' });
  assert.deepEqual([known.status, known.bytes.length], [304, 0]);
});

test('who upload the same picture at once all have it, once', async () => {
  const bytes = await jpeg({ seed: 3 });
  const all = await Promise.all(Array.from({ length: 12 }, () => uploaded(bytes, 'image/jpeg')));
  for (const each of all) assert.deepEqual(each, all[0]);
  const list = await fetch(`${origin}/v1/admin/media?limit=100`, { headers: { authorization: 'Bearer staff' } });
  const { items } = (await list.json()) as { items: UploadedMedia[] };
  assert.equal(items.filter(({ mediaId }) => mediaId === all[0]?.mediaId).length, 1);
});

test('a picture whose file was lost is whole again when it is uploaded again', async () => {
  const bytes = await (await testPhoto({ seed: 4, width: 1000, height: 700 })).png({ compressionLevel: 0 }).toBuffer();
  assert(bytes.length > 1024 * 1024, 'else it would still be remembered');
  const { mediaId, url } = await uploaded(bytes, 'image/png');
  await ctx.files.delete(`media/originals/${mediaId.slice(0, 2)}/${mediaId}.png`);
  assert.equal((await see(url)).status, 404);
  await uploaded(bytes, 'image/png');
  assert.deepEqual((await see(url)).bytes, bytes);
});

test('only staff upload and list', async () => {
  const options = { method: 'POST', headers: { 'content-type': 'image/jpeg' }, body: Buffer.from('x') };
  assert.equal((await fetch(`${origin}/v1/admin/media`, options)).status, 401);
  assert.equal((await fetch(`${origin}/v1/admin/media`)).status, 401);
});

test('a list has every picture once, the newest first', async () => {
  const made: string[] = [];
  for (let seed = 20; seed < 25; seed++) {
    ctx.clock.advance(seed === 22 ? 0 : 5);
    made.push((await uploaded(await jpeg({ seed, width: 40, height: 30 }), 'image/jpeg')).mediaId);
  }
  const client = connectInProcess(service, { validation: createValidation() });
  const seen: UploadedMedia[] = [];
  let cursor: string | undefined;
  do {
    const reply = await client.listMedia({ query: { limit: 2, ...(cursor !== undefined && { cursor }) } });
    assert(!isProblem(reply));
    seen.push(...reply.body.items);
    cursor = reply.body.nextCursor;
  } while (cursor !== undefined);
  assert.equal(new Set(seen.map(({ mediaId }) => mediaId)).size, seen.length);
  assert.deepEqual(new Set(seen.slice(0, 5).map(({ mediaId }) => mediaId)), new Set(made));
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => b.createdAtMs - a.createdAtMs),
  );
  const wrong = await client.listMedia({ query: { cursor: 'bm9uc2Vuc2U' } });
  assert.equal(wrong.status, 400);
});

test('who shows pictures by their URLs finds what is known of them', async () => {
  const media = await uploaded(await jpeg({ seed: 26, width: 40, height: 30 }), 'image/jpeg');
  const client = connectInProcess(service, { validation: createValidation() });
  const id = mediaIdOfUrl(media.url) ?? '';
  const reply = await client.findMedia({ body: { mediaIds: [id, id, 'x'.repeat(22), "a'b"] } });
  assert(!isProblem(reply));
  assert.deepEqual(reply.body.items, [media]);
  assert.equal(mediaIdOfUrl('https://example.com/media/a.jpg'), undefined);
});

test('every format is taken for what it is', async () => {
  const photo = await testPhoto({ width: 60, height: 40, seed: 5 });
  const formats = { png: 'image/png', webp: 'image/webp', avif: 'image/avif', gif: 'image/gif' } as const;
  for (const [format, contentType] of Object.entries(formats)) {
    const media = await uploaded(
      await photo
        .clone()
        .toFormat(format as 'png')
        .toBuffer(),
      contentType,
    );
    assert.deepEqual([media.width, media.height], [60, 40], format);
    assert.equal(media.url, `/media/${media.mediaId}.${format}`);
    assert.equal((await sharp((await see(derivedUrl(media, 1280, 'jpg'))).bytes).metadata()).width, 60);
  }
});

test('what is no picture, another one than it says, or broken is refused with one sentence', async () => {
  const bytes = await jpeg({ seed: 6, width: 400, height: 300 });
  const png = await sharp(bytes).png().toBuffer();
  const svg = Buffer.from(drawing('<script/>'));
  const cases: [string, Uint8Array, string, number, RegExp][] = [
    ['text', Buffer.from('hello'), 'image/png', 415, /none of the pictures/],
    ['nothing', Buffer.alloc(0), 'image/png', 400, /./],
    ['a type that is no picture', bytes, 'application/pdf', 415, /image\/jpeg, image\/png/],
    ['a JPEG that says PNG', bytes, 'image/png', 415, /is image\/jpeg, but its `Content-Type` says image\/png/],
    ['an SVG that says PNG', Buffer.from(drawing(circle)), 'image/png', 415, /is image\/svg\+xml/],
    ['half a JPEG', bytes.subarray(0, bytes.length / 2), 'image/jpeg', 422, /broken or not whole/],
    ['half a PNG', png.subarray(0, png.length / 2), 'image/png', 422, /broken or not whole/],
    ['the head of a JPEG', bytes.subarray(0, 4), 'image/jpeg', 422, /broken or not whole/],
    [
      'a PNG with a flipped byte',
      png.with(png.length >> 1, (png[png.length >> 1] ?? 0) ^ 0xff),
      'image/png',
      422,
      /broken/,
    ],
    ['a drawing with a script', svg, 'image/svg+xml', 422, /An SVG may not have <script>/],
  ];
  for (const [what, body, contentType, status, names] of cases) {
    const answer = await upload(body, contentType);
    assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`);
    assert.match(answer.body.detail, names, what);
  }
  const large = await upload(Buffer.alloc(20 * 1024 * 1024 + 1), 'image/jpeg');
  assert.equal(large.status, 413);
});

test('a small file that unpacks to a huge picture is refused before it is unpacked', async () => {
  const huge = sharp({
    create: { width: 9000, height: 9000, channels: 3, background: 'red' },
    limitInputPixels: false,
  });
  const bomb = await huge.png({ compressionLevel: 9 }).toBuffer();
  assert(bomb.length < 1024 * 1024);
  const { status, body } = await upload(bomb, 'image/png');
  assert.equal(status, 422);
  assert.match(body.detail, /9,000 × 9,000 pixels/);
  const long = sharp({ create: { width: 1, height: 17_000, channels: 3, background: 'red' } });
  assert.equal((await upload(await long.png().toBuffer(), 'image/png')).status, 422);
});

test('a picture of another width is upright, in the format asked for, and says nothing of the camera', async () => {
  // On its side: shown, it is 600 wide and 900 high.
  const original = await jpeg({ seed: 7, width: 900, height: 600, orientation: 6 });
  assert(((await sharp(original).metadata()).exif?.length ?? 0) > 50);
  const media = await uploaded(original, 'image/jpeg');
  assert.deepEqual([media.width, media.height], [600, 900]);
  const formats = { avif: 'image/avif', webp: 'image/webp', jpg: 'image/jpeg' };
  for (const [ending, type] of Object.entries(formats)) {
    const { status, headers, bytes } = await see(derivedUrl(media, 320, ending));
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), type);
    assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.match(headers.get('etag') ?? '', /^"[\w-]{22}"$/);
    const { mediaType, width, height, space, exif, orientation } = await sharp(bytes).metadata();
    assert.deepEqual([mediaType, width, height, space, exif, orientation ?? 1], [type, 320, 480, 'srgb', undefined, 1]);
    // The blue quarter was at the right and the bottom; upright it is at the left and the bottom.
    const { dominant } = await sharp(
      await sharp(bytes).extract({ left: 10, top: 400, width: 60, height: 60 }).toBuffer(),
    ).stats();
    assert(dominant.b > 150, `${ending}: ${JSON.stringify(dominant)}`);
  }
});

test('widths are those that are offered, and the last is the picture in its own width', async () => {
  const media = await uploaded(await jpeg({ seed: 8, width: 500, height: 400 }), 'image/jpeg');
  const shown = pictureSources(media, '100vw');
  for (const { srcset } of shown?.sources ?? []) {
    for (const [url = '', descriptor] of srcset.split(', ').map((each) => each.split(' '))) {
      const { width } = await sharp((await see(url)).bytes).metadata();
      assert.equal(`${width}w`, descriptor, url);
    }
  }
  assert.equal((await see(shown?.src ?? '')).status, 200);
  for (const width of [161, 800, 960, 2560, 5000])
    assert.equal((await see(derivedUrl(media, width, 'webp'))).status, 404);
});

test('fifty who ask for a picture that is not made yet have it made once', async () => {
  const media = await uploaded(await jpeg({ seed: 9 }), 'image/jpeg');
  const before = await madeCount();
  const all = await Promise.all(Array.from({ length: 50 }, () => see(derivedUrl(media, 640, 'webp'))));
  for (const { status, bytes } of all) assert.deepEqual([status, bytes], [200, all[0]?.bytes]);
  assert.equal(await madeCount(), before + 1);

  // Another process has the same files.
  const other = connectInProcess(createMedia({ ...contextOn(ctx.database, ctx), files: ctx.files }));
  const reply = await other.getMediaFile({ params: { file: derivedUrl(media, 640, 'webp').slice('/media/'.length) } });
  assert(!isProblem(reply));
  assert.deepEqual(Buffer.from(reply.body.bytes), all[0]?.bytes);
  assert.equal(await madeCount(), before + 1);
});

test('a drawing that takes too long to be painted is refused, however short it is', async () => {
  const heavy = [
    '<filter id="f"><feMorphology radius="200"/></filter><rect width="400" height="300" filter="url(#f)"/>',
    '<circle cx="200" cy="150" r="150" opacity=".5"/>'.repeat(4000),
  ];
  // Without a deadline: on a busy machine it may pass before the painting has used its time.
  const client = connectInProcess(service);
  const refusalOf = async (svg: string) => {
    const body = { contentType: 'image/svg+xml', bytes: Buffer.from(svg) };
    const reply = await client.addMedia({ query: {}, body });
    assert(isProblem(reply));
    assert.equal(reply.status, 422);
    return reply.problem.detail;
  };
  for (const inside of heavy) assert.match((await refusalOf(drawing(inside))) ?? '', /takes too long to be painted/);
  assert.match((await refusalOf(drawing(circle, 'viewBox="0 0 4000 10"'))) ?? '', /20 times as long/);
});

test('a picture that cannot be made is 503, and not tried at every visit', async () => {
  const media = await uploaded(await jpeg({ seed: 11, width: 700, height: 500 }), 'image/jpeg');
  const { mediaId } = media;
  // A disk that lost it.
  await ctx.files.write(`media/originals/${mediaId.slice(0, 2)}/${mediaId}.jpg`, Buffer.from('broken'));
  const before = await madeCount();
  for (let visit = 0; visit < 3; visit++) assert.equal((await see(derivedUrl(media, 320, 'webp'))).status, 503);
  assert.equal(await madeCount(), before + 1);
  ctx.clock.advance(60_000);
  assert.equal((await see(derivedUrl(media, 320, 'webp'))).status, 503);
  assert.equal(await madeCount(), before + 2);
});

test('more than can be made in time are refused with 503 and when to come again, and none is half made', async () => {
  const photos = [];
  for (let seed = 30; seed < 38; seed++)
    photos.push(await uploaded(await jpeg({ seed, width: 1000, height: 700 }), 'image/jpeg'));
  const urls = photos.flatMap((media) =>
    [160, 320, 480, 640].flatMap((width) => ['webp', 'jpg'].map((ending) => derivedUrl(media, width, ending))),
  );
  const all = await Promise.all(urls.map((url) => see(url)));
  const refused = all.filter(({ status }) => status === 503);
  assert(refused.length > 0 && refused.every(({ headers }) => headers.get('retry-after') === '1'));
  assert(all.every(({ status }) => status === 200 || status === 503));
  for (const { bytes } of all.filter(({ status }) => status === 200)) await sharp(bytes).raw().toBuffer();
});

test('whoever asks for everything leaves places for pictures that were never shown', async () => {
  const photos = [];
  for (let seed = 50; seed < 60; seed++)
    photos.push(await uploaded(await jpeg({ seed, width: 1000, height: 700 }), 'image/jpeg'));
  const [loud, quiet] = [photos.slice(0, 4), photos.slice(4)];
  let onRefused = () => {};
  const refused = new Promise<void>((resolve) => {
    onRefused = resolve;
  });
  const all = loud.flatMap((media) =>
    [160, 320, 480, 640, 960, 1280].flatMap((width) =>
      ['avif', 'webp'].map(async (ending) => {
        const { status } = await see(derivedUrl(media, width, ending));
        if (status === 503) onRefused();
      }),
    ),
  );
  await refused;
  const seen = await Promise.all(quiet.map((media) => see(derivedUrl(media, 160, 'webp'))));
  assert.deepEqual(
    seen.map(({ status }) => status),
    quiet.map(() => 200),
  );
  await Promise.all(all);
});

test('a picture that cannot be kept is shown all the same', async () => {
  const full: typeof ctx.files = {
    ...ctx.files,
    write: () => Promise.reject(new StorageFault('There is no space left on the disk.')),
  };
  const media = await uploaded(await jpeg({ seed: 12, width: 300, height: 200 }), 'image/jpeg');
  const other = connectInProcess(createMedia({ ...contextOn(ctx.database, ctx), files: full }));
  const reply = await other.getMediaFile({ params: { file: `${media.mediaId}-160.webp` } });
  assert(!isProblem(reply));
  assert.equal((await sharp(reply.body.bytes).metadata()).width, 160);
  assert.equal(await ctx.files.read(`media/derived/${media.mediaId.slice(0, 2)}/${media.mediaId}-160.webp`), undefined);
});

test('a drawing is kept clean, shown without any rights, and painted once, for who previews links', async () => {
  const svg = drawing(`<metadata>me</metadata>${circle}`);
  const media = await uploaded(Buffer.from(svg), 'image/svg+xml');
  assert.deepEqual([media.width, media.height], [400, 300]);
  const seen = await see(media.url);
  assert.equal(seen.headers.get('content-type'), 'image/svg+xml');
  assert.equal(seen.headers.get('content-security-policy'), "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  assert(!seen.bytes.toString().includes('metadata'));
  assert.equal(seen.bytes.length, media.byteCount);
  const { bytes } = await see(derivedUrl(media, 1280, 'jpg'));
  const { width, height } = await sharp(bytes).metadata();
  assert.deepEqual([width, height], [1280, 960]);
  // As large as it is, not blown up: from white to tomato, which has little blue, the circle's edge is a few pixels wide.
  const edge = sharp(bytes).extractChannel('blue').extract({ left: 0, top: 480, width: 640, height: 1 });
  const row = await edge.raw().toBuffer();
  assert((row[0] ?? 0) > 240 && (row[639] ?? 255) < 90);
  assert(row.filter((blue) => blue > 100 && blue < 230).length <= 3);
  for (const ending of ['png', 'webp', 'jpg']) assert.equal((await see(derivedUrl(media, 640, ending))).status, 404);
});

test('no name reaches beyond the pictures', async () => {
  const { mediaId } = await uploaded(await jpeg({ seed: 10, width: 30, height: 20 }), 'image/jpeg');
  await ctx.files.write('secret.jpg', Buffer.from('do not show'));
  const names = [
    '..%2fsecret.jpg',
    '..%2f..%2fsecret.jpg',
    '%2e%2e/secret.jpg',
    'originals',
    'secret.jpg',
    '..',
    '.',
    '%5c..',
  ];
  const wrong = [
    `${mediaId}.png`,
    `${mediaId}.jpg.png`,
    `${mediaId}.jpg%00.png`,
    `${mediaId}-160.svg`,
    `${mediaId}%2f..`,
    mediaId,
  ];
  for (const name of [...names, ...wrong, `${'a'.repeat(22)}.jpg`, `${'a'.repeat(22)}-160.jpg`, 'a'.repeat(5000)]) {
    // As written: fetch would take the dots away.
    const request = `GET /media/${name} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n`;
    const answer = await rawRequest(Number(new URL(origin).port), request);
    assert.match(answer, /^HTTP\/1\.1 40[04] /, `${name}: ${answer.slice(0, 200)}`);
    assert(!answer.includes('do not show'));
  }
});
