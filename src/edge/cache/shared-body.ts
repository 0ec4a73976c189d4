import type { ServerResponse } from 'node:http';
import type { UpstreamCall } from './upstream.ts';

/**
 * A body on its way from upstream to everybody who waits for it. As long as it is to be kept, it comes as fast as upstream sends
 * and each reader follows at his own pace: a slow one holds up neither the others nor the cache. When it is not (or has grown
 * too large to be), the slowest reader sets the pace, and what all have read is dropped.
 */
export interface SharedBody {
  /** Its head has been written. */
  addReader(response: ServerResponse): void;
  readonly readerCount: number;
  push(chunk: Buffer): void;
  /** All of it if it was kept whole. */
  end(): Buffer | undefined;
  /** It stops in the middle: readers must see that, and lose their connection. */
  fail(): void;
}

// What may wait for the slowest reader of a body that is not kept.
const waitingBytesMax = 256 * 1024;

interface Reader {
  readonly response: ServerResponse;
  /** The next chunk to be written, counted from the first one. */
  next: number;
  isBlocked: boolean;
}

export function createSharedBody(call: UpstreamCall, options: { readonly keepsBytesMax: number }): SharedBody {
  const readers = new Set<Reader>();
  let chunks: Buffer[] = [];
  /** How many chunks before the first of `chunks` are gone. */
  let goneCount = 0;
  let bytes = 0;
  let isKept = options.keepsBytesMax > 0;
  let isPaused = false;
  let state: 'open' | 'ended' | 'failed' = 'open';

  const waitingBytes = () => {
    let slowest = Number.POSITIVE_INFINITY;
    for (const reader of readers) slowest = Math.min(slowest, reader.next);
    if (slowest === Number.POSITIVE_INFINITY) return 0;
    chunks = chunks.slice(slowest - goneCount);
    goneCount = slowest;
    return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  };
  const pace = () => {
    if (isKept || state !== 'open') return;
    if (readers.size === 0) {
      state = 'failed';
      call.abort();
      return;
    }
    const isTooMuch = waitingBytes() > waitingBytesMax;
    if (isTooMuch === isPaused) return;
    isPaused = isTooMuch;
    if (isTooMuch) call.pause();
    else call.resume();
  };
  const write = (reader: Reader) => {
    while (!reader.isBlocked && reader.next - goneCount < chunks.length) {
      const chunk = chunks[reader.next - goneCount] as Buffer;
      reader.next += 1;
      reader.isBlocked = !reader.response.write(chunk);
    }
    if (state === 'ended' && !reader.isBlocked && readers.delete(reader)) reader.response.end();
  };

  return {
    get readerCount() {
      return readers.size;
    },
    addReader(response) {
      const reader: Reader = { response, next: 0, isBlocked: false };
      readers.add(reader);
      response.on('drain', () => {
        reader.isBlocked = false;
        write(reader);
        pace();
      });
      response.once('close', () => {
        if (readers.delete(reader)) pace();
      });
      write(reader);
    },
    push(chunk) {
      if (state !== 'open') return;
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > options.keepsBytesMax) isKept = false;
      for (const reader of readers) write(reader);
      pace();
    },
    end() {
      if (state !== 'open') return undefined;
      state = 'ended';
      for (const reader of [...readers]) write(reader);
      return isKept ? Buffer.concat(chunks, bytes) : undefined;
    },
    fail() {
      if (state !== 'open') return;
      state = 'failed';
      for (const reader of [...readers]) {
        readers.delete(reader);
        reader.response.destroy();
      }
    },
  };
}
