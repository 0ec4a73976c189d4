import type { ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gunzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { StoredPage } from './blob.ts';

export interface PlainTexts {
  /** Sends the page as plain text and ends the response. Its head has been written. */
  send(page: StoredPage, response: ServerResponse): void;
}

const memoryBytesMax = 8 * 2 ** 20;
// A larger page is unpacked for each who asks, no faster than he reads.
const sharedBytesMax = 256 * 1024;

const gunzipAsync = promisify(gunzip);

/**
 * Pages for the few clients that take no coding. It is not worth keeping a third copy of each page, but who asks for one
 * without end must not have it unpacked without end either: the last few are kept, and one that is being unpacked is waited for.
 */
export function createPlainTexts(): PlainTexts {
  const texts = new LRUCache<string, Buffer>({ maxSize: memoryBytesMax, sizeCalculation: ({ length }) => length + 1 });
  const underWay = new Map<string, Promise<Buffer>>();

  function textOf(page: StoredPage): Promise<Buffer> {
    // The tag is a hash of the text.
    const { etag, gzip } = page;
    const text = texts.get(etag);
    if (text !== undefined) return Promise.resolve(text);
    const known = underWay.get(etag);
    if (known !== undefined) return known;
    const unpacking = gunzipAsync(gzip)
      .then((bytes) => {
        texts.set(etag, bytes);
        return bytes;
      })
      .finally(() => underWay.delete(etag));
    underWay.set(etag, unpacking);
    return unpacking;
  }

  return {
    send(page, response) {
      if (page.identityBytes > sharedBytesMax) {
        // A client that goes away destroys the pipeline; there is nobody left to tell.
        pipeline(Readable.from([page.gzip]), createGunzip(), response, () => {});
        return;
      }
      textOf(page).then(
        (text) => response.end(text),
        (error: Error) => response.destroy(error),
      );
    },
  };
}
