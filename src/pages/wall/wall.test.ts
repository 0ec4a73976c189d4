import assert from 'node:assert/strict';
import test from 'node:test';
import { pagesBench } from '../testing.ts';

const bench = await pagesBench();
const key = bench.ctx.signer.code('wall', 'wall');

async function get(path: string) {
  const response = await fetch(bench.url + path, { headers: { accept: 'text/html' } });
  return { status: response.status, headers: response.headers, html: await response.text() };
}

test('without its key the wall asks for it, in either language, and shows nothing', async () => {
  for (const [path, word] of [
    ['/wall', 'This wall is for staff'],
    ['/wall?key=wrong', 'This wall is for staff'],
    ['/zh/wall', '此大屏仅供员工查看'],
  ] as const) {
    const { status, html } = await get(path);
    assert.equal(status, 401);
    assert(html.includes(word));
    assert(!html.includes('data-part="wall"'));
  }
});

test('with its key the wall is there without a script: figures, chart, and a page that loads itself anew', async () => {
  const { variantId, title } = await bench.newVariant(4900, 10);
  const { body } = await bench.peers.quote
    .createQuote({
      body: {
        lines: [{ variantId, quantity: 3 }],
        deliveryAddress: { name: 'A', line1: 'B', city: 'C', countryCode: 'NO' },
      },
    })
    .then((reply) => {
      assert('body' in reply && reply.status === 201);
      return reply;
    });
  assert.equal((await bench.peers.checkout.placeOrder({ body: { quote: body.quote } })).status, 201);
  await bench.ctx.events.start();
  bench.ctx.events.nudge();
  let html = '';
  for (let tries = 0; tries < 400 && !html.includes('>NO<'); tries++) {
    bench.ctx.clock.advance(1_000);
    ({ html } = await get(`/wall?key=${key}`));
  }
  assert(html.includes('>NO<'), 'the country is in the matrix');
  assert(html.includes(title));
  assert.match(html, /7 left/);
  assert.match(html, /<polyline points="[^"]+"/);
  assert.match(html, /<noscript><meta http-equiv="refresh" content="5"/);
});

test('the wall is kept by nobody, found by no search engine, and styles nothing in its HTML', async () => {
  const { status, headers, html } = await get(`/zh/wall?key=${key}`);
  assert.equal(status, 200);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.match(headers.get('content-security-policy') ?? '', /style-src 'self'/);
  assert(!/\sstyle=/.test(html), 'no style attribute');
  assert(!/<style/.test(html));
  assert(html.includes('noindex'));
  assert(html.includes('成交金额'));
  assert(html.includes(`href="/wall?key=${key}"`), 'the other language keeps the key');
});

test('a key that is mark-up stays text', async () => {
  const { html } = await get(`/wall?key=${encodeURIComponent('"><script>alert(1)</script>')}`);
  assert(!html.includes('<script>alert'));
});
