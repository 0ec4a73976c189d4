import assert from 'node:assert/strict';
import test from 'node:test';
import type { Challenge } from '../../edge/challenge/api.ts';
import { solved } from '../../edge/challenge/testing.ts';
import { newId, randomBucket } from '../../platform/database/id.ts';
import { formOf, pagesBench, type Seen, textOf, well } from '../testing.ts';

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
  assert.match(textOf(between.html), /One moment, please/);
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
  // What only a script can do is said where only a script shows it.
  const shown = between.html.replace(/<div class="pow__work" hidden.*?<\/div>/s, '');
  assert.doesNotMatch(textOf(shown), /puzzle|by itself|your device/i);
  assert.match(textOf(shown), /Without JavaScript, a short wait/);
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

test('who fills the hidden field is served as anybody, and works before he orders', async () => {
  const visitor = shop.visitor();
  const { variantId } = await shop.newVariant(2000);
  await visitor.post('/cart/lines', { variantId, quantity: '1', seen: '2000', comments: 'Great shop, visit mine' });
  const checkout = await visitor.get('/checkout');
  assert.equal(checkout.status, 200);
  shop.ctx.clock.advance(10_000);
  const between = await visitor.send(await visitor.send(checkout, '/checkout', address), '/checkout/pay');
  assert.equal(between.status, 428);
  // Forgiven, so that the next test begins anew.
  shop.ctx.clock.advance(3_600_000);
});

test('a form that is sent in the moment it is shown, again and again, is a sign; one that takes its time is none', async () => {
  const { visitor, page } = await review();
  assert.equal(page.status, 200);
  const signs = () =>
    shop.ctx.metrics.series('onrush_challenge_signs_total').find(({ labels }) => labels.sign === 'hasty');
  const before = signs()?.value ?? 0;
  const again = await visitor.send(await visitor.get('/checkout'), '/checkout', address);
  assert.equal(again.status, 200);
  assert.equal(signs()?.value, before + 1);
  const forged = await visitor.send(await visitor.get('/checkout'), '/checkout', { ...address, stamp: 'stamp-0.AAAA' });
  assert.equal(forged.status, 200);
  assert.equal((await visitor.send(again, '/checkout/pay')).status, 428);
});

test('nobody sees, hears or reaches the hidden field', async () => {
  const { visitor } = await review();
  const { html } = await visitor.get('/checkout');
  assert.match(html, /<div class="honeypot" aria-hidden="true">/);
  assert.match(html, /<input type="text" name="comments" tabindex="-1" autocomplete="off"/);
});

test('who is to work before he lines up does so at the queue, by script or by waiting, and has one place then', async (t) => {
  const { variantId } = await shop.newVariant(9900, 10);
  const nowMs = shop.ctx.clock.nowMs();
  const items = [{ variantId, currency: 'USD', amountMinor: 4900 }];
  const sale = { name: 'The tide', startsAtMs: nowMs, endsAtMs: nowMs + 3_600_000, items };
  const { saleId } = well(await shop.peers.promotion.createSale({ body: sale }));
  const roomId = newId(randomBucket(), nowMs);
  const room = { name: 'High water', saleId, switchedBy: 'schedule' as const };
  well(await shop.peers.waitingRoom.putRoom({ params: { roomId }, body: room }));
  suspicion.level = 0.7;
  t.after(() => {
    suspicion.level = 0;
  });
  const path = `/waiting-room/${roomId}`;
  const visitor = shop.visitor();
  const between = await visitor.get(`${path}?to=/cart`);
  assert.equal(between.status, 428);
  assert.deepEqual(formOf(between.html, path).fields.to, '/cart');
  const solution = await solved(challengeOn(between));
  const queue = await visitor.get(`${path}?${new URLSearchParams({ to: '/cart', challenge: solution })}`);
  assert.equal(queue.status, 200);
  assert.equal(queue.url, `${path}?to=%2Fcart`);
  assert(visitor.cookies.has(`onrush_ticket_${roomId}`));

  const unscripted = shop.visitor();
  await unscripted.get(path);
  const waiting = await unscripted.get(`${path}?challenge=wait`);
  const [, seconds, to = ''] = /http-equiv="refresh" content="(\d+); url=([^"]*)"/.exec(waiting.html) ?? [];
  shop.ctx.clock.advance(Number(seconds) * 1000);
  assert.equal((await unscripted.get(to.replaceAll('&amp;', '&'))).url, path);
  assert(unscripted.cookies.has(`onrush_ticket_${roomId}`));
});
