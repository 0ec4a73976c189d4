import { performance } from 'node:perf_hooks';

/** What one window says of the event loop. */
export interface LoopSample {
  readonly durationMs: number;
  /**
   * How late timers were, on average. A request comes at a random moment of the loop's turn like a timer does, so this is how
   * long one waited in the operating system before anybody here saw it; no clock of its own can tell that.
   */
  readonly queueMs: number;
  /** Share of the window in which the loop was not waiting for something to do. */
  readonly busyShare: number;
}

export interface LoopMonitor {
  /** Something came: measure until nothing has for a second. */
  wake(): void;
  stop(): void;
}

const probeMs = 10;
const windowMs = 100;
const restsAfterMs = 2_000;

/** Measures only while there is traffic: an idle process is not woken a hundred times a second. */
export function createLoopMonitor(onWindow: (sample: LoopSample) => void): LoopMonitor {
  let timer: NodeJS.Timeout | undefined;
  let wokenAtMs = 0;
  let dueAtMs = 0;
  let windowAtMs = 0;
  let lateMs = 0;
  let probeCount = 0;
  let usage = performance.eventLoopUtilization();

  function probe(): void {
    const nowMs = performance.now();
    // Node's timers count whole milliseconds.
    lateMs += Math.max(0, nowMs - dueAtMs - 1);
    probeCount += 1;
    const durationMs = nowMs - windowAtMs;
    if (durationMs >= windowMs) {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, usage);
      onWindow({ durationMs, queueMs: lateMs / probeCount, busyShare: utilization });
      usage = now;
      windowAtMs = nowMs;
      lateMs = 0;
      probeCount = 0;
    }
    if (nowMs - wokenAtMs > restsAfterMs) timer = undefined;
    else arm(nowMs);
  }

  function arm(nowMs: number): void {
    dueAtMs = nowMs + probeMs;
    timer = setTimeout(probe, probeMs).unref();
  }

  return {
    wake() {
      wokenAtMs = performance.now();
      if (timer !== undefined) return;
      windowAtMs = wokenAtMs;
      lateMs = 0;
      probeCount = 0;
      usage = performance.eventLoopUtilization();
      arm(wokenAtMs);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}
