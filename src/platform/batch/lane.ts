import { DatabaseFault } from '../database/database.ts';

/**
 * A lane turns many small requests into few large transactions: it gathers what arrives while the previous batch commits, and
 * one commit (one fsync, one lock of a hot row) serves them all. On an idle lane a lone request goes at once; after a batch of
 * several the next begins `cycleMsMin` after it did, or as soon as the usual number of such a cycle waits: whom another lane's
 * batch lets go, it lets go all at once. Without the rest, batches of two and three take what the process and the database have,
 * so that each waits longer than it would have rested.
 */
export interface Lane<Item, Result> {
  /**
   * The item's own result. Rejects with LaneFull, LaneLate, or LaneClosed, and nothing was begun; or with the fault that befell
   * its batch. The `caller` is asked before its batch begins, and never after: what was begun is answered.
   */
  submit(item: Item, caller?: LaneCaller): Promise<Result>;
  /** Items waiting, those in flight not counted. */
  readonly waitingCount: number;
  /** Takes nothing new and resolves when all that was accepted has its result. */
  close(): Promise<void>;
}

/** Who waits for an item. A `Call` is one. */
export interface LaneCaller {
  /** Unix milliseconds; after it nobody has use for the result. */
  readonly deadlineAtMs?: number;
  readonly isGone?: boolean;
}

export interface LaneOptions<Item, Result> {
  readonly name: string;
  readonly batchMax: number;
  /** Beyond so many waiting items the lane refuses, whatever the callers' patience: what it may hold in memory. */
  readonly waitingMax: number;
  /** How long a cycle of batches is while there is company (16 ms). */
  readonly cycleMsMin?: number;
  /** With a clock the lane refuses at once what would still wait when its deadline has passed. */
  readonly clock?: { nowMs(): number };
  /** One transaction for the whole batch; results in the order of the items. */
  run(batch: readonly Item[]): Promise<readonly Result[]>;
  /** Told of each batch, for metrics. */
  onBatch?(size: number, durationMs: number): void;
}

/** The lane has as much as it may hold. Nothing was begun; try again a little later. */
export class LaneFull extends Error {
  override readonly name = 'LaneFull';
}

/** The caller has gone, or would have before it was his turn. Nothing was begun. */
export class LaneLate extends Error {
  override readonly name = 'LaneLate';
}

/** The lane is closing. Nothing was begun. */
export class LaneClosed extends Error {
  override readonly name = 'LaneClosed';
}

// A payment waits in three lanes one after the other. Of 10, 16 and 24 ms this sold the most under five times the load
// (docs/benchmarks.md), and waits were shorter than without.
const cycleMsMinDefault = 16;
/** How much of the latest cycle is believed at once: one in sixty of a second is short, and who comes comes by chance. */
const believedShare = 0.1;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly caller: LaneCaller | undefined;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export function createLane<Item, Result>(options: LaneOptions<Item, Result>): Lane<Item, Result> {
  const { cycleMsMin = cycleMsMinDefault } = options;
  let waiting: Waiting<Item, Result>[] = [];
  let isRunning = false;
  let isClosed = false;
  let drained: PromiseWithResolvers<void> | undefined;
  let endRest: (() => void) | undefined;
  let batchAtMs: number | undefined;
  // How many come in a cycle, of late; unknown until a second batch has begun.
  let usualCount = options.batchMax;
  // How long a batch took of late, with the rest after it; a full one takes longest, and only full ones let anybody wait for a second.
  let batchMs = 0;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = takeBatch();
      if (batch.length === 0) continue;
      const startedAtMs = performance.now();
      noteCycle(batch.length, startedAtMs);
      await runBatch(options, batch);
      const durationMs = performance.now() - startedAtMs;
      options.onBatch?.(batch.length, durationMs);
      if (batch.length > 1) await rest(cycleMsMin - durationMs);
      batchMs += 0.3 * (performance.now() - startedAtMs - batchMs);
    }
    isRunning = false;
    drained?.resolve();
  }

  function noteCycle(count: number, nowMs: number): void {
    if (batchAtMs !== undefined) {
      const countOfCycle = (count * cycleMsMin) / Math.max(1, nowMs - batchAtMs);
      usualCount += believedShare * (countOfCycle - usualCount);
    }
    batchAtMs = nowMs;
  }

  function isCompanyComplete(): boolean {
    return waiting.length >= Math.min(Math.max(2, usualCount), options.batchMax);
  }

  async function rest(restMs: number): Promise<void> {
    if (restMs <= 0 || isCompanyComplete()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, restMs);
      endRest = () => {
        endRest = undefined;
        clearTimeout(timer);
        // Not before the last of those who come together is here.
        setImmediate(resolve);
      };
    });
    endRest = undefined;
  }

  /** Those who have waited longest and still wait. */
  function takeBatch(): Waiting<Item, Result>[] {
    const next = waiting.slice(0, options.batchMax);
    waiting = waiting.slice(options.batchMax);
    const nowMs = options.clock?.nowMs() ?? 0;
    if (!next.some(({ caller }) => isLost(caller, nowMs))) return next;
    return next.filter(({ caller, reject }) => {
      const lost = isLost(caller, nowMs);
      if (lost) reject(new LaneLate(`nobody waits for this item of ${options.name} any more`));
      return !lost;
    });
  }

  /** Only while a batch runs: after one that took long, on a lane that is idle, somebody must try. */
  function isTooLate({ deadlineAtMs }: LaneCaller): boolean {
    if (!isRunning || deadlineAtMs === undefined || options.clock === undefined) return false;
    const batchCount = 1 + Math.floor(waiting.length / options.batchMax);
    return options.clock.nowMs() + batchCount * batchMs > deadlineAtMs;
  }

  return {
    get waitingCount() {
      return waiting.length;
    },
    submit(item, caller) {
      if (isClosed) return Promise.reject(new LaneClosed(`${options.name} is closing`));
      if (waiting.length >= options.waitingMax) {
        return Promise.reject(new LaneFull(`${options.name} has ${waiting.length} waiting`));
      }
      if (caller !== undefined && isTooLate(caller)) {
        return Promise.reject(new LaneLate(`${options.name} has ${waiting.length} waiting, too many for the deadline`));
      }
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ item, caller, resolve, reject });
        if (endRest !== undefined && isCompanyComplete()) endRest();
        if (isRunning) return;
        isRunning = true;
        // After the sockets of this turn of the event loop were read, so that what arrived together travels together.
        setImmediate(drain);
      });
    },
    close() {
      isClosed = true;
      if (!isRunning) return Promise.resolve();
      drained ??= Promise.withResolvers();
      return drained.promise;
    },
  };
}

function isLost(caller: LaneCaller | undefined, nowMs: number): boolean {
  return caller !== undefined && (caller.isGone === true || (caller.deadlineAtMs ?? Number.POSITIVE_INFINITY) <= nowMs);
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
