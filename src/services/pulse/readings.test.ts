import assert from 'node:assert/strict';
import test from 'node:test';
import { createMetrics } from '../../platform/telemetry/metrics.ts';
import { createReadings } from './readings.ts';

test('what the response cache answers counts as a hit, what it lets through is counted by the caches behind it', () => {
  const metrics = createMetrics({ withProcess: false });
  const reads = metrics.counter('onrush_cache_reads_total', 'Reads', ['cache', 'outcome']);
  const atEdge = new Map<string, number>();
  metrics.gauge('onrush_edge_cache_requests_total', 'Requests', () => atEdge, 'outcome');
  let nowMs = 0;
  const readings = createReadings({ clock: { nowMs: () => nowMs }, metrics });

  nowMs += 1000;
  for (const [outcome, count] of Object.entries({ hit: 60, stale: 10, collapsed: 10, miss: 20, bypass: 500 })) {
    atEdge.set(outcome, count);
  }
  reads.add(10, { cache: 'catalog-product', outcome: 'hit' });
  reads.add(10, { cache: 'catalog-product', outcome: 'miss' });
  assert.equal(readings.take().cacheHitRatio, 0.9);
});
