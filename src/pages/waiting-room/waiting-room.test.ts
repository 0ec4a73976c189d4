import assert from 'node:assert/strict';
import test from 'node:test';
import type { RoomInput } from '../../edge/waiting-room/api.ts';
import { defaultRoomSettings } from '../../edge/waiting-room/settings.ts';
import { newId, randomBucket } from '../../platform/database/id.ts';
import { formOf, pagesBench, type Seen, textOf, type Visitor, well } from '../testing.ts';

// Minutes are seconds here: the rooms move on in steps, and each is a transaction.
const roomSettings = { ...defaultRoomSettings, leaveAfterMs: 20_000, claimWithinMs: 12_000, passTtlMs: 20_000 };
const shop = await pagesBench({ roomSettings });
const { ctx, waitingRoom } = shop;
const address = { email: 'ann@example.org', name: 'Ann', line1: 'Street 1', city: 'Ulm', countryCode: 'DE' };

/** A sale that opens in three seconds, of so many units, with a waiting room before it that gives out tickets. */
async function queuedSale(units: number, room: Partial<RoomInput> = {}) {
  return queuedSaleOf(await shop.newVariant(9900, units), 4900, room);
}

async function queuedSaleOf<T extends { variantId: string }>(
  thing: T,
  amountMinor: number,
  room: Partial<RoomInput> = {},
) {
  const startsAtMs = ctx.clock.nowMs() + 3_000;
  const items = [{ variantId: thing.variantId, currency: 'USD', amountMinor }];
  const sale = { name: 'The tide', startsAtMs, endsAtMs: startsAtMs + 3_600_000, items };
  const { saleId } = well(await shop.peers.promotion.createSale({ body: sale }));
  const roomId = newId(randomBucket(), ctx.clock.nowMs());
  const body: RoomInput = { name: 'High water', saleId, switchedBy: 'schedule', pacePerSMax: 4, ...room };
  well(await shop.peers.waitingRoom.putRoom({ params: { roomId }, body }));
  return { ...thing, saleId, roomId, path: `/waiting-room/${roomId}` };
}

/** The clock runs, and the rooms with it; in steps that are too short to be taken for a standstill. */
async function pass(ms: number, stepMs = 250): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    ctx.clock.advance(Math.min(stepMs, left));
    await waitingRoom.tick();
  }
}

const ticketOf = ({ cookies }: Visitor, roomId: string) => cookies.get(`onrush_ticket_${roomId}`)?.split('~')[1] ?? '';
const numberOf = (ticket: string) =>
  (JSON.parse(Buffer.from(ticket.split('.')[1] ?? '', 'base64url').toString()) as { n?: number }).n;
const issuedOf = async (roomId: string) =>
  well(await shop.peers.waitingRoom.getRoom({ params: { roomId } })).issuedCount;
const viewOf = ({ html }: Seen) => /<body data-view="(\w+)"/.exec(html)?.[1];

test('a place is taken on arrival, kept through reload and another tab, and is nobody else’s to cache', async () => {
  const { path, roomId } = await queuedSale(10);
  const visitor = shop.visitor();
  const arrival = await visitor.get(path);
  assert.match(textOf(arrival.html), /be back within 20 seconds/, 'as the settings say');
  assert.deepEqual([arrival.status, viewOf(arrival)], [200, 'before']);
  assert.match(arrival.headers.get('cache-control') ?? '', /no-store/);
  const [cookie] = arrival.headers.getSetCookie().filter((each) => each.startsWith('onrush_ticket_'));
  assert.match(cookie ?? '', /HttpOnly/);
  assert.match(cookie ?? '', /SameSite=Lax/);
  const number = numberOf(ticketOf(visitor, roomId));
  for (const again of [path, `/zh${path}`, `${path}?to=/cart`]) {
    await visitor.get(again);
    assert.equal(numberOf(ticketOf(visitor, roomId)), number);
  }
  await pass(250);
  assert.equal(await issuedOf(roomId), 1);
});

test('from the button to the order: lined up, called, let in to where he was, bought; all without a script', async () => {
  const { variantId, roomId, saleId } = await queuedSale(40);
  const others = await Promise.all(Array.from({ length: 12 }, () => takeTicket(roomId)));
  await pass(3_250);
  const visitor = shop.visitor();
  await visitor.get('/cart');
  await visitor.post('/cart/lines', { variantId, quantity: '1', seen: '4900' });
  const before = await issuedOf(roomId);
  await visitor.get('/cart');
  await waitingRoom.tick();
  assert.equal(await issuedOf(roomId), before, 'who looks at his cart takes no place');
  const waiting = await visitor.send(await visitor.get('/checkout'), '/checkout', address);
  assert.deepEqual([viewOf(waiting), waiting.url], ['waiting', `/waiting-room/${roomId}?to=%2Fcheckout%2Freview`]);
  assert.match(textOf(waiting.html), /ahead of you Your place 13/);
  await pass(250);
  assert.equal(await issuedOf(roomId), before + 1);
  assert.equal(others.length, 12);

  await pass(6_000);
  const review = await visitor.get(waiting.url);
  assert.deepEqual([review.status, review.url], [200, '/checkout/review']);
  assert(visitor.cookies.has(`onrush_pass_${roomId}`));
  const order = await visitor.send(review, '/checkout/pay');
  assert.match(textOf(order.html), /Thank you/);
  assert(!visitor.cookies.has(`onrush_pass_${roomId}`), 'a pass that was used is not kept');
  assert(!visitor.cookies.has(`onrush_ticket_${roomId}`));
  assert.equal((await visitor.get(`/sales/${saleId}`)).status, 200);
});

test('a script is told how far he is, and where to go when it is his turn', async () => {
  const { path, roomId } = await queuedSale(10);
  const visitor = shop.visitor();
  const news = async () =>
    JSON.parse((await visitor.get(`${path}?to=/cart`, { headers: { accept: 'application/json' } })).html);
  assert.equal((await news()).view, 'cookieless', 'a script without a ticket takes none');
  assert.equal(await issuedOf(roomId), 0);
  await visitor.get(path);
  assert.equal((await news()).view, 'before');
  await pass(5_000);
  const called = await news();
  assert.deepEqual([called.view, called.go], ['called', '/cart']);
  assert(visitor.cookies.has(`onrush_pass_${roomId}`));
});

test('who waits is answered from memory as the route would answer him, and the route is not asked', async () => {
  const { path, roomId } = await queuedSale(10, { pacePerSMax: 0.1 });
  const visitor = shop.visitor();
  for (let index = 0; index < 3; index++) await takeTicket(roomId);
  await visitor.get(path);
  await pass(5_000);
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const ask = async (path: string) => {
    const headers = { accept: 'application/json', cookie, 'x-request-id': 'a-test' };
    const response = await fetch(`${shop.url}${path}`, { headers });
    const told = Object.fromEntries([...response.headers].filter(([name]) => name !== 'date'));
    return { status: response.status, headers: told, body: await response.json() };
  };
  const looks = async (get: () => Promise<unknown>) => {
    let looks = 0;
    const { getRoom } = shop.peers.waitingRoom;
    const counting: typeof getRoom = (...asked) => {
      looks += 1;
      return getRoom(...asked);
    };
    Object.assign(shop.peers.waitingRoom, { getRoom: counting });
    const answer = await get();
    Object.assign(shop.peers.waitingRoom, { getRoom });
    return { answer, looks };
  };
  for (const prefix of ['', '/zh']) {
    const atOnce = await looks(() => ask(`${prefix}${path}?to=/cart`));
    // The same path, in a way that only a router reads.
    const escaped = path.replace(roomId, `%${roomId.charCodeAt(0).toString(16)}${roomId.slice(1)}`);
    const routed = await looks(() => ask(`${prefix}${escaped}?to=/cart`));
    assert.deepEqual([atOnce.looks, routed.looks], [0, 1]);
    assert.deepEqual(atOnce.answer, routed.answer);
    assert.equal((atOnce.answer as { body: { view: string } }).body.view, 'waiting');
  }
});

test('who was let in and let his turn pass is told so, and lines up again', async () => {
  const { variantId, path, roomId } = await queuedSale(10);
  const visitor = shop.visitor();
  await visitor.get(path);
  await visitor.post('/cart/lines', { variantId, quantity: '1', seen: '4900' });
  await pass(5_000);
  await visitor.send(await visitor.get('/checkout'), '/checkout', address);
  const review = await visitor.get(`${path}?to=/checkout/review`);
  assert.equal(review.url, '/checkout/review');
  const first = numberOf(ticketOf(visitor, roomId));
  await pass(24_000, 4_000);
  const late = await visitor.get('/checkout/review');
  assert.equal(late.status, 403);
  assert.match(textOf(late.html), /Your turn is over/);
  assert.equal(viewOf(await visitor.get(path)), 'missed');
  const again = await visitor.send(late, `/waiting-room/${roomId}/tickets`);
  assert.match(again.url, /^\/(waiting-room|checkout\/review)/);
  assert.notEqual(numberOf(ticketOf(visitor, roomId)), first);
});

test('a place that was given up is told in one sentence, with a button for a new one', async () => {
  const { path, roomId } = await queuedSale(10);
  const visitor = shop.visitor();
  await visitor.get(path);
  const first = numberOf(ticketOf(visitor, roomId));
  await pass(40_000, 4_000);
  const lost = await visitor.get(path);
  assert.deepEqual([lost.status, viewOf(lost)], [200, 'lost']);
  await visitor.send(lost, formOf(lost.html, /tickets$/).action);
  assert.notEqual(numberOf(ticketOf(visitor, roomId)), first);
});

test('who leaves the line has no place any more, and none of his pages takes a new one by itself', async () => {
  const { path, roomId } = await queuedSale(40, { pacePerSMax: 1 });
  await pass(3_250);
  const others = [await takeTicket(roomId), await takeTicket(roomId)];
  const visitor = shop.visitor();
  const waiting = await visitor.get(`${path}?to=/cart`);
  assert.equal(viewOf(waiting), 'waiting');
  const copied = ticketOf(visitor, roomId);
  const asked = await visitor.get(/href="([^"]*\/leave[^"]*)"/.exec(waiting.html)?.[1] ?? '');
  assert.deepEqual([asked.url, viewOf(asked)], [`${path}/leave?to=%2Fcart`, 'leaving']);
  assert.equal(numberOf(ticketOf(visitor, roomId)), others.length, 'who is asked still has his place');
  const late = visitor.cookies.get(`onrush_ticket_${roomId}`) ?? '';

  const left = await visitor.send(asked, `${path}/leave`);
  assert.deepEqual([left.url, viewOf(left)], [`${path}?to=%2Fcart`, 'left']);
  assert.equal(ticketOf(visitor, roomId), '');
  const again = await visitor.get(path);
  const script = await visitor.get(path, { headers: { accept: 'application/json' } });
  assert.deepEqual([viewOf(again), JSON.parse(script.html).view], ['left', 'left']);
  assert.equal(await issuedOf(roomId), others.length + 1);
  const copy = await shop.peers.waitingRoom.takePass({ params: { roomId } }, { credential: copied });
  assert.equal(copy.status, 401);
  // What another tab had asked before comes late, and brings the ticket back.
  visitor.cookies.set(`onrush_ticket_${roomId}`, late);
  assert.equal(viewOf(await visitor.get(path)), 'left');
  assert.equal(viewOf(await visitor.post(`${path}/leave`, {})), 'left', 'twice is once');

  const back = await visitor.send(again, `${path}/tickets`);
  assert.equal(viewOf(back), 'waiting');
  assert.equal(numberOf(ticketOf(visitor, roomId)), others.length + 1);
});

test('nobody leaves a room that is not there, unless he has a ticket of it', async () => {
  const roomId = newId(randomBucket(), ctx.clock.nowMs());
  const leave = (cookie: string) =>
    fetch(`${shop.url}/waiting-room/${roomId}/leave`, { method: 'POST', headers: { cookie }, redirect: 'manual' });
  const stranger = await leave('');
  assert.deepEqual([stranger.status, stranger.headers.getSetCookie()], [404, []]);
  for (const value of ['3~a.ticket', 'left']) {
    const left = await leave(`onrush_ticket_${roomId}=${value}`);
    assert.deepEqual([left.status, left.headers.getSetCookie().length], [303, 3], value);
  }
});

test('who thinks about leaving is let in when it is his turn, and no other site makes him leave', async () => {
  const { path, roomId } = await queuedSale(10);
  const visitor = shop.visitor();
  await visitor.get(path);
  const number = numberOf(ticketOf(visitor, roomId));
  const cookie = `onrush_ticket_${roomId}=${visitor.cookies.get(`onrush_ticket_${roomId}`)}`;
  const forged = await fetch(`${shop.url}${path}/leave`, {
    method: 'POST',
    headers: { cookie, 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(forged.status, 403);
  assert.equal(viewOf(await visitor.get(`${path}/leave`)), 'leaving');
  assert.equal(numberOf(ticketOf(visitor, roomId)), number);
  await pass(5_000);
  assert.equal((await visitor.get(`${path}/leave?to=/cart`)).url, '/cart');
  assert(visitor.cookies.has(`onrush_pass_${roomId}`));
  const stranger = shop.visitor();
  assert.equal(
    viewOf(await stranger.get(`${path}/leave`)),
    'waiting',
    'who has no place is not asked whether he gives it up',
  );
});

test('a used pass is good for nothing more, which is told where it is tried', async () => {
  const { variantId, path, roomId } = await queuedSale(10);
  const visitor = shop.visitor();
  await visitor.get(path);
  await pass(5_000);
  await visitor.get(path);
  const [pass_, until, ticket] = ['pass', 'in', 'ticket'].map(
    (kind) => visitor.cookies.get(`onrush_${kind}_${roomId}`) ?? '',
  );
  for (const [index, wanted] of [/Thank you/, /Your pass has been used/].entries()) {
    visitor.cookies.set(`onrush_pass_${roomId}`, pass_ ?? '');
    visitor.cookies.set(`onrush_in_${roomId}`, until ?? '');
    visitor.cookies.set(`onrush_ticket_${roomId}`, ticket ?? '');
    await visitor.post('/cart/lines', { variantId, quantity: '1', seen: '4900' });
    const review = await visitor.send(await visitor.get('/checkout'), '/checkout', address);
    assert.equal(review.url, '/checkout/review', `order ${index}`);
    assert.match(textOf((await visitor.send(review, '/checkout/pay')).html), wanted);
  }
});

test('passes and tickets of other rooms get in nobody’s way', async () => {
  const one = await queuedSale(10);
  const other = await queuedSale(10);
  const visitor = shop.visitor();
  await visitor.get(one.path);
  await visitor.get(other.path);
  await pass(5_000);
  await visitor.get(one.path);
  await visitor.get(other.path);
  for (const { variantId } of [other, one]) {
    await visitor.post('/cart/lines', { variantId, quantity: '1', seen: '4900' });
    const review = await visitor.send(await visitor.get('/checkout'), '/checkout', address);
    assert.equal(review.url, '/checkout/review');
    assert.match(textOf((await visitor.send(review, '/checkout/pay')).html), /Thank you/);
  }
});

test('who comes with the ticket of another room is lined up once', async () => {
  const one = await queuedSale(10);
  const other = await queuedSale(10);
  const visitor = shop.visitor();
  await visitor.get(other.path);
  await pass(3_250);
  await visitor.post('/cart/lines', { variantId: one.variantId, quantity: '1', seen: '4900' });
  const sent = await visitor.send(await visitor.get('/checkout'), '/checkout', address);
  assert.equal(sent.url, `${one.path}?to=${encodeURIComponent('/checkout/review')}`);
  await pass(250);
  assert.deepEqual([await issuedOf(one.roomId), numberOf(ticketOf(visitor, one.roomId))], [1, 0]);
});

test('before goods of two sales the room is good that he is in, whatever else his browser holds', async () => {
  const elsewhere = await queuedSale(10);
  const cheaper = await queuedSale(10);
  const dearer = await queuedSaleOf(cheaper, 5900);
  const called = shop.visitor();
  for (const { path } of [elsewhere, dearer]) await called.get(path);
  await pass(5_000);
  for (const { path } of [elsewhere, dearer]) await called.get(path);
  await called.post('/cart/lines', { variantId: cheaper.variantId, quantity: '1', seen: '4900' });
  const review = await called.send(await called.get('/checkout'), '/checkout', address);
  assert.equal(review.url, '/checkout/review');
  assert.match(textOf((await called.send(review, '/checkout/pay')).html), /Thank you/);

  const slow = { name: 'High water', saleId: dearer.saleId, switchedBy: 'schedule', pacePerSMax: 0.1 } as const;
  well(await shop.peers.waitingRoom.putRoom({ params: { roomId: dearer.roomId }, body: slow }));
  for (let index = 0; index < 10; index++) await takeTicket(dearer.roomId);
  const waiting = shop.visitor();
  for (const { path } of [elsewhere, dearer]) await waiting.get(path);
  await waiting.post('/cart/lines', { variantId: cheaper.variantId, quantity: '1', seen: '4900' });
  const sent = await waiting.send(await waiting.get('/checkout'), '/checkout', address);
  assert.equal(sent.url, `${dearer.path}?to=${encodeURIComponent('/checkout/review')}`);
  await pass(250);
  assert.equal(await issuedOf(cheaper.roomId), 0, 'nobody had to queue there, too');
});

test('nobody is led to another site', async () => {
  const { path, saleId } = await queuedSale(10);
  await pass(3_250);
  for (const to of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    '',
  ]) {
    const visitor = shop.visitor();
    await visitor.get(`${path}?to=${encodeURIComponent(to)}`);
    await pass(2_000);
    const answer = await fetch(`${shop.url}${path}?to=${encodeURIComponent(to)}`, {
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    });
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, `/sales/${saleId}`], to);
  }
});

test('sold out and promised are told at once, and nobody takes a place where nothing is left', async () => {
  const { path, roomId, variantId } = await queuedSale(1);
  const [first, second] = [shop.visitor(), shop.visitor()];
  await first.get(path);
  await pass(4_000);
  await first.get(path);
  await second.get(path);
  await pass(500);
  const promised = await second.get(path);
  assert.deepEqual([promised.status, viewOf(promised)], [200, 'promised']);
  await first.post('/cart/lines', { variantId, quantity: '1', seen: '4900' });
  const review = await first.send(await first.get('/checkout'), '/checkout', address);
  assert.match(textOf((await first.send(review, '/checkout/pay')).html), /Thank you/);
  await pass(1_000);
  assert.equal(viewOf(await second.get(path)), 'over');
  const issued = await issuedOf(roomId);
  const latecomer = shop.visitor();
  assert.equal(viewOf(await latecomer.get(path)), 'over');
  assert.deepEqual([await issuedOf(roomId), latecomer.cookies.size], [issued, 0]);
});

test('a room that was given no name is called by the word of each language', async () => {
  const roomId = newId(randomBucket(), ctx.clock.nowMs());
  const body: RoomInput = { switchedBy: 'hand', isOn: true };
  assert.equal('name' in well(await shop.peers.waitingRoom.putRoom({ params: { roomId }, body })), false);
  const nameIn = async (prefix: string) =>
    /<p class="room">([^<]*)/.exec((await shop.visitor().get(`${prefix}/waiting-room/${roomId}`)).html)?.[1];
  assert.deepEqual([await nameIn(''), await nameIn('/zh')], ['Waiting room', '等候室']);
  // It stands before every purchase, those of the other tests too.
  well(await shop.peers.waitingRoom.putRoom({ params: { roomId }, body: { ...body, isOn: false } }));
});

test('where nobody queues the way leads on, and no place is taken', async () => {
  const { path, roomId } = await queuedSale(5, { switchedBy: 'hand', isOn: false });
  const visitor = shop.visitor();
  const off = await visitor.get(`${path}?to=/cart`);
  assert.deepEqual([off.status, viewOf(off)], [200, 'off']);
  assert.match(off.html, /<a class="button" href="\/cart">/);
  assert.deepEqual([await issuedOf(roomId), visitor.cookies.size], [0, 0]);
});

test('a room that there is not is not found', async () => {
  for (const path of [`/waiting-room/${newId(randomBucket(), 0)}`, '/waiting-room/x', '/zh/waiting-room/..%2fx']) {
    assert.equal((await shop.visitor().get(path)).status, 404, path);
  }
});

test('who still has the page of a room that was deleted is let on, and not told to wait for a connection', async () => {
  const { path, roomId, saleId } = await queuedSale(5, { switchedBy: 'hand', isOn: true });
  const visitor = shop.visitor();
  assert.equal(viewOf(await visitor.get(path)), 'before');
  const closed: RoomInput = { name: 'High water', saleId, switchedBy: 'hand', isOn: false };
  well(await shop.peers.waitingRoom.putRoom({ params: { roomId }, body: closed }));
  await pass(500);
  await shop.peers.waitingRoom.deleteRoom({ params: { roomId } });
  const gone = await visitor.get(`${path}?to=/cart`);
  assert.deepEqual([gone.status, viewOf(gone)], [200, 'off']);
  assert.match(gone.html, /<a class="button" href="\/cart">/);
  assert.equal((await shop.visitor().get(path)).status, 404, 'to anybody else it never was');
});

test('the page of the sale says where one lines up', async () => {
  const { saleId, roomId } = await queuedSale(5);
  const html = (await shop.visitor().get(`/zh/sales/${saleId}`)).html;
  assert(html.includes(`href="/zh/waiting-room/${roomId}?to=%2Fzh%2Fsales%2F${saleId}"`));
  const live = await fetch(`${shop.url}/v1/storefront/variants?variantIds=${newId(randomBucket(), 0)}`);
  const { queues } = (await live.json()) as { queues: { roomId: string; state: string }[] };
  assert.equal(queues.find((queue) => queue.roomId === roomId)?.state, 'before');
});

async function takeTicket(roomId: string): Promise<string> {
  return well(await shop.peers.waitingRoom.takeTicket({ params: { roomId }, body: {} })).ticket;
}
