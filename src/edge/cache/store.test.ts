import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { until } from '../../platform/testing/until.ts';
import { createEviction, type Evictable } from './eviction.ts';
import { createPurgeLog, isMeant, type PurgeTarget } from './purge-log.ts';
import { ask, startGated } from './testing.ts';

interface Item extends Evictable {
  readonly name: string;
}
const item = (name: string, bytes: number): Item => ({ name, bytes, place: undefined, useCount: 0 });
const createItems = (bytesMax: number) =>
  createEviction<Item>(bytesMax, { nameOf: ({ name }) => name, isMinor: ({ name }) => name.startsWith('minor') });

test('never more bytes than there is room for, and what it says it holds it holds', () => {
  const step = fc.record({
    name: fc.nat(40),
    bytes: fc.integer({ min: 1, max: 250 }),
    what: fc.constantFrom('add', 'use', 'remove'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const eviction = createItems(1_000);
      const held = new Map<string, Item>();
      for (const { name, bytes, what } of steps) {
        const known = held.get(`${name}`);
        if (what === 'use' && known !== undefined) eviction.use(known);
        if (what !== 'use' && known !== undefined) {
          eviction.remove(known);
          held.delete(known.name);
        }
        if (what !== 'add') continue;
        const added = item(`${name}`, bytes);
        held.set(added.name, added);
        for (const gone of eviction.add(added)) held.delete(gone.name);
        assert.ok(eviction.bytes <= 1_000);
        assert.equal(
          eviction.bytes,
          [...held.values()].reduce((sum, each) => sum + each.bytes, 0),
        );
      }
    }),
  );
});

test('a scan of ten thousand pages that are looked at once leaves what is hot', () => {
  const eviction = createItems(1_000_000);
  const hot = Array.from({ length: 50 }, (_, index) => item(`hot${index}`, 10_000));
  const gone = new Set<string>();
  const add = (one: Item) => {
    for (const { name } of eviction.add(one)) gone.add(name);
  };
  for (const each of hot) add(each);
  for (const each of hot) eviction.use(each);
  for (let index = 0; index < 10_000; index += 1) {
    add(item(`scan${index}`, 10_000));
    if (index % 20 === 0) for (const each of hot) if (!gone.has(each.name)) eviction.use(each);
  }
  assert.deepEqual(
    [...gone].filter((name) => name.startsWith('hot')),
    [],
  );
});

test('any number of made-up addresses, each asked for again and again, take a tenth of the room at most', () => {
  const eviction = createItems(1_000_000);
  const held = new Set<Item>();
  const add = (one: Item) => {
    held.add(one);
    for (const gone of eviction.add(one)) held.delete(gone);
  };
  // Each used once, long ago: warm, no more.
  const good = Array.from({ length: 90 }, (_, index) => item(`good${index}`, 10_000));
  for (const each of good) {
    add(each);
    eviction.use(each);
  }
  for (let index = 0; index < 100_000; index += 1) {
    const madeUp = item(`minor${index}`, 2_000);
    add(madeUp);
    for (let use = 0; use < 3; use += 1) eviction.use(madeUp);
    // And once more, when it has been thrown out.
    if (index >= 60) add(item(`minor${index - 60}`, 2_000));
  }
  assert.deepEqual(
    good.filter((each) => !held.has(each)).map(({ name }) => name),
    [],
  );
});

test('what is new and good comes to stay, however many made-up addresses come between two looks at it', () => {
  const eviction = createItems(1_000_000);
  const look = (one: Item) => (one.place === undefined ? eviction.add(one) : eviction.use(one));
  const good = item('good', 10_000);
  for (let round = 0; round < 2; round += 1) {
    look(good);
    for (let index = 0; index < 10_000; index += 1) eviction.add(item(`minor${round}-${index}`, 2_000));
  }
  assert.equal(good.place, 'main');
});

const targets = fc.record({
  tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 }).map((tags) => new Set(tags)),
  groups: fc.constant(new Set<string>()),
  hostGroups: fc.constant(new Set<string>()),
  urls: fc.uniqueArray(fc.constantFrom('/1', '/2'), { maxLength: 1 }).map((urls) => new Set(urls)),
  everything: fc.integer({ min: 0, max: 20 }).map((one) => one === 0),
});

test('no purge is lost to a fetch that began before it, however many there are and however they overlap', () => {
  const fetches = fc.record({ tag: fc.constantFrom('a', 'b', 'c'), target: fc.constantFrom('/1', '/2') });
  const events = fc.array(fc.oneof(fetches, targets, fc.constant('end' as const)), { maxLength: 120 });
  fc.assert(
    fc.property(events, (list) => {
      const log = createPurgeLog(8);
      let open: {
        mark: ReturnType<typeof log.begin>;
        answer: Parameters<typeof log.isPurgedSince>[1];
        since: PurgeTarget[];
      }[] = [];
      for (const event of list) {
        if (event === 'end') {
          const [first, ...rest] = open;
          if (first !== undefined) log.end(first.mark);
          open = rest;
        } else if ('tag' in event) {
          const key = { host: 'shop', target: event.target };
          open.push({ mark: log.begin(key), answer: { key, tags: [event.tag], groups: [] }, since: [] });
        } else {
          log.add(event);
          for (const each of open) each.since.push(event);
        }
        for (const { mark, answer, since } of open) {
          if (since.some((target) => isMeant(target, answer))) assert.ok(log.isPurgedSince(mark, answer));
          if (log.isPurgedSince(mark, answer)) assert.ok(log.mayBePurgedSince(mark));
          // As long as nothing had to be forgotten, it is exact.
          if (list.length <= 8)
            assert.equal(
              log.isPurgedSince(mark, answer),
              since.some((target) => isMeant(target, answer)),
            );
        }
      }
    }),
  );
});

test('a purge during a fetch: who waited is served, nothing is kept, and who comes after it asks anew', async () => {
  let version = 1;
  const release: (() => void)[] = [];
  await using shop = await startGated((_, response) => {
    const seen = version;
    release.push(() => {
      response.setHeader('cache-control', 'max-age=60').setHeader('cache-tag', 'product:7').end(String(seen));
    });
  });
  let collapsed = 0;
  for (const purge of [{ tags: ['product:7'] }, { urls: ['/p'] }, { everything: true }]) {
    release.length = 0;
    const [before, alike] = [ask(shop.port, '/p'), ask(shop.port, '/p')];
    collapsed += 1;
    await until(() => release.length === 1 && shop.cache.stats().collapsedCount === collapsed);
    const seen = String(version);
    version += 1;
    shop.cache.purge(purge);
    const after = ask(shop.port, '/p');
    await until(() => release.length === 2, { what: 'the second request, which must not wait for the first' });
    release[0]?.();
    assert.deepEqual([(await before).body, (await alike).body], [seen, seen]);
    assert.equal(shop.cache.stats().answerCount, 0, 'what was fetched before the purge');
    release[1]?.();
    assert.equal((await after).body, String(version));
    assert.equal((await ask(shop.port, '/p')).body, String(version));
    shop.cache.purge({ everything: true });
  }
  release.length = 0;
  const untouched = ask(shop.port, '/p');
  await until(() => release.length === 1);
  shop.cache.purge({ tags: ['product:8'], urls: ['/q'] });
  release[0]?.();
  await untouched;
  assert.equal(shop.cache.stats().answerCount, 1, 'a purge of something else');
});

test('a flood of addresses at which nothing is leaves what is asked for now and then', async () => {
  await using shop = await startGated(
    (request, response) => {
      response.statusCode = request.url?.startsWith('/made-up') ? 404 : 200;
      response.setHeader('cache-control', 'max-age=60').end('x'.repeat(1_000));
    },
    { bytesMax: 256 * 1024 },
  );
  const pages = Array.from({ length: 40 }, (_, index) => `/page/${index}`);
  for (const path of [...pages, ...pages]) await ask(shop.port, path);
  for (let index = 0; index < 1_000; index += 1) {
    for (let time = 0; time < 2; time += 1) await ask(shop.port, `/made-up/${index}`);
  }
  for (const path of pages) assert.match((await ask(shop.port, path)).headers['cache-status'] as string, /hit/, path);
  assert.equal(shop.asked.length, 1_040, 'each of them once');
});
