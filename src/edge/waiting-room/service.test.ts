import assert from 'node:assert/strict';
import test from 'node:test';
import { isProblem } from '../../platform/api/problem.ts';
import type { Challenge } from '../challenge/api.ts';
import { createDoor } from '../challenge/door.ts';
import { solved } from '../challenge/testing.ts';
import { anotherProcess, roomBench, slugOf, well } from './testing.ts';

const bench = await roomBench();
const { ctx, rooms } = bench;

test('before the opening nobody has a place; then all have one, by lot, and later ones come behind in order', async () => {
  const sale = await bench.newSale(1000, { startsInMs: 60_000 });
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule' });
  assert.equal((await bench.room(roomId)).state, 'before');
  const early = await bench.takeMany(roomId, 40);
  assert.deepEqual(
    early.map(({ number }) => number).toSorted((a = 0, b = 0) => a - b),
    [...early.keys()],
  );
  for (const ticket of early) {
    assert.deepEqual([ticket.standing, ticket.place, ticket.opensAtMs], ['waiting', undefined, sale.startsAtMs]);
  }
  await bench.ticks(1, 59_999);
  assert.equal((await bench.room(roomId)).state, 'before');
  assert.equal((await bench.room(roomId)).lot, undefined);
  // The millisecond of the opening, in which nobody has been called yet.
  await bench.ticks(1, 1);
  await bench.ticks(1);
  const room = await bench.room(roomId);
  assert.equal(room.state, 'open');
  assert.equal(room.lot?.ticketCount, 40);
  const late = await bench.takeMany(roomId, 3);
  const places = [];
  for (const { ticket } of early) places.push((await bench.look(roomId, ticket)).place ?? -1);
  assert.notDeepEqual(places, [...places.keys()]);
  assert.deepEqual(
    places.toSorted((a, b) => a - b),
    [...places.keys()],
  );
  assert.deepEqual(late.map(({ place }) => place).toSorted(), [40, 41, 42]);
});

test('called in their order, at the pace of the shop; a pass buys once, and only its buyer', async () => {
  const sale = await bench.newSale(100);
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule', pacePerSMax: 4 });
  await bench.ticks(1);
  const mine = await bench.take(roomId);
  await bench.take(roomId);
  const other = await bench.take(roomId);
  assert.equal(slugOf(await bench.quote(sale.variantId)), 'waiting-room');
  assert.equal(slugOf(await bench.claim(roomId, mine.ticket)), 'not-your-turn');
  await bench.ticks(1);
  assert.deepEqual(
    [(await bench.look(roomId, mine.ticket)).standing, (await bench.look(roomId, other.ticket)).standing],
    ['called', 'waiting'],
  );
  assert.equal(slugOf(await bench.claim(roomId, other.ticket)), 'not-your-turn');
  const pass = well(await bench.claim(roomId, mine.ticket));
  assert.deepEqual(well(await bench.claim(roomId, mine.ticket)), pass, 'a ticket gives one pass');
  assert.equal(pass.expiresAtMs, ctx.clock.nowMs() + 600_000);
  const { buyer } = mine;
  assert.equal(slugOf(await bench.quote(sale.variantId, { pass: pass.pass })), 'pass-invalid', 'without its buyer');
  assert.equal(slugOf(await bench.quote(sale.variantId, { pass: pass.pass, buyer: other.buyer })), 'pass-invalid');
  const quote = well(await bench.quote(sale.variantId, { pass: pass.pass, buyer }));
  assert.deepEqual([quote.pass, quote.expiresAtMs], [{ roomId, place: mine.place }, pass.expiresAtMs]);
  const again = well(await bench.quote(sale.variantId, { pass: pass.pass, buyer }));
  assert.equal(slugOf(await bench.checkout.placeOrder({ body: { quote: quote.quote } })), 'fine');
  assert.equal(slugOf(await bench.checkout.placeOrder({ body: { quote: again.quote } })), 'pass-used');
  assert.equal(slugOf(await bench.checkout.placeOrder({ body: { quote: quote.quote } })), 'fine', 'a retry');
});

test('who pays in a currency that the sale has no price in queues as everybody, and his pass buys once', async () => {
  const sale = await bench.newSale(100);
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule' });
  await bench.ticks(1);
  const currency = 'EUR';
  assert.equal(slugOf(await bench.quote(sale.variantId, { currency })), 'waiting-room');
  const { ticket, buyer } = await bench.take(roomId);
  await bench.ticks(1);
  const { pass } = well(await bench.claim(roomId, ticket));
  const [quote, again] = [
    well(await bench.quote(sale.variantId, { currency, buyer, pass })),
    well(await bench.quote(sale.variantId, { currency, buyer, pass })),
  ];
  assert.equal(quote.totalMinor, 1000, 'the list price');
  assert.equal(slugOf(await bench.checkout.placeOrder({ body: { quote: quote.quote } })), 'fine');
  assert.equal(slugOf(await bench.checkout.placeOrder({ body: { quote: again.quote } })), 'pass-used');
});

test('goods in two sales are queued for in every currency, whichever of the sales has the room', async () => {
  const { variantId, saleId } = await bench.newSale(100);
  await bench.newSaleOf([variantId], 'EUR');
  const roomId = await bench.newRoom({ saleId, switchedBy: 'schedule' });
  await bench.ticks(1);
  for (const currency of ['USD', 'EUR', 'JPY']) {
    const reply = await bench.quote(variantId, { currency });
    // In yen it has no price at all.
    assert.equal(slugOf(reply), currency === 'JPY' ? 'not-for-sale' : 'waiting-room', currency);
  }
  const { ticket, buyer } = await bench.take(roomId);
  await bench.ticks(1);
  const { pass } = well(await bench.claim(roomId, ticket));
  const quote = well(await bench.quote(variantId, { currency: 'EUR', buyer, pass }));
  assert.deepEqual([quote.pass?.roomId, quote.totalMinor], [roomId, 700]);
});

test('of goods behind two rooms either room lets in; what no one room has is ordered apart', async () => {
  const { variantId, saleId } = await bench.newSale(100);
  const other = await bench.newSale(100);
  const euros = await bench.newSaleOf([variantId, other.variantId], 'EUR');
  const [room, otherRoom, euroRoom] = [
    await bench.newRoom({ saleId, switchedBy: 'schedule' }),
    await bench.newRoom({ saleId: other.saleId, switchedBy: 'schedule' }),
    await bench.newRoom({ saleId: euros.saleId, switchedBy: 'schedule' }),
  ];
  await bench.ticks(1);
  const roomTold = async (more: Parameters<typeof bench.quote>[1]) => {
    const reply = await bench.quote(variantId, more);
    return isProblem(reply) ? reply.problem.roomId : 'none';
  };
  assert.equal(await roomTold({ currency: 'USD' }), room, 'the one of the sale whose price he pays');
  assert.equal(await roomTold({ currency: 'EUR' }), euroRoom);
  const { ticket, buyer } = await bench.take(room);
  assert.equal(await roomTold({ currency: 'EUR', ticket, buyer }), room, 'where he has begun');
  await bench.ticks(1);
  const { pass } = well(await bench.claim(room, ticket));
  assert.equal(await roomTold({ currency: 'EUR', pass, buyer }), 'none');
  const elsewhere = await bench.take(otherRoom);
  for (const shown of [{ pass: 'forged' }, { ticket: elsewhere.ticket }]) {
    const reply = await bench.quote(variantId, { ...shown, currency: 'EUR', buyer: elsewhere.buyer });
    assert(isProblem(reply));
    assert.deepEqual(
      [reply.problem.roomId, reply.problem.roomIds],
      [euroRoom, [euroRoom, room]],
      'any of these would do',
    );
  }

  const lines = [variantId, other.variantId].map((id) => ({ variantId: id, quantity: 1 }));
  const both = await bench.quoting.createQuote({ body: { lines, currency: 'USD' } });
  assert(isProblem(both));
  assert.deepEqual([slugOf(both), both.problem.roomId], ['waiting-room', euroRoom], 'the room that has both');
  await bench.rooms.putRoom({
    params: { roomId: euroRoom },
    body: { name: 'Room', saleId: euros.saleId, switchedBy: 'hand', isOn: false },
  });
  await bench.ticks(1);
  const apart = await bench.quoting.createQuote({ body: { lines, currency: 'USD' } });
  assert(isProblem(apart));
  assert.deepEqual([slugOf(apart), apart.problem.roomIds], ['conflict', [room, otherRoom]]);
});

test('who is told to wait has a ticket at once, and keeps it when he asks again', async () => {
  const sale = await bench.newSale(10);
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule' });
  await bench.ticks(1);
  const reply = await bench.quote(sale.variantId);
  assert(isProblem(reply));
  const { ticket, buyer } = reply.problem as unknown as { ticket: string; buyer: string };
  assert.deepEqual([reply.status, reply.problem.roomId], [503, roomId]);
  assert(Number(reply.headers?.['retry-after']) > 0);
  assert.match(reply.problem.detail ?? '', /as `ticket` in the body: without it you get a new place, at the end/);
  const unheld = await bench.quote(sale.variantId, { buyer });
  assert(isProblem(unheld));
  const [held, taken] = [await bench.look(roomId, ticket), await bench.look(roomId, String(unheld.problem.ticket))];
  assert.equal(taken.number, (held.number ?? 0) + 1, 'nothing is kept of who waits: his ticket is his place');
  const again = await bench.quote(sale.variantId, { ticket, buyer });
  assert(isProblem(again));
  const first = await bench.look(roomId, ticket);
  const second = await bench.look(roomId, String(again.problem.ticket));
  assert.deepEqual([second.number, second.place], [first.number, first.place]);
  assert.equal((await bench.take(roomId, buyer, ticket)).number, first.number);
  assert.equal((await bench.take(roomId, undefined, ticket)).buyer, buyer);
  assert.notEqual((await bench.take(roomId, (await bench.take(roomId)).buyer, ticket)).number, first.number);
});

test('two processes: every place is called once, in order, and both tell the same', async () => {
  const sale = await bench.newSale(10_000);
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule', pacePerSMax: 200 });
  const second = anotherProcess(bench);
  await second.service.tick();
  const tickets = (await Promise.all([bench.takeMany(roomId, 60), second.takeMany(roomId, 60)])).flat();
  assert.equal(new Set(tickets.map(({ number }) => number)).size, 120);
  for (let index = 0; index < 12; index++) {
    ctx.clock.advance(250);
    await Promise.all([bench.service.tick(), second.service.tick()]);
  }
  const calls = await bench.calls(roomId);
  let next = 0;
  for (const call of calls) {
    assert.equal(call.from, next);
    next = call.to;
  }
  assert(next > 50 && next <= 120, `${next} of 120 were called`);
  await Promise.all([bench.service.tick(), second.service.tick()]);
  const [one, two] = [await bench.room(roomId), await second.room(roomId)];
  assert.deepEqual([one.admittedCount, one.state], [two.admittedCount, two.state]);
  const called = tickets.find(({ place = 0 }) => place === 0);
  const passes = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? bench : second).claim(roomId, called?.ticket ?? '')),
  );
  assert.equal(new Set(passes.map((pass) => JSON.stringify(well(pass)))).size, 1, 'one pass, whoever is asked');
});

test('who is suspicious works for his ticket, at the room and at the quote; who has one is asked nothing', async () => {
  const shop = anotherProcess(bench, { challenge: createDoor(ctx) });
  const sale = await shop.newSale(10);
  const roomId = await shop.newRoom({ saleId: sale.saleId, switchedBy: 'schedule', pacePerSMax: 0.1 });
  await shop.ticks(1);
  await shop.take(roomId);
  const suspect = { clientPrefix: 'net-1', suspicion: 0.9 };
  const issued = async () => {
    await shop.ticks(1);
    return (await shop.room(roomId)).issuedCount;
  };
  const params = { roomId };
  assert.equal(slugOf(await shop.rooms.takeTicket({ params, body: {} }, suspect)), 'challenge-required');
  const lines = [{ variantId: sale.variantId, quantity: 1 }];
  const refused = await shop.quoting.createQuote({ body: { lines } }, suspect);
  assert(isProblem(refused));
  assert.deepEqual([slugOf(refused), refused.problem.roomId], ['challenge-required', roomId]);
  assert.equal(await issued(), 1);
  const challengeSolution = await solved(refused.problem.challenge as Challenge);
  const waits = await shop.quoting.createQuote({ body: { lines } }, { ...suspect, challengeSolution });
  assert(isProblem(waits));
  const ticket = String(waits.problem.ticket);
  assert.equal(slugOf(waits), 'waiting-room');
  const again = await shop.quoting.createQuote({ body: { lines, ticket } }, { ...suspect, challengeSolution });
  assert.equal(slugOf(again), 'waiting-room');
  assert.equal(well(await shop.rooms.takeTicket({ params, body: {} }, { ...suspect, credential: ticket })).number, 1);
  assert.equal(await issued(), 2);
});

test('a ticket of another room, changed, made up or empty is refused with one sentence', async () => {
  const sale = await bench.newSale(10);
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule' });
  const otherSale = await bench.newSale(10);
  const otherRoom = await bench.newRoom({ saleId: otherSale.saleId, switchedBy: 'schedule' });
  await bench.ticks(1);
  const { ticket } = await bench.take(otherRoom);
  const forged = ctx.signer.sign('pass', { r: roomId, n: 0, b: bench.anyId(), i: 0, s: ctx.clock.nowMs(), p: 0 });
  for (const token of [ticket, `${ticket}x`, forged, 'garbage', '']) {
    assert.equal(slugOf(await bench.ask(roomId, token)), 'ticket-invalid');
    assert.equal(slugOf(await bench.claim(roomId, token)), 'ticket-invalid');
    assert.equal(slugOf(await bench.quote(sale.variantId, { pass: token })), 'pass-invalid');
  }
  const taken = await rooms.takeTicket({ params: { roomId }, body: {} }, { credential: ticket });
  const refused = await bench.quote(sale.variantId, { ticket });
  assert.deepEqual([slugOf(taken), slugOf(refused)], ['ticket-invalid', 'ticket-invalid']);
  assert.equal(isProblem(refused) && refused.problem.roomId, roomId, 'the room that a ticket is needed of');
  assert.equal(isProblem(refused) && refused.headers?.['www-authenticate'], 'Bearer', 'as a 401 must');
  const { buyer, number } = await bench.take(roomId);
  assert.equal(number, 0, 'none of these was given a number');
  await bench.ticks(3);
  const pass = well(await bench.claim(otherRoom, ticket)).pass;
  assert.equal(slugOf(await bench.quote(sale.variantId, { pass, buyer })), 'pass-invalid', 'of another room');
  assert.equal(slugOf(await rooms.getTicket({ params: { roomId: bench.anyId() } })), 'not-found');
});
