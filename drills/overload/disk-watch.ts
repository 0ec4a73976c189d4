import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long the disk itself takes: what waits for a commit waits for it, whatever the shop does. */
export interface DiskWatch extends AsyncDisposable {
  /** A new stretch begins. */
  begin(): void;
  /** Of each stretch the longest that a few kilobytes took to be on the disk, in ms; 0 where nothing was tried. */
  end(): Promise<readonly number[]>;
}

const everyMs = 20;
const bytes = Buffer.alloc(8192, 'disk');

/** Writes a page of PostgreSQL's size into this folder again and again, and waits until it is there for good. */
export async function watchDisk(folder: string): Promise<DiskWatch> {
  const path = join(folder, 'disk-watch');
  const file = await open(path, 'w');
  const stopping = new AbortController();
  const longestMs: number[] = [];
  const writing = keepWriting(file, stopping.signal, (tookMs) => {
    const at = longestMs.length - 1;
    if (at >= 0) longestMs[at] = Math.max(longestMs[at] ?? 0, tookMs);
  });
  const stop = async () => {
    stopping.abort();
    await writing;
  };
  return {
    begin: () => void longestMs.push(0),
    async end() {
      await stop();
      return longestMs;
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await file.close();
      await rm(path, { force: true });
    },
  };
}

async function keepWriting(file: FileHandle, signal: AbortSignal, told: (tookMs: number) => void): Promise<void> {
  while (!signal.aborted) {
    await file.write(bytes, 0, bytes.length, 0);
    const startedAtMs = performance.now();
    await file.datasync();
    told(performance.now() - startedAtMs);
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}
