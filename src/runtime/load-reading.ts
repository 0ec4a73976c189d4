import { performance } from 'node:perf_hooks';
import type { LoadReading } from '../platform/overload/load-reading.ts';
import type { Metrics } from '../platform/telemetry/telemetry.ts';

/** Orders that wait for their batch when the shop takes as many as it can: two batches. */
const laneFullCount = 1_000;
/** A thread that is busy with those who only look, or who ask how far their ticket is, is no reason to let fewer buy: it counts up to here. */
const threadShareMax = 0.9;
/** Shorter than this a reading would be chance; rooms that are ticked together are told the same. */
const readingMsMin = 100;

/**
 * How busy this process is with buying, from what it measures anyway: how much of its time its thread had work, and how many
 * orders wait for the lane. Each reading is of the time since the one before. What is shed is not counted by this: a 503 of the
 * HTTP metrics may be a waiting room's own.
 */
export function createLoadReading(metrics: Pick<Metrics, 'series'>): () => LoadReading {
  let before = performance.eventLoopUtilization();
  let atMs = performance.now();
  let last: LoadReading = { utilisation: 0, coreShedPerS: 0 };

  return () => {
    const nowMs = performance.now();
    if (nowMs - atMs < readingMsMin) return last;
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    const waitingCount = metrics.series('onrush_order_lane_waiting')[0]?.value ?? 0;
    before = now;
    atMs = nowMs;
    last = {
      utilisation: Math.max(Math.min(threadShareMax, utilization), waitingCount / laneFullCount),
      coreShedPerS: 0,
    };
    return last;
  };
}
