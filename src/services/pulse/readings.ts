import type { Clock } from '../../platform/context/context.ts';
import type { Buckets, Metrics, Series } from '../../platform/telemetry/telemetry.ts';

/** What the process itself feels in one second, from its own instruments. */
export interface Reading {
  /** Of `POST /v1/orders` within the last ten seconds; null while nobody ordered. */
  readonly latencyP50Ms: number | null;
  readonly latencyP99Ms: number | null;
  /** Of the reads of the last ten seconds, how many the caches answered; null of so few that it says nothing. */
  readonly cacheHitRatio: number | null;
  /** Requests that wait for the next batch of a lane. */
  readonly laneCount: number;
  /** Age of the oldest event that a consumer has not looked at. */
  readonly lagMs: number;
  /** Requests refused for want of room within this second, by importance. */
  readonly shed: Shed;
  readonly requestsOpenCount: number;
}

export type Shed = Readonly<Record<'core' | 'standard' | 'deferrable', number>>;

interface Totals {
  readonly atMs: number;
  readonly latency: Buckets | undefined;
  readonly readCount: number;
  readonly hitCount: number;
  readonly shed: Shed;
}

const windowMs = 10_000;
const readsMin = 20;
const orderRoute = 'POST /v1/orders';

export interface Readings {
  /** Meant to be asked once a second, for `shed` is what there was since the last reading. */
  take(): Reading;
}

/** Counters only go up, so what there was within a window is the difference of two readings. */
export function createReadings({ clock, metrics }: { clock: Clock; metrics: Pick<Metrics, 'series'> }): Readings {
  // The oldest first. The first is what had been counted when somebody began to watch.
  const taken: Totals[] = [totalsOf(metrics, clock.nowMs())];
  return {
    take() {
      const now = totalsOf(metrics, clock.nowMs());
      const last = taken.at(-1) ?? now;
      while (taken.length > 1 && now.atMs - (taken[0]?.atMs ?? 0) > windowMs) taken.shift();
      const oldest = taken[0] ?? now;
      taken.push(now);
      const latency = now.latency && differenceOf(now.latency, oldest.latency);
      const readCount = now.readCount - oldest.readCount;
      return {
        latencyP50Ms: latency === undefined ? null : quantileMs(latency, 0.5),
        latencyP99Ms: latency === undefined ? null : quantileMs(latency, 0.99),
        cacheHitRatio: readCount >= readsMin ? (now.hitCount - oldest.hitCount) / readCount : null,
        laneCount: sumOf([
          ...metrics.series('onrush_order_lane_waiting'),
          ...metrics.series('onrush_cart_lane_waiting'),
        ]),
        lagMs: Math.round(1000 * Math.max(0, ...metrics.series('onrush_events_lag_seconds').map(({ value }) => value))),
        shed: {
          core: now.shed.core - last.shed.core,
          standard: now.shed.standard - last.shed.standard,
          deferrable: now.shed.deferrable - last.shed.deferrable,
        },
        requestsOpenCount: sumOf(metrics.series('onrush_http_requests_open')),
      };
    },
  };
}

/** The value below which the share `q` of the observations lies, drawn straight through the bucket in which it falls; null of none. Buckets in seconds. */
export function quantileMs({ bounds, counts }: Buckets, q: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    if (below + count >= q * total && count > 0) {
      const lower = index === 0 ? 0 : (bounds[index - 1] ?? 0);
      // Above the last bound nothing is known but that it is above.
      const upper = bounds[index] ?? lower;
      return 1000 * (lower + ((upper - lower) * (q * total - below)) / count);
    }
    below += count;
  }
  return null;
}

const answeredOutcomes = new Set(['hit', 'stale', 'collapsed']);

function totalsOf(metrics: Pick<Metrics, 'series'>, atMs: number): Totals {
  const reads = metrics.series('onrush_cache_reads_total');
  // What the response cache answers reaches no other cache; what it does not is read, and counted, behind it.
  const answered = sumOf(
    metrics
      .series('onrush_edge_cache_requests_total')
      .filter(({ labels }) => answeredOutcomes.has(labels.outcome ?? '')),
  );
  const shed = [...metrics.series('onrush_http_shed_total'), ...metrics.series('onrush_overload_shed_total')];
  const shedOf = (importance: string) => sumOf(shed.filter(({ labels }) => labels.importance === importance));
  return {
    atMs,
    latency: addUp(metrics.series('onrush_http_request_seconds').filter(({ labels }) => labels.route === orderRoute)),
    readCount: answered + sumOf(reads),
    hitCount: answered + sumOf(reads.filter(({ labels }) => labels.outcome !== 'miss')),
    shed: { core: shedOf('core'), standard: shedOf('standard'), deferrable: shedOf('deferrable') },
  };
}

function sumOf(series: readonly Series[]): number {
  return series.reduce((sum, { value }) => sum + value, 0);
}

function addUp(series: readonly Series[]): Buckets | undefined {
  const all = series.flatMap(({ buckets }) => (buckets === undefined ? [] : [buckets]));
  const [first] = all;
  if (first === undefined) return undefined;
  const counts = first.counts.map((_, index) => all.reduce((sum, each) => sum + (each.counts[index] ?? 0), 0));
  return { bounds: first.bounds, counts };
}

function differenceOf(now: Buckets, before: Buckets | undefined): Buckets {
  return { ...now, counts: now.counts.map((count, index) => count - (before?.counts[index] ?? 0)) };
}
