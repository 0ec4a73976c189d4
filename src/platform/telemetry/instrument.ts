import assert from 'node:assert/strict';
import type { Counter, Histogram, HistogramOptions, Labels, Series } from './telemetry.ts';

/** What prom-client's registry asks of a metric: it writes the exposition text, we keep the numbers. */
export interface Instrument {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'histogram';
  readonly aggregator: 'sum';
  get(): Promise<Exposed>;
  series(): Series[];
}

interface Exposed {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: string;
  readonly values: { value: number; labels: Record<string, string | number>; metricName?: string }[];
}

/**
 * prom-client's own counters and histograms hash the labels of every observation, which takes longer than many a request.
 * Here a series is found once, by `bind`, and an observation is an addition.
 */
export function createCounter(name: string, help: string, labelNames: readonly string[]): Counter & Instrument {
  const series = createSeries(name, labelNames, () => ({ value: 0 }));
  const add = (one: { value: number }, amount: number) => {
    assert(amount >= 0, `the counter ${name} only goes up`);
    one.value += amount;
  };
  return {
    ...described(name, help, 'counter'),
    add: (amount = 1, labels = {}) => add(series.of(labels), amount),
    bind(labels) {
      const one = series.of(labels);
      return (amount = 1) => add(one, amount);
    },
    get: async () => ({
      ...described(name, help, 'counter'),
      values: series.all().map(({ labels, kept }) => ({ value: kept.value, labels })),
    }),
    series: () => series.all().map(({ labels, kept }) => ({ labels, value: kept.value })),
  };
}

interface Kept {
  /** Observations per bucket, not cumulative; the last holds those above every bound. */
  readonly counts: Float64Array;
  sum: number;
}

export function createHistogram(name: string, help: string, options: HistogramOptions): Histogram & Instrument {
  const bounds = Float64Array.from(options.buckets).sort();
  const series = createSeries(name, options.labelNames ?? [], () => ({
    counts: new Float64Array(bounds.length + 1),
    sum: 0,
  }));
  const observe = (kept: Kept, value: number) => {
    let bucket = 0;
    // Few bounds, and most observations are below the first ones: faster than a binary search.
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    (kept.counts[bucket] as number) += 1;
    kept.sum += value;
  };
  return {
    ...described(name, help, 'histogram'),
    observe: (value, labels = {}) => observe(series.of(labels), value),
    bind(labels) {
      const kept = series.of(labels);
      return (value) => observe(kept, value);
    },
    get: async () => ({
      ...described(name, help, 'histogram'),
      values: series.all().flatMap(({ labels, kept }) => histogramValues(name, labels, bounds, kept)),
    }),
    series: () =>
      series.all().map(({ labels, kept }) => ({
        labels,
        value: kept.counts.reduce((sum, count) => sum + count, 0),
        buckets: { bounds: [...bounds], counts: [...kept.counts] },
      })),
  };
}

function histogramValues(name: string, labels: Labels, bounds: Float64Array, { counts, sum }: Kept) {
  let count = 0;
  const buckets = Array.from(counts, (inBucket, index) => {
    count += inBucket;
    const le: string | number = index < bounds.length ? (bounds[index] as number) : '+Inf';
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: { ...labels }, value: sum },
    { metricName: `${name}_count`, labels: { ...labels }, value: count },
  ];
}

/** The series of one metric by their label values. Every metric without labels has its one series from the start. */
function createSeries<Kept>(name: string, labelNames: readonly string[], make: () => Kept) {
  const byKey = new Map<string, { labels: Record<string, string>; kept: Kept }>();
  const of = (labels: Labels): Kept => {
    const values = labelNames.map((labelName) => {
      const value = labels[labelName];
      assert(value !== undefined, `${name} needs the label ${labelName}`);
      return value;
    });
    const key = values.join('\u0000');
    let found = byKey.get(key);
    if (found === undefined) {
      found = {
        labels: Object.fromEntries(labelNames.map((each, index) => [each, values[index] ?? ''])),
        kept: make(),
      };
      byKey.set(key, found);
    }
    return found.kept;
  };
  if (labelNames.length === 0) of({});
  return { of, all: () => [...byKey.values()] };
}

function described<Type extends 'counter' | 'histogram'>(name: string, help: string, type: Type) {
  return { name, help, type, aggregator: 'sum' as const };
}
