import { DatabaseFault } from '../database/database.ts';

/**
 * A lane turns many small requests into few large transactions: it gathers what arrives while the previous batch commits.
 * There is no timer: on an idle lane a lone request goes at once, under load the batches grow by themselves, and one
 * commit (one fsync, one lock of a hot row) serves them all.
 */
export interface Lane<Item, Result> {
  /** The item's own result. Rejects with LaneFull, with the fault that befell its batch, or with LaneClosed. */
  submit(item: Item): Promise<Result>;
  /** Items waiting, those in flight not counted. */
  readonly waitingCount: number;
  /** Takes nothing new and resolves when all that was accepted has its result. */
  close(): Promise<void>;
}

export interface LaneOptions<Item, Result> {
  readonly name: string;
  readonly batchMax: number;
  /** Beyond so many waiting items the lane refuses: a queue that only grows helps nobody. */
  readonly waitingMax: number;
  /** One transaction for the whole batch; results in the order of the items. */
  run(batch: readonly Item[]): Promise<readonly Result[]>;
  /** Told of each batch, for metrics. */
  onBatch?(size: number, durationMs: number): void;
}

/** The lane has as much as it may hold. Nothing was begun; try again a little later. */
export class LaneFull extends Error {
  override readonly name = 'LaneFull';
}

/** The lane is closing. Nothing was begun. */
export class LaneClosed extends Error {
  override readonly name = 'LaneClosed';
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export function createLane<Item, Result>(options: LaneOptions<Item, Result>): Lane<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let isRunning = false;
  let isClosed = false;
  let onDrained: (() => void) | undefined;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, options.batchMax);
      waiting = waiting.slice(options.batchMax);
      const startedAt = performance.now();
      await runBatch(options, batch);
      options.onBatch?.(batch.length, performance.now() - startedAt);
    }
    isRunning = false;
    onDrained?.();
  }

  return {
    get waitingCount() {
      return waiting.length;
    },
    submit(item) {
      if (isClosed) return Promise.reject(new LaneClosed(`${options.name} is closing`));
      if (waiting.length >= options.waitingMax) {
        return Promise.reject(new LaneFull(`${options.name} has ${waiting.length} waiting`));
      }
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (isRunning) return;
        isRunning = true;
        // After the sockets of this turn of the event loop were read, so that what arrived together travels together.
        setImmediate(drain);
      });
    },
    close() {
      isClosed = true;
      if (!isRunning) return Promise.resolve();
      return new Promise((resolve) => {
        onDrained = resolve;
      });
    },
  };
}

/**
 * Runs a batch and hands each item its result. A batch that fails for a reason of our own (a broken constraint) was rolled
 * back whole; it is halved and tried again, so that one bad item cannot take its neighbours with it. A fault of the world
 * is told to all: halving would only repeat it, and whether the commit went through is unknown.
 */
async function runBatch<Item, Result>(
  options: LaneOptions<Item, Result>,
  batch: readonly Waiting<Item, Result>[],
): Promise<void> {
  try {
    const results = await options.run(batch.map(({ item }) => item));
    batch.forEach(({ resolve }, index) => {
      resolve(results[index] as Result);
    });
  } catch (error) {
    if (batch.length === 1 || error instanceof DatabaseFault) {
      for (const { reject } of batch) reject(error);
      return;
    }
    const middle = batch.length >> 1;
    await runBatch(options, batch.slice(0, middle));
    await runBatch(options, batch.slice(middle));
  }
}
