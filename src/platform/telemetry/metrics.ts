import prometheus from 'prom-client';
import { createCounter, createHistogram, type Instrument } from './instrument.ts';
import type { Metrics, Series } from './telemetry.ts';

/** A registry of its own, with what Node tells of the process (memory, CPU, garbage collection, event-loop lag). */
export function createMetrics(options: { withProcess: boolean } = { withProcess: true }): Metrics {
  const registry = new prometheus.Registry();
  if (options.withProcess) prometheus.collectDefaultMetrics({ register: registry });
  const readers = new Map<string, () => Series[]>();
  const register = <Made extends Instrument>(instrument: Made): Made => {
    registry.registerMetric(instrument as unknown as prometheus.Metric);
    readers.set(instrument.name, () => instrument.series());
    return instrument;
  };
  return {
    counter: (name, help, labelNames = []) => register(createCounter(name, help, labelNames)),
    histogram: (name, help, histogramOptions) => register(createHistogram(name, help, histogramOptions)),
    gauge(name: string, help: string, read: () => number | ReadonlyMap<string, number>, labelName?: string) {
      readers.set(name, () => gaugeSeries(read(), labelName));
      new prometheus.Gauge({
        name,
        help,
        labelNames: labelName === undefined ? [] : [labelName],
        registers: [registry],
        collect() {
          const value = read();
          if (typeof value === 'number') return this.set(value);
          this.reset();
          for (const [label, each] of value) this.set({ [labelName ?? '']: label }, each);
        },
      });
    },
    series: (name) => readers.get(name)?.() ?? [],
    async expose() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function gaugeSeries(value: number | ReadonlyMap<string, number>, labelName = ''): Series[] {
  if (typeof value === 'number') return [{ labels: {}, value }];
  return [...value].map(([label, each]) => ({ labels: { [labelName]: label }, value: each }));
}
