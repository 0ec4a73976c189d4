import type { Database } from '../../platform/database/database.ts';
import type { BlobStore } from '../../platform/storage/blob-store.ts';
import type { Log } from '../../platform/telemetry/telemetry.ts';
import { blobKey, type StoredPage } from './blob.ts';
import type { BuildOutcome } from './build-pages.ts';
import type { PageRef } from './page-paths.ts';
import { createSlots } from './slots.ts';
import { loadStored, wantAgain } from './store.ts';

export interface StrayBlobsContext {
  readonly database: Database;
  readonly files: BlobStore;
  readonly log: Log;
  buildNow(ref: PageRef): Promise<BuildOutcome>;
  /** A page was marked. */
  onTouched(): void;
}

// A shop that has just started finds thousands of pages for the first time; who buys needs the database more.
const checksMax = 2;

/**
 * Checks in the background that the database knows a page that was found on disk. A database that was restored, or set up
 * anew beside older files, knows nothing of some pages, or something else, and no change would ever reach those.
 */
export function createStrayBlobs(ctx: StrayBlobsContext) {
  const { database, files } = ctx;
  const slots = createSlots(checksMax);

  async function check(ref: PageRef, page: StoredPage): Promise<void> {
    const { path } = ref;
    const stored = await loadStored(database, path);
    if (stored?.etag === page.etag) return;
    if (stored !== undefined) {
      // Or somebody stores it at this moment; then it is built once more than need be.
      await wantAgain(database, [path]);
      ctx.onTouched();
      return;
    }
    // A row is committed before its blob is written, so this is nobody's. Were it built meanwhile and deleted here all the
    // same, the next view would find none and build it again.
    await files.delete(blobKey(path));
    await ctx.buildNow(ref);
  }

  return {
    /** Resolves when it has been checked; what fails is logged. */
    async found(ref: PageRef, page: StoredPage): Promise<void> {
      try {
        await slots.use(() => check(ref, page));
      } catch (error) {
        ctx.log.warn({ error, path: ref.path }, 'whether the database knows a stored page could not be checked');
      }
    },
  };
}
