import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, get } from 'node:http';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { until } from '../../platform/testing/until.ts';
import type { StoredPage } from './blob.ts';
import { createPlainTexts } from './plain-text.ts';

function pageOf(text: Buffer, gzip = gzipSync(text)): StoredPage {
  const etag = randomBytes(8).toString('hex');
  const made = { path: '/', buildId: 'b', etag, contentType: 'text/plain', cacheControl: 'no-store' };
  return { ...made, identityBytes: text.length, brotli: Buffer.alloc(0), gzip };
}

/** Serves one page, plain, to who asks for `/`. */
async function plainServer(page: StoredPage) {
  const texts = createPlainTexts();
  let lastWritten: () => number = () => 0;
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': page.identityBytes });
    lastWritten = () => response.socket?.bytesWritten ?? 0;
    texts.send(page, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return {
    port,
    written: () => lastWritten(),
    read: () =>
      new Promise<Buffer>((resolve, reject) => {
        get({ port, host: '127.0.0.1' }, async (response) => {
          try {
            resolve(Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>)));
          } catch (error) {
            reject(error);
          }
        }).on('error', reject);
      }),
  };
}

for (const length of [0, 10_000, 3_000_000]) {
  test(`${length} bytes come as they were, also to many at once`, async () => {
    const text = Buffer.alloc(length, 'a page ');
    const server = await plainServer(pageOf(text));
    for (const got of await Promise.all(Array.from({ length: 10 }, server.read))) assert(got.equals(text));
  });
}

test('a large page is unpacked no faster than it is read', async () => {
  const text = Buffer.alloc(64 * 2 ** 20, 'a page ');
  const server = await plainServer(pageOf(text));
  const socket = connect(server.port, '127.0.0.1');
  after(() => socket.destroy());
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await until(() => server.written() > 0);
  await sleep(300);
  assert(server.written() < text.length / 2, `${server.written()} bytes for nobody`);
});

test('a page that cannot be unpacked ends its connection, not the process', async () => {
  for (const length of [100, 1_000_000]) {
    const server = await plainServer(pageOf(Buffer.alloc(length), Buffer.from('no gzip')));
    await assert.rejects(server.read());
  }
});
