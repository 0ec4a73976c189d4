import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { cacheControlOf, deltaSeconds, deltaSecondsMax, parseCacheControl } from './cache-control.ts';
import { isNotModified, updatedFields } from './conditional.ts';
import { endToEnd, type Fields, fieldValue } from './fields.ts';
import { initialAgeS } from './freshness.ts';
import { parseHttpDate } from './http-date.ts';
import { rangeOf } from './range.ts';
import { ageS, decideReuse, mayStandIn, wishesOf } from './reuse.ts';
import { decideStorage, decideUpdate, type StorageRules, type Terms } from './storage.ts';
import { selectingValue, selectorsOf, suits } from './vary.ts';

const nowMs = Date.UTC(2026, 10, 11);
const times = { requestAtMs: nowMs, responseAtMs: nowMs };
const rules: StorageRules = {
  heuristicFraction: 0.1,
  heuristicMaxS: 86_400,
  surrogateName: 'onrush',
  storesCookies: true,
};
const date = (deltaS: number) => new Date(nowMs + deltaS * 1000).toUTCString();

function decide(answer: Fields, request: Fields = [], status = 200) {
  return decideStorage({ fields: request }, { status, fields: answer }, times, rules);
}
function lifetimeS(answer: Fields, status = 200): number | string {
  const decision = decide(answer, [], status);
  return decision.kind === 'store' ? decision.terms.lifetimeS : decision.why;
}

test('how long an answer is fresh', () => {
  const cc = (value: string) => ['cache-control', value];
  for (const [answer, expected] of [
    [cc('max-age=60'), 60],
    [cc('MAX-AGE=60'), 60],
    [cc('max-age="60"'), 60],
    [cc('max-age=0060'), 60],
    [cc('max-age=99999999999'), deltaSecondsMax],
    [cc("max-age='60', stale-if-error=9"), 0],
    [cc('max-age=-60, stale-if-error=9'), 0],
    [cc('max-age=6.5, stale-if-error=9'), 0],
    [cc('max-age =60, stale-if-error=9'), 0],
    [cc('max-age= 60, stale-if-error=9'), 0],
    [cc('x="max-age=60", max-age=5'), 5],
    [cc('x="a\\", max-age=60", max-age=5'), 5],
    [cc('max-age=5, max-age=60'), 5],
    [cc('max-age=5, s-maxage=60'), 60],
    [[...cc('max-age=60'), 'expires', date(-60)], 60],
    [['expires', date(60), 'date', date(0)], 60],
    [['expires', date(60), 'date', 'foo'], 60],
    [['expires', date(60), 'date', date(20)], 40],
    [['expires', '0', 'etag', '"1"'], 0],
    [['last-modified', date(-1000), 'date', date(0)], 100],
    [['last-modified', date(-10_000_000)], 86_400],
    [[], 'status'],
    [[...cc('max-age=60'), 'cdn-cache-control', 'max-age=5'], 5],
    [[...cc('no-store'), 'cdn-cache-control', 'max-age=5'], 5],
    [[...cc('max-age=60'), 'cdn-cache-control', 'no-store'], 'no-store'],
    [[...cc('max-age=60'), 'cdn-cache-control', 'private'], 'private'],
    [[...cc('max-age=60'), 'cdn-cache-control', 'max-age=5, &&'], 60],
    [[...cc('max-age=60'), 'cdn-cache-control', 'max-age="5"'], 60],
    [[...cc('max-age=60'), 'cdn-cache-control', 'max-age=5.0'], 60],
    [[...cc('max-age=60'), 'cdn-cache-control', 'max-age=5.5'], 60],
    [[...cc('max-age=60'), 'cdn-cache-control', 'max-age=-5'], 60],
    [[...cc('max-age=60'), 'cdn-cache-control', 'max-age=5, stale-if-error=9.0'], 60],
    [[...cc('max-age=60'), 'cdn-cache-control', 'max-age=7.0, x="a, max-age=6.0", max-age=5;y=1.0'], 5],
    [[...cc('max-age=60'), 'cdn-cache-control', 'x=1.0, y=(1.0 "2, max-age=3"), max-age=5'], 5],
    [[...cc('max-age=60'), 'cdn-cache-control', 'MaX-age=5'], 60],
    [[...cc('max-age=60'), 'cdn-cache-control', ''], 60],
    [[...cc('max-age=60'), 'surrogate-control', 'max-age=5'], 5],
    [[...cc('max-age=60'), 'surrogate-control', 'max-age=5;other'], 60],
    [[...cc('max-age=60'), 'surrogate-control', 'max-age=5+30;onrush'], 5],
    [[...cc('max-age=60'), 'vary', 'accept, *'], 'vary'],
    [[...cc('max-age=60, private')], 'private'],
    [[...cc('max-age=60, private="x-user"')], 60],
    [[...cc('max-age=60, no-store')], 'no-store'],
    [[...cc('max-age=60, no-store, must-understand')], 60],
    [['last-modified', date(-1000), 'set-cookie', 'a=b'], 'cookie'],
    [cc('max-age=0'), 'useless'],
    [[...cc('max-age=60'), 'age', '60'], 'useless'],
  ] as const) {
    assert.equal(lifetimeS(answer), expected, JSON.stringify(answer));
  }
  assert.equal(lifetimeS(['cache-control', 'max-age=60'], 503), 60);
  assert.equal(lifetimeS(['cache-control', 'max-age=60, must-understand'], 599), 'status');
  assert.equal(lifetimeS(['last-modified', date(-1000)], 302), 'status');
});

test('a cache that nobody addresses as a surrogate or a CDN hears what is for all caches only', () => {
  const { surrogateName: _, ...origins } = rules;
  for (const said of ['max-age=3600', 'no-store', 'private', 'max-age=3600;onrush']) {
    for (const name of ['cdn-cache-control', 'surrogate-control']) {
      const fields = ['cache-control', 'max-age=5', name, said];
      const decision = decideStorage({ fields: [] }, { status: 200, fields }, times, origins);
      assert.equal(decision.kind === 'store' && decision.terms.lifetimeS, 5, `${name}: ${said}`);
    }
  }
});

test('an answer to a request with Authorization is for others only if it says so', () => {
  const request = ['authorization', 'Bearer me'];
  for (const [control, kind] of [
    ['max-age=60', 'pass'],
    ['max-age=60, public', 'store'],
    ['max-age=60, must-revalidate', 'store'],
    ['s-maxage=60', 'store'],
    ['max-age=60, private', 'pass'],
  ] as const) {
    assert.equal(decide(['cache-control', control], request).kind, kind, control);
  }
});

test('what a validation says is kept for others only if an answer that said it would be', () => {
  const controls = ['', 'max-age=60', 'public', 's-maxage=60', 'must-revalidate', 'private', 'no-store', 'no-cache'];
  const anyControl = fc.uniqueArray(fc.constantFrom(...controls)).map((directives) => directives.join(', '));
  const anyRequest = fc.constantFrom<Fields[]>(
    [],
    ['authorization', 'Ada'],
    ['cookie', 'Ada'],
    ['authorization', 'a', 'cookie', 'b'],
  );
  fc.assert(
    fc.property(
      anyRequest,
      anyControl,
      anyControl,
      fc.boolean(),
      fc.boolean(),
      (request, then, now, sets, storesCookies) => {
        const etag = ['etag', '"1"', 'last-modified', date(-1000)];
        const news = [
          ...etag,
          ...(now === '' ? [] : ['cache-control', now]),
          ...(sets ? ['set-cookie', 'sid=ada'] : []),
        ];
        const fields = updatedFields([...etag, 'cache-control', then], news);
        const cookieRules = { ...rules, storesCookies };
        const decision = decideUpdate({ fields: request }, { status: 200, news, fields }, times, cookieRules);
        const alone = decideStorage({ fields: request }, { status: 200, fields: news }, times, cookieRules);
        const isOwn = alone.kind === 'pass' && (alone.why === 'authorization' || alone.why === 'cookie');
        // A silent 304 to one with a cookie leaves it at what was said before.
        const isSilent = now === '' && !sets && !request.includes('authorization');
        if (isOwn && !isSilent) assert.equal(decision.kind, 'own');
        if (now.includes('private') || now.includes('no-store')) assert.notEqual(decision.kind, 'store');
      },
    ),
  );
});

test('what Age says counts by its first member, and what is no number does not count', () => {
  for (const [age, expected] of [
    [['age', '30'], 30],
    [['age', '30, 7200'], 30],
    [['age', '30', 'age', '7200'], 30],
    [['age', 'abc'], 0],
    [['age', '-30'], 0],
    [['age', '30.5'], 0],
    [['age', '99999999999'], deltaSecondsMax],
    [['date', date(-50)], 50],
    [['date', date(50)], 0],
    [['date', date(-50), 'age', '70'], 70],
  ] as const) {
    assert.equal(initialAgeS(age, times), expected, JSON.stringify(age));
  }
});

test('Cache-Control never throws, never says less than no-store, and never a time that is not one', () => {
  const piece = fc.constantFrom(
    'no-store',
    'max-age=',
    'max-age',
    '=',
    ',',
    '"',
    '\\',
    ' ',
    '60',
    'x',
    ';',
    '\t',
    's-maxage=7',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const control = parseCacheControl(pieces.join(''));
      for (const seconds of [control.maxAgeS, control.sMaxAgeS]) {
        assert.ok(seconds === undefined || (Number.isInteger(seconds) && seconds >= 0 && seconds <= deltaSecondsMax));
      }
      assert.equal(parseCacheControl(`no-store, ${pieces.join('')}`).isNoStore, true);
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => cacheControlOf(['cdn-cache-control', text], 'onrush') !== undefined));
  assert.equal(deltaSeconds('9'.repeat(10_000)), deltaSecondsMax);
});

test('no answer is used longer than it may be, whatever clock and wishes', () => {
  const terms = fc.record({
    lifetimeS: fc.integer({ min: 0, max: 1_000 }),
    initialAgeS: fc.integer({ min: 0, max: 1_000 }),
    isNoCache: fc.boolean(),
    neverStale: fc.boolean(),
    staleWhileRevalidateS: fc.integer({ min: 0, max: 500 }),
    staleIfErrorS: fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined }),
  });
  const wishes = fc.constantFrom('', 'no-cache', 'max-age=10', 'min-fresh=10', 'max-stale', 'max-stale=50', 'no-store');
  fc.assert(
    fc.property(terms, fc.integer({ min: -5_000, max: 5_000 }), wishes, fc.boolean(), (given, laterS, wish, heeds) => {
      const kept: Terms = { ...given, responseAtMs: nowMs, isNoTransform: false, withheldFields: [] };
      const reuseRules = { heedsRequestWishes: heeds, staleWhenUnreachableS: 100 };
      const at = nowMs + laterS * 1000;
      const reuse = decideReuse(kept, wishesOf(['cache-control', wish]), at, reuseRules);
      const age = ageS(kept, at);
      assert.ok(age >= given.initialAgeS, 'a clock that is set back makes nothing younger');
      if (given.isNoCache) assert.equal(reuse.kind, 'validate');
      if (reuse.kind === 'fresh') assert.ok(age < given.lifetimeS);
      if (reuse.kind === 'stale') {
        assert.ok(!given.neverStale);
        const staleS = age - given.lifetimeS;
        assert.ok(staleS < given.staleWhileRevalidateS || (heeds && wish.startsWith('max-stale')));
      }
      if (heeds && (wish === 'no-cache' || wish === 'no-store')) assert.equal(reuse.kind, 'validate');
      if (given.neverStale) assert.equal(mayStandIn(kept, 'unreachable', wishesOf([]), at, reuseRules), false);
    }),
  );
});

test('what an answer was chosen by decides whom it suits, and space, case and order where they say nothing', () => {
  const answer = ['vary', 'Foo, accept-language'];
  const request = ['foo', '1, 2', 'accept-language', 'en, de;q=0.5'];
  const selectors = selectorsOf(answer, request);
  for (const [other, expected] of [
    [request, true],
    [['foo', '1', 'foo', '2', 'accept-language', 'de;q=0.5,EN'], true],
    [['foo', '1,2', 'accept-language', 'en, de;q=0.6'], false],
    [['foo', '2,1', 'accept-language', 'en, de;q=0.5'], false],
    [['accept-language', 'en, de;q=0.5'], false],
  ] as const) {
    assert.equal(suits(selectors, answer, other), expected, JSON.stringify(other));
  }
  assert.equal(selectingValue('foo', ['foo', '"a , b"']), '"a , b"');
  const german = ['vary', 'accept-language', 'content-language', 'de'];
  const germanSelectors = selectorsOf(german, ['accept-language', 'en, de']);
  assert.ok(suits(germanSelectors, german, ['accept-language', 'fr;q=0.5, de']));
  assert.ok(!suits(germanSelectors, german, ['accept-language', 'fr, de']));
});

test('only space and tabs are nothing: what an origin may take for another value is another one', () => {
  for (const name of ['x-currency', 'accept-language', 'accept-encoding', 'cookie']) {
    const answer = ['vary', name];
    const selectors = selectorsOf(answer, [name, 'a, b']);
    assert.ok(suits(selectors, answer, [name, ' \ta, b\t ']), name);
    for (const blank of ['\u00a0', '\u0085', '\v']) {
      for (const other of [`a, b${blank}`, `${blank}a, b`, `a,${blank}b`, `a${blank}, b`]) {
        assert.ok(!suits(selectors, answer, [name, other]), `${name}: ${JSON.stringify(other)}`);
      }
    }
  }
});

test('only dates that are dates', () => {
  for (const text of ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994']) {
    // What a cache reads may be in any case (RFC 9111, 4.2).
    for (const written of [text, text.toUpperCase(), text.toLowerCase()]) {
      assert.equal(parseHttpDate(written, nowMs), Date.UTC(1994, 10, 6, 8, 49, 37), written);
    }
  }
  for (const text of [
    '0',
    '',
    'now',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 6 Nov 1994 08:49:37 GMT',
  ]) {
    assert.equal(parseHttpDate(text, nowMs), undefined, text);
  }
});

test('a range is within the whole, or not given', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('b', '0', '1', '9', '-', ',', ' ') }),
      fc.nat(200),
      (text, length) => {
        const asked = rangeOf(['range', `bytes=${text}`], [], length);
        if (asked.kind !== 'part') return;
        assert.ok(asked.range.first >= 0 && asked.range.first <= asked.range.last && asked.range.last < length);
      },
    ),
  );
});

test('a 304 brings fields up to date, but not those of the bytes', () => {
  const kept = ['etag', '"1"', 'content-length', '5', 'x-a', '1', 'age', '9'];
  const updated = updatedFields(kept, [
    'etag',
    '"1"',
    'x-a',
    '2',
    'x-b',
    '3',
    'content-length',
    '0',
    'content-encoding',
    'br',
  ]);
  assert.deepEqual(updated, ['etag', '"1"', 'content-length', '5', 'x-a', '2', 'x-b', '3']);
  const other = updatedFields(kept, ['etag', '"2"', 'x-a', '2', 'date', 'today']);
  assert.deepEqual([fieldValue(other, 'x-a'), fieldValue(other, 'date')], ['1', 'today']);
  assert.equal(isNotModified(['if-none-match', 'W/"1"', 'if-modified-since', date(-9e6)], kept, nowMs), true);
  assert.equal(isNotModified(['if-none-match', '"2", *x'], kept, nowMs), false);
});

test('what is for the next neighbour goes no further, and only that', () => {
  const fields = [
    'connection',
    'close, x-hop, Host',
    'x-hop',
    '1',
    'host',
    'shop',
    'te',
    'trailers',
    'x',
    '2',
    'upgrade',
    'h2c',
  ];
  assert.deepEqual(endToEnd(fields), ['host', 'shop', 'x', '2']);
});
