import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createMetrics } from '../telemetry/metrics.ts';
import { rememberingLog } from '../testing/log.ts';
import type { NamespaceOptions } from './cache.ts';
import { createCache } from './create-cache.ts';
import { createTagIndex } from './tag-index.ts';

function setUp<T>(options: Partial<NamespaceOptions> = {}) {
  let nowMs = 1_000_000;
  const log = rememberingLog();
  const metrics = createMetrics({ withProcess: false });
  const cache = createCache({ clock: { nowMs: () => nowMs }, log, metrics });
  const namespace = cache.namespace<T>('test', { ttlMs: 100, staleMs: 1_000, entriesMax: 100, ...options });
  return {
    cache,
    namespace,
    log,
    metrics,
    turn(byMs: number) {
      nowMs += byMs;
    },
  };
}

/** A source whose loads end when the test says so. */
function gatedSource<T>() {
  const waiting: { resolve(value: T | undefined): void; reject(error: Error): void }[] = [];
  return {
    load: () => new Promise<T | undefined>((resolve, reject) => waiting.push({ resolve, reject })),
    get loadCount() {
      return waiting.length;
    },
    async answer(index: number, value: T | undefined) {
      waiting[index]?.resolve(value);
      await settle();
    },
    async fail(index: number) {
      waiting[index]?.reject(new Error('the source is away'));
      await settle();
    },
  };
}

/** Lets every continuation run that waits for nothing but its turn. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('however many ask at the same time, there is one load, and then none while the value is fresh', async () => {
  const { namespace, turn } = setUp<string>();
  const source = gatedSource<string>();
  const answers = Array.from({ length: 1000 }, () => namespace.getOrLoad('key', source.load));
  assert.equal(source.loadCount, 1);
  await source.answer(0, 'value');
  assert.deepEqual(new Set(await Promise.all(answers)), new Set(['value']));
  turn(99);
  assert.equal(await namespace.getOrLoad('key', source.load), 'value');
  assert.equal(namespace.peek('key'), 'value');
  assert.equal(source.loadCount, 1);
});

test('what does not exist is remembered as such', async () => {
  const { namespace } = setUp<string>();
  const source = gatedSource<string>();
  const first = namespace.getOrLoad('key', source.load);
  await source.answer(0, undefined);
  assert.equal(await first, undefined);
  assert.equal(await namespace.getOrLoad('key', source.load), undefined);
  assert.equal(source.loadCount, 1);
  await namespace.invalidate(['key']);
  void namespace.getOrLoad('key', source.load);
  assert.equal(source.loadCount, 2);
});

test('when the value is no longer fresh one caller loads anew and the others are given the old one', async () => {
  const { namespace, turn } = setUp<string>();
  const source = gatedSource<string>();
  const first = namespace.getOrLoad('key', source.load);
  await source.answer(0, 'old');
  await first;
  turn(100);
  assert.equal(namespace.peek('key'), undefined);
  const refreshing = namespace.getOrLoad('key', source.load);
  assert.equal(await namespace.getOrLoad('key', source.load), 'old');
  assert.equal(source.loadCount, 2);
  await source.answer(1, 'new');
  assert.equal(await refreshing, 'new');
  turn(1_100);
  void namespace.getOrLoad('key', source.load);
  const late = namespace.getOrLoad('key', source.load);
  await source.answer(2, 'newest');
  assert.equal(await late, 'newest', 'what is too old even for that is not given');
});

test('a failed load gives the old value while it is usable, and then leaves the source alone for a moment', async () => {
  const { namespace, turn, log } = setUp<string>({ staleMs: 5_000 });
  const source = gatedSource<string>();
  const first = namespace.getOrLoad('key', source.load);
  await source.answer(0, 'old');
  await first;
  turn(100);
  const refreshing = namespace.getOrLoad('key', source.load);
  await source.fail(1);
  assert.equal(await refreshing, 'old');
  assert.equal(log.lines.filter(({ level }) => level === 'warn').length, 1);
  turn(999);
  assert.equal(await namespace.getOrLoad('key', source.load), 'old');
  assert.equal(source.loadCount, 2);
  turn(1);
  void namespace.getOrLoad('key', source.load);
  assert.equal(source.loadCount, 3);
  await source.answer(2, 'new');
});

test('a failed load without an old value fails for all who waited, and the next one tries again', async () => {
  const { namespace } = setUp<string>();
  const source = gatedSource<string>();
  const answers = [1, 2, 3].map(() => namespace.getOrLoad('key', source.load));
  const outcomes = Promise.allSettled(answers);
  await source.fail(0);
  assert.deepEqual(
    (await outcomes).map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  const next = namespace.getOrLoad('key', source.load);
  await source.answer(1, 'value');
  assert.equal(await next, 'value');
});

for (const by of ['key', 'tag'] as const) {
  test(`a load that began before an invalidation by ${by} neither stays nor is given to who asks after it`, async () => {
    const { namespace } = setUp<string>();
    const source = gatedSource<string>();
    const tags = () => ['tag'];
    const invalidate = () => (by === 'key' ? namespace.invalidate(['key']) : namespace.invalidateTags(['tag']));
    const before = namespace.getOrLoad('key', source.load, tags);
    await invalidate();
    const after = namespace.getOrLoad('key', source.load, tags);
    await source.answer(0, 'old');
    assert.equal(await before, 'old', 'who asked before may be given what was there then');
    assert.equal(namespace.peek('key'), undefined);
    await source.answer(1, 'new');
    assert.equal(await after, 'new');
    assert.equal(namespace.peek('key'), 'new');
  });

  test(`an old load that ends after a new one does not overwrite it (${by})`, async () => {
    const { namespace } = setUp<string>();
    const old = gatedSource<string>();
    const young = gatedSource<string>();
    const tags = () => ['tag'];
    void namespace.getOrLoad('key', old.load, tags);
    await (by === 'key' ? namespace.invalidate(['key']) : namespace.invalidateTags(['tag']));
    await namespace.invalidate(['key']);
    const after = namespace.getOrLoad('key', young.load, tags);
    await young.answer(0, 'new');
    await old.answer(0, 'old');
    assert.equal(await after, 'new');
    assert.equal(namespace.peek('key'), 'new');
  });
}

test('what was not there when the load began, and came to be meanwhile, is not remembered as missing', async () => {
  const { namespace } = setUp<string>();
  const source = gatedSource<string>();
  const before = namespace.getOrLoad('key', source.load, () => ['tag']);
  await namespace.invalidateTags(['tag']);
  await source.answer(0, undefined);
  assert.equal(await before, undefined);
  void namespace.getOrLoad('key', source.load);
  assert.equal(source.loadCount, 2);
});

test('an invalidation by tag meets those that carry the tag and no others', async () => {
  const { namespace } = setUp<string>();
  const tagsOf = (value: string) => value.split('+');
  await namespace.getOrLoad('1', async () => 'shoe+sale', tagsOf);
  await namespace.getOrLoad('2', async () => 'shoe', tagsOf);
  await namespace.getOrLoad('3', async () => 'hat', tagsOf);
  await namespace.invalidateTags(['sale', 'hat']);
  assert.deepEqual(
    ['1', '2', '3'].map((key) => namespace.peek(key)),
    [undefined, 'shoe', undefined],
  );
});

test('a value that is loaded anew without a tag is no longer met by it', async () => {
  const { namespace, turn } = setUp<string>();
  await namespace.getOrLoad(
    'key',
    async () => 'shoe',
    () => ['shoe'],
  );
  turn(100);
  await namespace.getOrLoad(
    'key',
    async () => 'hat',
    () => ['hat'],
  );
  await namespace.invalidateTags(['shoe']);
  assert.equal(namespace.peek('key'), 'hat');
});

test('no more entries are kept than asked, and none leaves a trace when it goes', async () => {
  const { namespace, metrics, cache } = setUp<number>({ entriesMax: 10 });
  for (let n = 0; n < 1000; n++)
    await namespace.getOrLoad(
      `key-${n}`,
      async () => n,
      () => [`tag-${n}`],
    );
  assert.match((await metrics.expose()).text, /^onrush_cache_entries\{cache="test"\} 10$/m);
  assert.match((await metrics.expose()).text, /outcome="miss"\} 1000$/m);
  assert.equal(namespace.peek('key-999'), 999);
  await cache.close();
  assert.equal(namespace.peek('key-999'), undefined);
});

test('however much is asked for that is not there, nothing that is there goes for it', async () => {
  const { namespace, metrics } = setUp<number>({ entriesMax: 100 });
  const there = Array.from({ length: 100 }, (_, n) => `there-${n}`);
  for (const key of there) await namespace.getOrLoad(key, async () => 1);
  for (let n = 0; n < 1000; n++) await namespace.getOrLoad(`made-up-${n}`, async () => undefined);
  assert.deepEqual(
    there.filter((key) => namespace.peek(key) === undefined),
    [],
  );
  assert.match((await metrics.expose()).text, /^onrush_cache_entries\{cache="test"\} 110$/m);
});

test('what comes to be, and what ceases to be, is one or the other', async () => {
  const { namespace, metrics, turn } = setUp<string>();
  for (const value of [undefined, 'made', undefined, 'made again']) {
    assert.equal(await namespace.getOrLoad('key', async () => value), value);
    assert.equal(await namespace.getOrLoad('key', async () => 'not asked'), value);
    assert.match((await metrics.expose()).text, /^onrush_cache_entries\{cache="test"\} 1$/m);
    turn(100);
  }
});

test('the index of tags forgets what it no longer needs', () => {
  const index = createTagIndex();
  index.add('a', ['x', 'y']);
  index.add('b', ['x']);
  index.remove('a', ['x', 'y']);
  assert.deepEqual(index.keysOf('x'), ['b']);
  assert.equal(index.tagCount(), 1);
});

test('two caches of one name are a mistake', () => {
  const { cache } = setUp();
  assert.throws(() => cache.namespace('test', { ttlMs: 1, staleMs: 1, entriesMax: 1 }), /made once/);
});

// The source holds a version per key. A load sees the version at its beginning and ends some time later, or fails.
const anyKey = fc.constantFrom('a', 'b');
const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('read' as const), key: anyKey }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('change' as const), key: anyKey, byTag: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('end' as const), pick: fc.nat(), fails: fc.integer({ min: 0, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('turn' as const), byMs: fc.integer({ min: 1, max: 800 }) }) },
);

test('property: nobody is given a version older than the last invalidation before he asked', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 80, size: 'max' }), async (steps) => {
      const { namespace, turn } = setUp<{ key: string; version: number }>();
      const versions = new Map([
        ['a', 1],
        ['b', 1],
      ]);
      const running: { end(): void; fail(): void }[] = [];
      const reads: Promise<void>[] = [];
      const versionOf = (key: string) => versions.get(key) ?? 0;
      const read = async (key: string) => {
        const atLeast = versionOf(key);
        const load = () => {
          const seen = { key, version: versionOf(key) };
          return new Promise<typeof seen>((resolve, reject) =>
            running.push({ end: () => resolve(seen), fail: () => reject(new Error('away')) }),
          );
        };
        const value = await namespace.getOrLoad(key, load, (loaded) => [`tag-${loaded.key}`]).catch(() => undefined);
        if (value !== undefined) assert(value.version >= atLeast, `${value.version} is older than ${atLeast}`);
      };
      for (const step of steps) {
        if (step.kind === 'turn') turn(step.byMs);
        if (step.kind === 'read') reads.push(read(step.key));
        if (step.kind === 'change') {
          versions.set(step.key, versionOf(step.key) + 1);
          await (step.byTag ? namespace.invalidateTags([`tag-${step.key}`]) : namespace.invalidate([step.key]));
        }
        if (step.kind === 'end' && running.length > 0) {
          const [load] = running.splice(step.pick % running.length, 1);
          if (step.fails === 0) load?.fail();
          else load?.end();
          await settle();
        }
        for (const key of ['a', 'b']) {
          const peeked = namespace.peek(key);
          if (peeked !== undefined) assert.equal(peeked.version, versionOf(key));
        }
      }
      while (running.length > 0) {
        running.pop()?.end();
        await settle();
      }
      await Promise.all(reads);
    }),
    { numRuns: 300 },
  );
});
