import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { LRUCache } from 'lru-cache';
import { createLane, LaneFull } from '../../platform/batch/lane.ts';
import type { Context } from '../../platform/context/context.ts';
import { StorageFault } from '../../platform/storage/blob-store.ts';
import type { MediaType } from './api.ts';
import {
  type DerivedEnding,
  derivedTypes,
  isOffered,
  type MediaFile,
  type OriginalEnding,
  originalTypes,
} from './picture.ts';
import { type Derivation, derivePicture, PictureFault } from './raster.ts';

export interface StoredFile {
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

/** What has to be known of an uploaded picture to make others of it. */
export interface Original {
  readonly type: MediaType;
  readonly width: number;
}

export interface MediaFiles {
  /** The file, made if it has to be. Undefined if there is none. Throws LaneFull, StorageFault and PictureFault. */
  load(file: MediaFile): Promise<StoredFile | undefined>;
  writeOriginal(mediaId: string, ending: OriginalEnding, bytes: Uint8Array): Promise<void>;
  /** Finishes what is being made. */
  close(): Promise<void>;
}

// Pages show the same hundreds of files again and again; a large one is left to the disk and the edge.
const rememberedBytes = 64 * 1024 * 1024;
const rememberedBytesOfOne = 1024 * 1024;
// At a third of a second each, who waits longest is answered within the usual deadline of ten.
const waitingMax = 32;
// Of these, kept for pictures of which nothing was made yet: one picture asked for in all its sizes and formats, by whoever
// wants to keep the shop busy, takes no place from a new product that is opened for the first time.
const waitingOfNewMin = 8;
// What could not be made once would fail again, and take as long: buyers must not have it tried at every visit.
const failureRememberedMs = 60_000;

/**
 * The files of pictures: originals as they were uploaded, others made of them when they are first asked for, and kept. A
 * file never changes, so any number of processes may make the same one: they write the same bytes.
 */
export function createMediaFiles(
  { clock, files, log, metrics }: Pick<Context, 'clock' | 'files' | 'log' | 'metrics'>,
  findOriginal: (mediaId: string) => Promise<Original | undefined>,
): MediaFiles {
  const remembered = new LRUCache<string, StoredFile>({
    maxSize: rememberedBytes,
    maxEntrySize: rememberedBytesOfOne,
    sizeCalculation: ({ bytes }) => bytes.length,
  });
  // Of which something was asked for since the start. What is on the disk already is not asked for here.
  const begun = new LRUCache<string, true>({ max: 50_000 });
  const failures = new LRUCache<string, { error: PictureFault; atMs: number }>({ max: 1000 });
  // However many wait for a file, it is read or made once.
  const loading = new Map<string, Promise<StoredFile | undefined>>();
  const seconds = metrics.histogram('onrush_media_derive_seconds', 'How long it takes to make a picture of another', {
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
    labelNames: ['format'],
  });
  const lane = createLane<Derivation, Made>({
    name: 'pictures to be made',
    // Where there are few cores, most of them are for those who buy.
    batchMax: availableParallelism() > 2 ? 2 : 1,
    waitingMax,
    run: (batch) => Promise.all(batch.map(make)),
  });

  /** An outcome either way: one that fails must not have the others of its batch made again. */
  async function make(derivation: Derivation): Promise<Made> {
    const startedAtMs = performance.now();
    try {
      return { kind: 'made', bytes: await derivePicture(derivation) };
    } catch (error) {
      return { kind: 'failed', error };
    } finally {
      seconds.observe((performance.now() - startedAtMs) / 1000, { format: derivation.ending });
    }
  }

  async function read(file: MediaFile): Promise<StoredFile | undefined> {
    if (file.kind === 'original') return storedFile(await files.read(keyOf(file)), originalTypes[file.ending]);
    const bytes = (await files.read(keyOf(file))) ?? (await derive(file.mediaId, file.width, file.ending));
    return storedFile(bytes, derivedTypes[file.ending]);
  }

  async function derive(mediaId: string, width: number, ending: DerivedEnding): Promise<Buffer | undefined> {
    const original = await findOriginal(mediaId);
    if (original === undefined) return undefined;
    const originalEnding = endingOf(original.type);
    if (!isOffered({ width: original.width, ending: originalEnding }, width, ending)) return undefined;
    const bytes = await files.read(keyOf({ kind: 'original', mediaId, ending: originalEnding }));
    if (bytes === undefined) return undefined;
    const key = keyOf({ kind: 'derived', mediaId, width, ending });
    const failure = failures.get(key);
    if (failure !== undefined && clock.nowMs() - failure.atMs < failureRememberedMs) throw failure.error;
    if (begun.get(mediaId) === true && lane.waitingCount >= waitingMax - waitingOfNewMin) {
      throw new LaneFull(`pictures to be made has ${lane.waitingCount} waiting`);
    }
    begun.set(mediaId, true);
    const made = await lane.submit({ original: { bytes, ...original }, width, ending });
    if (made.kind === 'failed') {
      if (made.error instanceof PictureFault) failures.set(key, { error: made.error, atMs: clock.nowMs() });
      throw made.error;
    }
    try {
      await files.write(key, made.bytes);
    } catch (error) {
      // A full disk: who looks has the picture all the same, and it is made again when it is asked for again.
      if (!(error instanceof StorageFault)) throw error;
      log.warn({ error: error.message, key }, 'A picture was made and could not be kept.');
    }
    return made.bytes;
  }

  return {
    load(file) {
      const key = keyOf(file);
      const known = remembered.get(key);
      if (known !== undefined) return Promise.resolve(known);
      let load = loading.get(key);
      if (load === undefined) {
        load = read(file)
          .then((stored) => {
            if (stored !== undefined) remembered.set(key, stored);
            return stored;
          })
          .finally(() => loading.delete(key));
        loading.set(key, load);
      }
      return load;
    },
    writeOriginal: (mediaId, ending, bytes) => files.write(keyOf({ kind: 'original', mediaId, ending }), bytes),
    close: () => lane.close(),
  };
}

type Made = { readonly kind: 'made'; readonly bytes: Buffer } | { readonly kind: 'failed'; readonly error: unknown };

export function endingOf(type: MediaType): OriginalEnding {
  const endings = Object.keys(originalTypes) as OriginalEnding[];
  return endings.find((ending) => originalTypes[ending] === type) as OriginalEnding;
}

/** In 4,096 folders: some file systems are slow with a hundred thousand files in one. */
function keyOf(file: MediaFile): string {
  const { mediaId, ending } = file;
  const folder = mediaId.slice(0, 2);
  return file.kind === 'original'
    ? `media/originals/${folder}/${mediaId}.${ending}`
    : `media/derived/${folder}/${mediaId}-${file.width}.${ending}`;
}

function storedFile(bytes: Buffer | undefined, contentType: string): StoredFile | undefined {
  if (bytes === undefined) return undefined;
  // Of the bytes: a later version may make a file of the same name better.
  const etag = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return { contentType, bytes, etag };
}
