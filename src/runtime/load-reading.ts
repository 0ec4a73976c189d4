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
 * How busy this process is with buying, for who decides how many may come in: how much of its time its thread had work, how many
 * orders wait for the lane, and what the overload control knows of both and of those that it turned away. The first two are of
 * the time since the reading before.
 */
export function createLoadReading(
  metrics: Pick<Metrics, 'series'>,
  overload: () => LoadReading = () => ({ utilisation: 0, coreShedPerS: 0 }),
): () => LoadReading {
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
    const control = overload();
    const isRefusing = control.utilisation > 1;
    last = {
      utilisation: Math.max(
        Math.min(threadShareMax, Math.max(utilization, control.utilisation)),
        isRefusing ? control.utilisation : 0,
        waitingCount / laneFullCount,
      ),
      coreShedPerS: control.coreShedPerS,
    };
    return last;
  };
}
