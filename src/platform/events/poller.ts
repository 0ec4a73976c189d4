import type { Log } from '../telemetry/telemetry.ts';

export interface Poller {
  /** Look now, or again if a look is under way. */
  nudge(): void;
  start(): void;
  /** Resolves when the look under way has ended. */
  stop(): Promise<void>;
}

export interface PollerOptions {
  /** Looks once and does what it finds; true when there may be more soon. Receives no two calls at a time. */
  readonly look: () => Promise<boolean>;
  /** The longest wait while nothing happens. */
  readonly pollMs: number;
  /** How long it may rest between two looks while something happens all the time (40 ms). */
  readonly restMsMax?: number;
  readonly log: Log;
  readonly name: string;
}

// Between two looks, however often we are nudged: while orders pour in, each look costs about as much for one event as for
// hundreds, and would take its time from the orders. The longer they pour in, the longer it rests, as network cards do.
const restMsMin = 40;
const restGrowth = 1.5;
const failureWaitMaxMs = 5_000;

/**
 * Looks again and again: soon while there is work, seldom when there is none. Polling rather than NOTIFY, because
 * PostgreSQL puts notifications into one queue under one lock that is held over the commit, so that the commits of all
 * writers would go one after the other (async.c, PreCommit_Notify).
 */
export function createPoller(options: PollerOptions): Poller {
  const { look, pollMs, log, name, restMsMax = restMsMin } = options;
  let restMs = restMsMin;
  let running: Promise<void> | undefined;
  let isStopping = false;
  let isNudged = true;
  let wake: (() => void) | undefined;

  async function run(): Promise<void> {
    let waitMs = pollMs;
    while (!isStopping) {
      // After work more work is likely: each look that finds nothing doubles the wait.
      if (isNudged) waitMs = Math.min(restMsMin, pollMs);
      isNudged = false;
      try {
        if (await look()) isNudged = true;
        else waitMs = Math.min(waitMs * 2, pollMs);
      } catch (error) {
        log.error({ err: error, poller: name }, 'looking for events failed, will look again');
        waitMs = Math.min(Math.max(waitMs, pollMs) * 2, failureWaitMaxMs);
      }
      await rest();
      restMs = isNudged ? Math.min(restMs * restGrowth, restMsMax) : restMsMin;
      if (!isNudged && !isStopping) await wait(Math.max(0, waitMs - restMsMin));
    }
  }

  /** A wait that only a stop cuts short. */
  async function rest(): Promise<void> {
    const untilMs = performance.now() + Math.min(restMs, pollMs);
    for (let leftMs = untilMs - performance.now(); leftMs > 0 && !isStopping; leftMs = untilMs - performance.now()) {
      await wait(leftMs);
    }
  }

  function wait(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    nudge() {
      isNudged = true;
      wake?.();
    },
    start() {
      isStopping = false;
      running ??= run();
    },
    async stop() {
      isStopping = true;
      wake?.();
      await running;
      running = undefined;
    },
  };
}
