import assert from 'node:assert/strict';
import test from 'node:test';
import { createMetrics } from './metrics.ts';

const linesOf = async (metrics: ReturnType<typeof createMetrics>, name: string) => {
  const { text } = await metrics.expose();
  return text.split('\n').filter((line) => line.startsWith(name));
};

test('a gauge with a label tells of what there is at present', async () => {
  const metrics = createMetrics({ withProcess: false });
  const lags = new Map([['mail', 3]]);
  metrics.gauge('lag', 'Lag.', () => lags, 'group');
  assert.deepEqual(await linesOf(metrics, 'lag'), ['lag{group="mail"} 3']);
  lags.delete('mail');
  lags.set('search', 4);
  assert.deepEqual(await linesOf(metrics, 'lag'), ['lag{group="search"} 4']);
});

test('counters, gauges and histograms are exposed as Prometheus reads them', async () => {
  const metrics = createMetrics({ withProcess: false });
  const counter = metrics.counter('orders_total', 'Orders.', ['kind']);
  counter.add(2, { kind: 'placed' });
  counter.bind({ kind: 'placed' })();
  counter.add(1, { kind: 'a "b"\n' });
  let level = 5;
  metrics.gauge('level', 'A level.', () => level);
  level = 7;
  const histogram = metrics.histogram('seconds', 'Durations.', { buckets: [0.1, 1], labelNames: ['route'] });
  const observe = histogram.bind({ route: 'a' });
  for (const value of [0.05, 0.1, 0.5, 3]) observe(value);
  histogram.observe(1, { route: 'a' });
  assert.deepEqual(await linesOf(metrics, 'orders_total'), [
    'orders_total{kind="placed"} 3',
    'orders_total{kind="a \\"b\\"\\n"} 1',
  ]);
  assert.deepEqual(await linesOf(metrics, 'level'), ['level 7']);
  assert.deepEqual(await linesOf(metrics, 'seconds'), [
    'seconds_bucket{route="a",le="0.1"} 2',
    'seconds_bucket{route="a",le="1"} 4',
    'seconds_bucket{route="a",le="+Inf"} 5',
    'seconds_sum{route="a"} 4.65',
    'seconds_count{route="a"} 5',
  ]);
  const { contentType, text } = await metrics.expose();
  assert.match(contentType, /^text\/plain; version=0\.0\.4/);
  assert.match(text, /# HELP seconds Durations\.\n# TYPE seconds histogram/);
});

test('what has no labels is there from the start, at zero', async () => {
  const metrics = createMetrics({ withProcess: false });
  metrics.counter('errors_total', 'Errors.');
  metrics.histogram('size', 'Sizes.', { buckets: [1] });
  assert.deepEqual(await linesOf(metrics, 'errors_total'), ['errors_total 0']);
  assert((await linesOf(metrics, 'size')).includes('size_count 0'));
});

test('mistakes of the one who counts are told: a missing label, a counter that falls, a name taken twice', () => {
  const metrics = createMetrics({ withProcess: false });
  const counter = metrics.counter('a_total', 'A.', ['kind']);
  assert.throws(() => counter.add(1), /a_total needs the label kind/);
  assert.throws(() => counter.add(-1, { kind: 'x' }), /only goes up/);
  assert.throws(() => metrics.counter('a_total', 'A.'), /already been registered/);
});

test('two registries share nothing; each tells of its process', async () => {
  const [one, two] = [createMetrics(), createMetrics()];
  one.counter('mine_total', 'Mine.').add(1);
  assert.equal((await linesOf(two, 'mine_total')).length, 0);
  const { text } = await two.expose();
  for (const name of [
    'process_resident_memory_bytes',
    'process_cpu_seconds_total',
    'nodejs_eventloop_lag_p99_seconds',
  ]) {
    assert(text.includes(name), name);
  }
});

test('instruments are read in process series by series, and what is read does not change afterwards', () => {
  const metrics = createMetrics({ withProcess: false });
  const counter = metrics.counter('reads_total', 'Reads.', ['outcome']);
  counter.add(3, { outcome: 'hit' });
  counter.add(1, { outcome: 'miss' });
  metrics.gauge('lag', 'Lag.', () => new Map([['mail', 2]]), 'group');
  const histogram = metrics.histogram('seconds', 'Durations.', { buckets: [0.1, 1], labelNames: ['route'] });
  for (const value of [0.05, 0.5, 3]) histogram.observe(value, { route: 'a' });
  const before = metrics.series('seconds');
  histogram.observe(0.5, { route: 'a' });

  assert.deepEqual(metrics.series('reads_total'), [
    { labels: { outcome: 'hit' }, value: 3 },
    { labels: { outcome: 'miss' }, value: 1 },
  ]);
  assert.deepEqual(metrics.series('lag'), [{ labels: { group: 'mail' }, value: 2 }]);
  assert.deepEqual(before, [{ labels: { route: 'a' }, value: 3, buckets: { bounds: [0.1, 1], counts: [1, 1, 1] } }]);
  assert.deepEqual(metrics.series('seconds')[0]?.buckets?.counts, [1, 2, 1]);
  assert.deepEqual(metrics.series('nothing'), []);
});
