import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import test from 'node:test';
import type { CdnAdapter, CdnBatch } from './adapter.ts';
import { createAkamai } from './akamai.ts';
import { retryAfterMs } from './ask.ts';
import { createCloudflare } from './cloudflare.ts';
import { createFastly } from './fastly.ts';
import { type AskedOf, startStandIn, type Told } from './testing.ts';

const timeoutMs = 2_000;
const tags: CdnBatch = { kind: 'tag', names: ['product:river-flask', 'products'] };
const url = 'https://shop.example/v1/products?sort=price';

/** What was asked of the API when it was to purge these. */
async function askedFor(create: (apiUrl: string) => CdnAdapter, batch: CdnBatch, answer: Told | (() => Promise<Told>)) {
  const api = await startStandIn(() => (typeof answer === 'function' ? answer() : answer));
  const outcome = await create(api.url).purge(batch);
  assert.equal(api.asked.length, 1);
  return { outcome, asked: api.asked[0] as AskedOf, apiUrl: api.url };
}

const cloudflare = (apiUrl: string) =>
  createCloudflare({ apiUrl: `${apiUrl}/client/v4`, zoneId: 'zone1', token: 'secret', timeoutMs });
const fastly = (apiUrl: string, isSoft = false) =>
  createFastly({ apiUrl, serviceId: 'service1', token: 'secret', isSoft, timeoutMs });
const keys = { clientToken: 'client', clientSecret: 'a secret=', accessToken: 'access' };
const nowMs = Date.parse('2026-11-28T06:00:01.500Z');
const akamai = (apiUrl: string, options: { isSoft?: boolean; cpCode?: number } = {}) =>
  createAkamai({
    apiUrl,
    network: 'staging',
    isSoft: false,
    ...options,
    keys,
    timeoutMs,
    clock: { nowMs: () => nowMs },
  });

test('Cloudflare is sent tags, URLs or everything as JSON, with the token as bearer', async () => {
  const cases: [CdnBatch, object][] = [
    [tags, { tags: ['product:river-flask', 'products'] }],
    [{ kind: 'url', names: [url] }, { files: [url] }],
    [{ kind: 'everything' }, { purge_everything: true }],
  ];
  for (const [batch, body] of cases) {
    const told = { status: 200, body: { success: true, errors: [], messages: [], result: { id: 'zone1' } } };
    const { outcome, asked } = await askedFor(cloudflare, batch, told);
    assert.deepEqual(outcome, { kind: 'purged' });
    assert.equal(`${asked.method} ${asked.path}`, 'POST /client/v4/zones/zone1/purge_cache');
    assert.equal(asked.headers.authorization, 'Bearer secret');
    assert.equal(asked.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(asked.body), body);
  }
});

test('Cloudflare may answer 200 and mean no', async () => {
  const body = { success: false, errors: [{ code: 1012, message: 'Request must contain one of "purge_everything"' }] };
  const { outcome } = await askedFor(cloudflare, tags, { status: 200, body });
  assert.equal(outcome.kind, 'refused');
  assert.match((outcome as { reason: string }).reason, /purge_everything/);
});

test('Fastly is sent surrogate keys in a header, softly if so configured', async () => {
  const told = { status: 200, body: { 'product:river-flask': '1-2-3', products: '1-2-4' } };
  const hard = await askedFor(fastly, tags, told);
  assert.deepEqual(hard.outcome, { kind: 'purged' });
  assert.equal(`${hard.asked.method} ${hard.asked.path}`, 'POST /service/service1/purge');
  assert.equal(hard.asked.headers['fastly-key'], 'secret');
  assert.equal(hard.asked.headers['surrogate-key'], 'product:river-flask products');
  assert.equal(hard.asked.headers['fastly-soft-purge'], undefined);
  const soft = await askedFor((apiUrl) => fastly(apiUrl, true), tags, told);
  assert.equal(soft.asked.headers['fastly-soft-purge'], '1');
});

test('Fastly is sent a URL without its scheme, and everything without softness', async () => {
  const told = { status: 200, body: { status: 'ok', id: '1' } };
  const one = await askedFor(fastly, { kind: 'url', names: [url] }, told);
  assert.equal(`${one.asked.method} ${one.asked.path}`, 'POST /purge/shop.example/v1/products?sort=price');
  const all = await askedFor((apiUrl) => fastly(apiUrl, true), { kind: 'everything' }, told);
  assert.equal(`${all.asked.method} ${all.asked.path}`, 'POST /service/service1/purge_all');
  assert.equal(all.asked.headers['fastly-soft-purge'], undefined);
});

/** As Akamai's documentation tells its customers' signatures to be checked; written apart from what signs. */
function assertSigned({ method, path, headers, body }: AskedOf, host: string): void {
  const match =
    /^EG1-HMAC-SHA256 (client_token=client;access_token=access;timestamp=([^;]+);nonce=[\w-]{20,};)signature=(.+)$/.exec(
      headers.authorization ?? '',
    );
  assert(match !== null, `not signed as it should be: ${headers.authorization}`);
  const [, fields = '', timestamp = '', signature] = match;
  assert.equal(timestamp, '20261128T06:00:01+0000');
  const bodyHash = createHash('sha256').update(body).digest('base64');
  const signed = `${method}\thttp\t${host}\t${path}\t\t${bodyHash}\tEG1-HMAC-SHA256 ${fields}`;
  const key = createHmac('sha256', keys.clientSecret).update(timestamp).digest('base64');
  assert.equal(signature, createHmac('sha256', key).update(signed).digest('base64'));
}

test('Akamai is sent signed objects, deleted or invalidated', async () => {
  const told = {
    status: 201,
    body: { httpStatus: 201, detail: 'Request accepted', estimatedSeconds: 5, purgeId: 'p' },
  };
  const cases: [CdnBatch, { isSoft?: boolean; cpCode?: number }, string, unknown[]][] = [
    [tags, {}, '/ccu/v3/delete/tag/staging', ['product:river-flask', 'products']],
    [{ kind: 'url', names: [url] }, { isSoft: true }, '/ccu/v3/invalidate/url/staging', [url]],
    [{ kind: 'everything' }, { cpCode: 12345 }, '/ccu/v3/delete/cpcode/staging', [12345]],
  ];
  for (const [batch, options, path, objects] of cases) {
    const { outcome, asked, apiUrl } = await askedFor((apiUrl) => akamai(apiUrl, options), batch, told);
    assert.deepEqual(outcome, { kind: 'purged' });
    assert.equal(`${asked.method} ${asked.path}`, `POST ${path}`);
    assert.equal(asked.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(asked.body), { objects });
    assertSigned(asked, new URL(apiUrl).host);
  }
});

test('Akamai cannot purge everything without a CP code, and says what to set', async () => {
  const outcome = await akamai('http://127.0.0.1:9').purge({ kind: 'everything' });
  assert.deepEqual(
    outcome.kind === 'refused' && outcome.reason,
    'Akamai purges everything by CP code only: set edge.cdn.cpCode.',
  );
});

test('the largest batch of Akamai fits into the 50,000 bytes that it takes', () => {
  const { batchMax } = akamai('http://127.0.0.1:9');
  assert(JSON.stringify({ objects: Array(batchMax.tag).fill('x'.repeat(128)) }).length < 50_000);
  assert(JSON.stringify({ objects: Array(batchMax.url).fill('x'.repeat(2048)) }).length < 50_000);
});

const each = [
  ['Cloudflare', cloudflare, { success: false, errors: [{ code: 10000, message: 'Authentication error' }] }],
  ['Fastly', fastly, { msg: 'Provided credentials are missing or invalid' }],
  ['Akamai', akamai, { title: 'Not authorized', detail: 'Signature does not match' }],
] as const;

for (const [name, create, body] of each) {
  test(`${name}: what is too much or broken is later, a refusal of ourselves is one clear sentence`, async () => {
    for (const status of [500, 502, 503, 429, 408]) {
      const { outcome } = await askedFor(create, tags, { status, body, headers: { 'retry-after': '7' } });
      assert.equal(outcome.kind, 'later', String(status));
      assert.equal(outcome.kind === 'later' && outcome.afterMs, 7_000);
    }
    for (const status of [401, 403]) {
      const { outcome } = await askedFor(create, tags, { status, body });
      assert(outcome.kind === 'refused' && outcome.isAboutUs, String(status));
      assert.match(outcome.reason, new RegExp(`^${name} refuses us \\(${status}: .+\\)\\. Check ONRUSH_CDN_.+\\.$`));
      assert(!outcome.reason.includes('secret'));
    }
    const bad = await askedFor(create, tags, { status: 400, body });
    assert(bad.outcome.kind === 'refused' && !bad.outcome.isAboutUs);
    const redirect = await askedFor(create, tags, { status: 302, headers: { location: 'http://127.0.0.1:9/' } });
    assert.equal(redirect.outcome.kind, 'refused');
  });

  test(`${name}: no answer, half an answer and a late one are later`, async () => {
    const cut = await askedFor(create, tags, { status: 200, isCut: true });
    assert.equal(cut.outcome.kind, 'later');
    const away = await create('http://127.0.0.1:9').purge(tags);
    assert(away.kind === 'later');
    assert.match(away.reason, /cannot be reached \(.+\)\.$/);
  });
}

test('what cannot be sent is refused, not tried for ever', async () => {
  const outcome = await fastly('http://127.0.0.1:9').purge({ kind: 'tag', names: ['line\nbreak'] });
  assert(outcome.kind === 'refused' && !outcome.isAboutUs, JSON.stringify(outcome));
});

test('an API that does not answer in time is asked again later', async () => {
  const gate = Promise.withResolvers<Told>();
  const api = await startStandIn(() => gate.promise);
  const impatient = createFastly({ apiUrl: api.url, serviceId: 's', token: 't', isSoft: false, timeoutMs: 30 });
  const outcome = await impatient.purge(tags);
  gate.resolve({ status: 200 });
  assert.match(outcome.kind === 'later' ? outcome.reason : '', /does not answer within 30 ms/);
});

test('Retry-After is seconds or a date by the clock of who sends it, and bounded', () => {
  const date = 'Sat, 28 Nov 2026 06:00:00 GMT';
  assert.equal(retryAfterMs('3', null), 3_000);
  assert.equal(retryAfterMs('Sat, 28 Nov 2026 06:01:00 GMT', date), 60_000);
  assert.equal(retryAfterMs('Sat, 28 Nov 2026 05:00:00 GMT', date), 0);
  assert.equal(retryAfterMs('999999999', null), 3_600_000);
  for (const nonsense of [null, 'soon', '-1', '']) assert.equal(retryAfterMs(nonsense, date), undefined);
});
