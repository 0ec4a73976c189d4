import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pagesBench, textOf } from '../testing.ts';

const off = new Set<string>();
const shop = await pagesBench({ features: { isOn: (name) => !off.has(name), retryAfterS: () => 42 } });
await shop.newVariant(1900);
const visitor = shop.visitor();

test('while filters rest, lists are offered without them, and say so', async () => {
  const whole = await visitor.get('/browse?maker=nobody');
  assert.match(whole.html, /<form class="filter__form"/);
  off.add('browse-filters');
  const page = await visitor.get('/browse?maker=nobody&sort=price');
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.html, /filter__form/);
  assert.match(textOf(page.html), /cannot be narrowed down/);
  assert.match(textOf(page.html), /Lantern 0/, 'the plain list');
  assert.match(textOf((await visitor.get('/zh/browse')).html), /暂时不能筛选/);
  off.clear();
  assert.match((await visitor.get('/browse?maker=nobody')).html, /filter__form/);
});

test('while the search rests its page says so and leads on, and the API answers with a problem', async () => {
  off.add('search');
  const page = await visitor.get('/search?q=lantern');
  assert.equal(page.status, 503);
  assert.equal(page.headers.get('retry-after'), '42');
  assert.match(textOf(page.html), /The search rests/);
  assert.match(page.html, /href="\/browse"/);
  const answer = await fetch(`${shop.url}/v1/search?q=lantern`);
  assert.equal(answer.status, 503);
  assert.equal(((await answer.json()) as { type: string }).type, '/problems/switched-off');
  off.clear();
  assert.equal((await visitor.get('/search?q=lantern')).status, 200);
});

test('suggestions go quiet, and the wall has a page of its own to say that it rests', async () => {
  off.add('search-suggestions').add('wall');
  assert.equal((await fetch(`${shop.url}/v1/storefront/suggestions?q=la&locale=en`)).status, 503);
  const wall = await visitor.get('/wall');
  assert.equal(wall.status, 503);
  assert.equal(wall.headers.get('retry-after'), '42');
  assert.match(textOf(wall.html), /rests for a while .* Search the shop/s);
  off.add('search');
  assert.match(textOf((await visitor.get('/wall')).html), /Look through everything/, 'no way into what rests too');
  assert.doesNotMatch(textOf((await visitor.get('/wall')).html), /Search the shop/);
  off.clear();
});
