import assert from 'node:assert/strict';
import test from 'node:test';
import { problemKinds } from './problem.ts';
import { testServer } from './testing.ts';

const { ask, url } = await testServer();
const html = { accept: 'text/html,application/xhtml+xml' };

test('the root tells programs and people what this is and where to read on', async () => {
  const json = await ask('GET', '/v1');
  assert.deepEqual(json.body, {
    title: 'Notes',
    version: '1.0.0',
    docs: '/docs/',
    openapi: '/openapi.json',
    problems: '/problems',
  });
  const page = await ask('GET', '/v1', undefined, html);
  assert.match(page.body, /<h1>Notes<\/h1>/);
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  for (const [, link] of page.body.matchAll(/href="(\/[^"]*)"/g))
    assert.equal((await ask('GET', link)).status, 200, link);
});

test('every kind of problem has a page, for people and programs', async () => {
  for (const [slug, [status, title]] of Object.entries(problemKinds)) {
    const json = await ask('GET', `/problems/${slug}`);
    assert.equal(json.status, 200);
    assert.deepEqual([json.body.status, json.body.title], [status, title]);
    const page = await ask('GET', `/problems/${slug}`, undefined, html);
    assert(page.body.includes(slug));
  }
  for (const unknown of ['nothing', '__proto__', 'constructor', '<script>']) {
    assert.equal((await ask('GET', `/problems/${unknown}`, undefined, html)).status, 404);
  }
  assert.equal((await ask('GET', '/problems')).body.items.length, Object.keys(problemKinds).length);
});

test('the contract is cacheable by its tag', async () => {
  const first = await ask('GET', '/openapi.json');
  const etag = first.headers.get('etag') ?? '';
  assert.equal((await ask('GET', '/openapi.json', undefined, { 'if-none-match': etag })).status, 304);
});

test('the reference is served from here alone, compressed', async () => {
  const moved = await ask('GET', '/docs');
  assert.equal(moved.headers.get('location'), '/docs/');
  const page = await ask('GET', '/docs/');
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.body, /https?:\/\//);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /connect-src 'self'/);
  const [, script] = /<script src="([^"]+)"/.exec(page.body) ?? [];
  const scriptUrl = new URL(script ?? '', `${url}/docs/`);
  for (const encoding of ['br', 'gzip', 'identity']) {
    const response = await fetch(scriptUrl, { headers: { 'accept-encoding': encoding } });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-encoding'), encoding === 'identity' ? null : encoding);
    assert((await response.text()).length > 1_000_000);
  }
});
