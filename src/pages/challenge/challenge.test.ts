import assert from 'node:assert/strict';
import test from 'node:test';
import type { Challenge } from '../../edge/challenge/api.ts';
import { solved } from '../../edge/challenge/testing.ts';
import { formOf, pagesBench, type Seen, textOf } from '../testing.ts';

const suspicion = { level: 0 };
const shop = await pagesBench({
  client: {
    factsOf: () => ({ prefix: '192.0.2.7', suspicion: suspicion.level }),
    codeOf: (prefix) => `code-of-${prefix}`,
  },
});
const address = { email: 'ann@example.org', name: 'Ann', line1: 'Street 1', city: 'Ulm', countryCode: 'DE' };

function challengeOn({ html }: Pick<Seen, 'html'>): Challenge {
  const [, json] = /data-challenge="([^"]*)"/.exec(html) ?? [];
  assert(json !== undefined, textOf(html));
  return JSON.parse(json.replaceAll('&quot;', '"'));
}

async function review() {
  const visitor = shop.visitor();
  const { variantId } = await shop.newVariant(2000);
  await visitor.post('/cart/lines', { variantId, quantity: '1', seen: '2000' });
  shop.ctx.clock.advance(10_000);
  const page = await visitor.send(await visitor.get('/checkout'), '/checkout', address);
  return { visitor, page, variantId };
}

test('a suspicious guest works before he orders, and the same form goes through', async (t) => {
  const { visitor, page } = await review();
  suspicion.level = 0.7;
  t.after(() => {
    suspicion.level = 0;
  });
  const between = await visitor.send(page, '/checkout/pay');
  assert.equal(between.status, 428);
  assert.match(textOf(between.html), /work to do/);
  const order = await visitor.send(between, '/checkout/pay', { challenge: await solved(challengeOn(between)) });
  assert.equal(order.status, 200);
  assert.match(order.url, /^\/orders\//);
});

test('without a script he waits, keeps his lock when he is too early, and goes through when it opens', async (t) => {
  const { visitor, page } = await review();
  suspicion.level = 0.7;
  t.after(() => {
    suspicion.level = 0;
  });
  const between = await visitor.send(page, '/checkout/pay');
  const waiting = await visitor.send(between, '/checkout/pay', { challenge: 'wait' });
  assert.equal(waiting.status, 428);
  assert.match(textOf(waiting.html), /In 16 seconds you can go on/);
  const lock = formOf(waiting.html, '/checkout/pay').fields.challenge;
  shop.ctx.clock.advance(6_000);
  const early = await visitor.send(waiting, '/checkout/pay');
  assert.match(textOf(early.html), /In 10 seconds/);
  assert.equal(formOf(early.html, '/checkout/pay').fields.challenge, lock);
  shop.ctx.clock.advance(10_000);
  const order = await visitor.send(early, '/checkout/pay');
  assert.match(order.url, /^\/orders\//);
});

test('who searches works once and goes on searching, by a cookie and not by the address', async (t) => {
  const visitor = shop.visitor();
  suspicion.level = 0.7;
  t.after(() => {
    suspicion.level = 0;
  });
  const between = await visitor.get('/zh/search?q=lantern');
  assert.equal(between.status, 428);
  const solution = await solved(challengeOn(between));
  const found = await visitor.get(`/zh/search?${new URLSearchParams({ q: 'lantern', challenge: solution })}`);
  assert.equal(found.status, 200);
  assert.equal(found.url, '/zh/search?q=lantern');
  assert.equal((await visitor.get('/search?q=other')).status, 200);
  assert.equal((await shop.visitor().get('/search?q=other')).status, 428);
});

test('a search that waits is loaded again by itself when the time has come', async (t) => {
  const visitor = shop.visitor();
  suspicion.level = 0.7;
  t.after(() => {
    suspicion.level = 0;
  });
  const waiting = await visitor.get('/search?q=lantern&challenge=wait');
  const [, seconds, to] = /http-equiv="refresh" content="(\d+); url=([^"]*)"/.exec(waiting.html) ?? [];
  assert(to !== undefined);
  shop.ctx.clock.advance(Number(seconds) * 1000);
  assert.equal((await visitor.get(to.replaceAll('&amp;', '&'))).status, 200);
});

test('a program gets the puzzle in the problem, and an answer for its solution', async (t) => {
  suspicion.level = 1;
  t.after(() => {
    suspicion.level = 0;
  });
  const url = `${shop.url}/v1/search?q=lantern`;
  const asked = await fetch(url);
  assert.equal(asked.status, 428);
  assert.match(asked.headers.get('cache-control') ?? '', /no-store/);
  const problem = (await asked.json()) as { type: string; reason: string; challenge: Challenge };
  assert.equal(problem.type, '/problems/challenge-required');
  assert.equal(problem.reason, 'none');
  assert.equal(problem.challenge.parameters.data?.counterMax, 6400);
  suspicion.level = 0.6;
  const beforehand = await fetch(`${shop.url}/v1/challenge?purpose=search`);
  assert.equal(beforehand.headers.get('cache-control'), 'no-store');
  const solution = await solved((await beforehand.json()) as Challenge);
  const answer = await fetch(url, { headers: { 'challenge-solution': solution } });
  assert.equal(answer.status, 200);
  assert.equal((await fetch(`${shop.url}/v1/challenge?purpose=robbery`)).status, 400);
});
