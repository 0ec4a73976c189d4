import assert from 'node:assert/strict';
import test from 'node:test';
import { newId, randomBucket } from '../../platform/database/id.ts';
import { until } from '../../platform/testing/until.ts';
import { formOf, pagesBench, textOf, type Visitor, well } from '../testing.ts';

const shop = await pagesBench();
const { ctx, waitingRoom } = shop;
await ctx.events.start();

/** A sale that has begun, with a room before it that calls one place in ten seconds, and one who waits there already. */
async function openRoom() {
  const { variantId } = await shop.newVariant(9900, 10);
  const startsAtMs = ctx.clock.nowMs();
  const items = [{ variantId, currency: 'USD', amountMinor: 4900 }];
  const sale = { name: 'The tide', startsAtMs, endsAtMs: startsAtMs + 3_600_000, items };
  const { saleId } = well(await shop.peers.promotion.createSale({ body: sale }));
  const roomId = newId(randomBucket(), ctx.clock.nowMs());
  const params = { roomId };
  well(await shop.peers.waitingRoom.putRoom({ params, body: { saleId, switchedBy: 'schedule', pacePerSMax: 0.1 } }));
  well(await shop.peers.waitingRoom.takeTicket({ params, body: {} }));
  await ticks(4);
  return { variantId, roomId, path: `/waiting-room/${roomId}?to=%2Fcart`, bare: `/waiting-room/${roomId}` };
}

async function ticks(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    ctx.clock.advance(250);
    await waitingRoom.tick();
  }
}

async function issuedOf(roomId: string): Promise<number> {
  await ticks(1);
  return well(await shop.peers.waitingRoom.getRoom({ params: { roomId } })).issuedCount;
}

const viewOf = (html: string) => /<body data-view="(\w+)"/.exec(html)?.[1];
const refreshOf = (html: string) => /http-equiv="refresh" content="\d+;url=([^"]*)"/.exec(html)?.[1];
const ticketIn = ({ cookies }: Visitor, roomId: string) => cookies.has(`onrush_ticket_${roomId}`);
const ahead: readonly Record<string, string>[] = [
  { 'sec-purpose': 'prefetch;prerender' },
  { purpose: 'prefetch' },
  { 'x-moz': 'prefetch' },
  { 'x-purpose': 'preview' },
];

/** One request of who holds these cookies. */
function ask(path: string, cookies: Visitor['cookies'], init: RequestInit = {}): Promise<Response> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = { accept: 'text/html', ...(cookie !== '' && { cookie }), ...(init.headers as object) };
  return fetch(`${shop.url}${path}`, { ...init, headers, redirect: 'manual' });
}

test('a page that nobody looks at takes no place; shown, it takes one by itself', async () => {
  const { roomId, path } = await openRoom();
  const visitor = shop.visitor();
  const head = await visitor.get(path, { method: 'HEAD' });
  assert.deepEqual([head.status, head.url], [200, path]);
  for (const headers of ahead) {
    const page = await visitor.get(path, { headers });
    assert.deepEqual([page.status, viewOf(page.html), visitor.cookies.size], [200, 'entering', 0]);
    assert.equal(refreshOf(page.html), path, 'without a script');
    assert.match(page.html, new RegExp(`data-go="${path.replaceAll(/[?]/g, '\\$&')}"`), 'with one');
  }
  assert.equal(await issuedOf(roomId), 1);
  const shown = await visitor.get(path);
  assert.equal(viewOf(shown.html), 'waiting');
  assert.equal(await issuedOf(roomId), 2);
});

test('nobody is let in by a page that nobody looks at', async () => {
  const { roomId, path, bare } = await openRoom();
  const visitor = shop.visitor();
  await visitor.get(path);
  await ticks(100);
  for (const address of [path, `${bare}/leave?to=%2Fcart`]) {
    for (const headers of ahead) {
      assert.equal(viewOf((await visitor.get(address, { headers })).html), 'called');
    }
    await visitor.get(address, { method: 'HEAD' });
  }
  assert(!visitor.cookies.has(`onrush_pass_${roomId}`));
  assert.equal((await visitor.get(path)).url, '/cart');
});

test('a browser that keeps no cookies takes no place, however often it asks, and is told what it takes', async () => {
  const { roomId, path, bare } = await openRoom();
  const none = new Map<string, string>();
  for (let load = 0; load < 3; load++) {
    const first = await ask(path, none);
    assert.equal(first.status, 303);
    const told = await ask(first.headers.get('location') ?? '', none);
    const html = await told.text();
    assert.deepEqual([told.status, viewOf(html), refreshOf(html)], [200, 'cookieless', undefined]);
    assert.match(textOf(html), /allow cookies/);
    assert.deepEqual(formOf(html, ''), { action: '', fields: { to: '/cart' } });
    const retried = await ask(`${bare}/tickets`, none, { method: 'POST' });
    assert.deepEqual([retried.status, retried.headers.get('location')], [303, bare]);
  }
  const chinese = await ask((await ask(`/zh${path}`, none)).headers.get('location') ?? '', none);
  assert.match(textOf(await chinese.text()), /请允许本站使用 Cookie/);
  assert.equal(await issuedOf(roomId), 1);
});

test('a program takes a ticket with a request that has no body', async () => {
  const { roomId } = await openRoom();
  const taken = await fetch(`${shop.url}/v1/waiting-rooms/${roomId}/tickets`, { method: 'POST' });
  assert.equal(taken.status, 201);
  assert.equal(((await taken.json()) as { number: number }).number, 1);
});

test('a browser that keeps cookies has its place with the second answer, under an address that can be loaded, shared and come back to', async () => {
  const { roomId, path } = await openRoom();
  const visitor = shop.visitor();
  const arrival = await visitor.get(path);
  assert.equal(viewOf(arrival.html), 'waiting');
  assert(ticketIn(visitor, roomId));
  // What the first answer added to the address is gone with the next look.
  assert.equal(refreshOf(arrival.html), path);
  for (const again of [arrival.url, path, path, arrival.url]) {
    const seen = await visitor.get(again);
    assert.deepEqual([viewOf(seen.html), seen.url], ['waiting', again]);
  }
  assert.equal(await issuedOf(roomId), 2);
  const friend = await shop.visitor().get(refreshOf(arrival.html) ?? '');
  assert.equal(viewOf(friend.html), 'waiting');
  const known = shop.visitor();
  known.cookies.set('onrush_cart_count', '1');
  assert.equal((await ask(path, known.cookies)).status, 200, 'that it keeps cookies is known by any of them');
});

test('a page whose ticket has bought says so, and not that its place was given up', async () => {
  const { variantId, roomId, path } = await openRoom();
  const visitor = shop.visitor();
  await visitor.get(path);
  const ticket = visitor.cookies.get(`onrush_ticket_${roomId}`) ?? '';
  await ticks(100);
  await visitor.get(path);
  const [pass = '', buyer = ''] = [`onrush_pass_${roomId}`, 'onrush_buyer'].map((name) => visitor.cookies.get(name));
  const quoted = await shop.peers.quote.createQuote({ body: { lines: [{ variantId, quantity: 1 }], buyer, pass } });
  well(await shop.peers.checkout.placeOrder({ body: { quote: well(quoted).quote } }));
  await until(
    async () => {
      // As an answer that was on its way to another tab brings it back.
      visitor.cookies.set(`onrush_ticket_${roomId}`, ticket);
      return viewOf((await visitor.get(path)).html) === 'used';
    },
    { what: 'the room has heard of the order' },
  );
});
