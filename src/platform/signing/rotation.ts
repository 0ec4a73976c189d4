import type { Context } from '../context/context.ts';
import type { JobDefinition } from '../jobs/job.ts';
import type { RotatingSigner } from './signer.ts';
import { addSigningKey, listSigningKeys, loadSigningKeys, readEveryMs } from './store.ts';

const dayMs = 24 * 3_600_000;
/** Four keys a year: few enough that all of them verify for years, and what a lost backup could sign with is soon old. */
const newKeyAfterMs = 90 * dayMs;

export interface KeyFollower {
  /** Reads the keys now; by itself every 15 s. Never fails: the signer goes on with the keys that it has. */
  read(): Promise<void>;
  stop(): Promise<void>;
}

/** Gives a signer the keys that the shop has, while its process runs. */
export function followSigningKeys({
  database,
  log,
  signer,
}: Pick<Context, 'database' | 'log'> & { readonly signer: RotatingSigner }): KeyFollower {
  let isFailing = false;
  let reading: Promise<void> | undefined;

  async function replace(): Promise<void> {
    try {
      signer.replaceKeys(await loadSigningKeys(database));
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn({ error }, 'the signing keys could not be read, so they stay as they were');
      isFailing = true;
    }
  }

  function read(): Promise<void> {
    // One at a time: of two that overlap, the older answer could come last.
    reading ??= replace().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  const timer = setInterval(() => void read(), readEveryMs);
  timer.unref();
  return {
    read,
    async stop() {
      clearInterval(timer);
      await reading;
    },
  };
}

/** A new key for a shop whose newest is old. */
export function signingKeyRotation({ database, clock }: Pick<Context, 'database' | 'clock'>): JobDefinition {
  return {
    name: 'signing.rotate-keys',
    everyMs: dayMs,
    async run() {
      const [newest] = await listSigningKeys(database);
      if (newest !== undefined && clock.nowMs() - newest.createdAtMs > newKeyAfterMs) await addSigningKey(database);
    },
  };
}
