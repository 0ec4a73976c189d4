import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLateness } from './lateness.ts';
import { machineMs } from './machine-clock.ts';
import type { Stretch } from './stalls.ts';

/** How long the disk itself takes: what waits for a commit waits for it, whatever the shop does. */
export interface DiskWatch {
  /** From when a few kilobytes were written until they were on the disk, each time so far and the one under way. */
  writes(): readonly Stretch[];
}

const everyMs = 20;
const beatMs = 10;
const bytes = Buffer.alloc(8192, 'disk');

/**
 * Writes a page of PostgreSQL's size into this folder again and again, and waits until it is there for good. What this process
 * itself was held up meanwhile is no time of the disk's: a timer that comes late tells it.
 */
export async function watchDisk(folder: string): Promise<DiskWatch & AsyncDisposable> {
  const path = join(folder, 'disk-watch');
  const file = await open(path, 'w');
  const stopping = new AbortController();
  const lateness = createLateness(beatMs, machineMs());
  const beat = setInterval(() => lateness.beat(machineMs()), beatMs);
  const done: Stretch[] = [];
  let begun: { readonly atMs: number; readonly lateMs: number } | undefined;
  const underWay = (): Stretch[] => {
    if (begun === undefined) return [];
    const atMs = machineMs();
    return [{ fromMs: begun.atMs, untilMs: atMs - (lateness.totalMs(atMs) - begun.lateMs) }];
  };
  const writing = keepWriting(file, stopping.signal, {
    begins() {
      const atMs = machineMs();
      begun = { atMs, lateMs: lateness.totalMs(atMs) };
    },
    ends() {
      done.push(...underWay());
      begun = undefined;
    },
  });
  return {
    writes: () => [...done, ...underWay()],
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await writing;
      clearInterval(beat);
      await file.close();
      await rm(path, { force: true });
    },
  };
}

async function keepWriting(
  file: FileHandle,
  signal: AbortSignal,
  { begins, ends }: { begins(): void; ends(): void },
): Promise<void> {
  while (!signal.aborted) {
    begins();
    await file.write(bytes, 0, bytes.length, 0);
    await file.datasync();
    ends();
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}
