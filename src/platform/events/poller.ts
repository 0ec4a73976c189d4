import type { Log } from '../telemetry/telemetry.ts';

export interface Poller {
  /** Look now, or again if a look is under way. */
  nudge(): void;
  start(): void;
  /** Resolves when the look under way has ended. */
  stop(): Promise<void>;
}

export interface PollerOptions {
  /** Looks once and does what it finds; true when there may be more at once. Receives no two calls at a time. */
  readonly look: () => Promise<boolean>;
  /** The longest wait while nothing happens. */
  readonly pollMs: number;
  readonly log: Log;
  readonly name: string;
}

// After work more work is likely: the first wait is hardly longer than this, and each look that finds nothing doubles it.
const waitMinMs = 10;
const failureWaitMaxMs = 5_000;

/**
 * Looks again and again: at once while there is work, seldom when there is none. Polling rather than NOTIFY, because
 * PostgreSQL puts notifications into one queue under one lock that is held over the commit, so that the commits of all
 * writers would go one after the other (async.c, PreCommit_Notify).
 */
export function createPoller(options: PollerOptions): Poller {
  const { look, pollMs, log, name } = options;
  let running: Promise<void> | undefined;
  let isStopping = false;
  let isNudged = true;
  let wake: (() => void) | undefined;

  async function run(): Promise<void> {
    let waitMs = pollMs;
    while (!isStopping) {
      if (isNudged) waitMs = Math.min(waitMinMs, pollMs);
      isNudged = false;
      try {
        if (await look()) {
          isNudged = true;
          continue;
        }
        waitMs = Math.min(waitMs * 2, pollMs);
      } catch (error) {
        log.error({ err: error, poller: name }, 'looking for events failed, will look again');
        waitMs = Math.min(Math.max(waitMs, pollMs) * 2, failureWaitMaxMs);
      }
      if (!isNudged && !isStopping) await wait(waitMs);
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
