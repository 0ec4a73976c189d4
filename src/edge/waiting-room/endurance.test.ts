import assert from 'node:assert/strict';
import test from 'node:test';
import { isProblem, problemSlug } from '../../platform/api/problem.ts';
import { sql } from '../../platform/database/sql.ts';
import { createSigner, newSigningKey } from '../../platform/signing/signer.ts';
import { contextOn } from '../../platform/testing/context.ts';
import { until } from '../../platform/testing/until.ts';
import { auditWaitingRooms } from './audit.ts';
import { createRoomBook } from './room-book.ts';
import { anotherProcess, roomBench, slugOf, well } from './testing.ts';
import { calledAtMs } from './view.ts';

const bench = await roomBench();
const { ctx } = bench;
await ctx.events.start();

const minute = 60_000;
const places = async (shop: Pick<typeof bench, 'look'>, roomId: string, tickets: readonly string[]) =>
  Promise.all(tickets.map(async (ticket) => (await shop.look(roomId, ticket)).place));

test('a restart in the middle: every place is kept, nobody is called twice, the time away is no absence of theirs', async () => {
  const sale = await bench.newSale(1000);
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule', pacePerSMax: 20 });
  await bench.ticks(1);
  const tickets = (await bench.takeMany(roomId, 60)).toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0));
  await bench.ticks(6);
  const before = await bench.room(roomId);
  assert(before.admittedCount >= 20 && before.admittedCount < 60, `${before.admittedCount}`);
  const waiting = tickets.slice(before.admittedCount).map(({ ticket }) => ticket);
  const lastCalled = tickets[before.admittedCount - 1];
  const placesBefore = await places(bench, roomId, waiting);

  // The shop is away for an hour, longer than anyone may be silent and any call stands.
  ctx.clock.advance(60 * minute);
  const restarted = anotherProcess(bench);
  await restarted.service.tick();
  assert.deepEqual(await places(restarted, roomId, waiting), placesBefore);
  const pass = well(await restarted.claim(roomId, lastCalled?.ticket ?? ''));
  assert(pass.expiresAtMs > ctx.clock.nowMs(), 'who was called when it went down may still come in');
  for (let index = 0; index < 10; index++) {
    ctx.clock.advance(250);
    await restarted.service.tick();
    const { admittedCount } = await restarted.room(roomId);
    assert(admittedCount >= before.admittedCount && admittedCount <= 60);
  }
  const calls = await restarted.calls(roomId);
  calls.reduce((next, call) => {
    assert.equal(call.from, next);
    return call.to;
  }, 0);
});

test('who is silent for three minutes gives up his place; who asks keeps it, with the ticket that he was given last', async () => {
  const sale = await bench.newSale(1000);
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule', pacePerSMax: 0.1 });
  await bench.ticks(1);
  await bench.takeMany(roomId, 60);
  const silent = await bench.take(roomId);
  let asking = await bench.take(roomId);
  const replayed = asking.ticket;
  for (let index = 0; index < 4; index++) {
    await bench.ticks(14, 4_500);
    asking = { ...asking, ...(await bench.look(roomId, asking.ticket)) };
  }
  assert.equal(asking.standing, 'waiting');
  assert.equal(slugOf(await bench.ask(roomId, silent.ticket)), 'ticket-invalid');
  assert.equal(slugOf(await bench.ask(roomId, replayed)), 'ticket-invalid', 'an old copy is as old as it is');
});

test('who is called and does not come within a minute is passed over, and takes a new ticket at the end', async () => {
  const sale = await bench.newSale(1000);
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule' });
  await bench.ticks(1);
  let late = await bench.take(roomId);
  const other = await bench.take(roomId);
  await bench.ticks(1);
  late = { ...late, ...(await bench.look(roomId, late.ticket)) };
  assert.equal(late.standing, 'called');
  assert.equal(late.calledUntilMs, ctx.clock.nowMs() + minute);
  const pass = well(await bench.claim(roomId, other.ticket));
  await bench.ticks(14, 4_500);
  assert.equal(slugOf(await bench.ask(roomId, late.ticket)), 'ticket-invalid');
  assert.equal(slugOf(await bench.claim(roomId, late.ticket)), 'ticket-invalid');
  assert.deepEqual(well(await bench.claim(roomId, other.ticket)), pass, 'who came has his pass as long as it lasts');
  assert.equal((await bench.look(roomId, other.ticket)).standing, 'called');
  assert((await bench.take(roomId, late.buyer, late.ticket)).number === 2, 'a new ticket, at the end');
  await bench.ticks(1, 10 * minute);
  for (const reply of [await bench.claim(roomId, other.ticket), await bench.ask(roomId, other.ticket)]) {
    assert(isProblem(reply));
    assert.deepEqual([problemSlug(reply), reply.problem.why], ['ticket-invalid', 'expired']);
  }
  assert.equal(slugOf(await bench.quote(sale.variantId, { pass: pass.pass, buyer: other.buyer })), 'pass-invalid');
});

test('a clock that jumps by hours, forth and back: nobody loses his place, nobody is called twice, not all are called', async () => {
  const sale = await bench.newSale(10_000, { lastsMs: 100 * 60 * minute });
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule', pacePerSMax: 8 });
  await bench.ticks(1);
  const { ticket } = (await bench.takeMany(roomId, 300)).toSorted((a, b) => (b.place ?? 0) - (a.place ?? 0))[0] ?? {};
  let held = ticket ?? '';
  const { place } = await bench.look(roomId, held);
  let { admittedCount } = await bench.room(roomId);
  for (const jumpMs of [
    2 * 60 * minute,
    250,
    -2 * 60 * minute,
    250,
    -5 * 60 * minute,
    250,
    9 * 60 * minute,
    250,
    250,
  ]) {
    ctx.clock.advance(jumpMs);
    // He asks before the room has noticed anything.
    const status = await bench.look(roomId, held);
    held = status.ticket;
    assert.equal(status.place, place);
    await bench.service.tick();
    const now = (await bench.room(roomId)).admittedCount;
    assert(now >= admittedCount, 'it never goes down');
    assert(now - admittedCount <= 9, `${now - admittedCount} were called at once`);
    admittedCount = now;
  }
  await bench.ticks(8);
  assert((await bench.room(roomId)).admittedCount > admittedCount, 'and it goes on');
  const calls = await bench.calls(roomId);
  calls.reduce((next, call) => {
    assert.equal(call.from, next);
    return call.to;
  }, 0);
});

test('a clock that was set back by hours does not keep the last units for who was called before and does not come', async () => {
  const sale = await bench.newSale(3, { lastsMs: 100 * 60 * minute });
  ctx.clock.advance(3 * 60 * minute);
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule' });
  await bench.ticks(1);
  await bench.takeMany(roomId, 12);
  await bench.ticks(4);
  const { admittedCount, state } = await bench.room(roomId);
  assert.deepEqual([admittedCount, state], [3, 'promised']);
  ctx.clock.advance(-2 * 60 * minute);
  await bench.ticks(16, 4_500);
  assert((await bench.room(roomId)).admittedCount > admittedCount, 'others are called in their place');
});

test('however long a call stands, all that stand are known', async () => {
  const roomId = await bench.newRoom({ saleId: (await bench.newSale(1)).saleId, switchedBy: 'hand', isOn: false });
  const minutes = 20;
  await sql`
    insert into waiting_room.call (room_id, from_place, to_place, called_at)
    select ${roomId}::uuid, n, n + 1, to_timestamp(${ctx.clock.nowMs()}::float8 / 1000) + n * interval '250 ms'
      from generate_series(0, ${minutes * 240 - 1}::integer) as n`.execute(ctx.database);
  await sql`update waiting_room.progress set admitted = ${minutes * 240} where room_id = ${roomId}::uuid`.execute(
    ctx.database,
  );
  const book = createRoomBook(ctx, { claimWithinMs: minutes * minute });
  await book.refresh();
  const view = book.of(roomId) ?? assert.fail('it is there');
  assert(calledAtMs(view, 0) !== undefined);
  await sql`delete from waiting_room.call where room_id = ${roomId}::uuid`.execute(ctx.database);
});

test('a process that has not heard of a new opening yet does not fix places by the old lot', async () => {
  const sale = await bench.newSale(1000, { startsInMs: 60_000 });
  const room = { saleId: sale.saleId, switchedBy: 'hand' as const, pacePerSMax: 0.1 };
  const roomId = await bench.newRoom({ ...room, isOn: true, opensAtMs: ctx.clock.nowMs() });
  await bench.ticks(1);
  await bench.takeMany(roomId, 10);
  await bench.newRoom({ ...room, isOn: false }, roomId);
  await bench.ticks(1);
  // It has read the room as it is now, with its old lot, and will not read it again in time.
  const late = anotherProcess(bench);
  await late.service.tick();
  await bench.newRoom({ ...room, isOn: true, opensAtMs: ctx.clock.nowMs() + 10_000 }, roomId);
  await bench.ticks(1);
  assert.equal((await bench.room(roomId)).state, 'before');
  const taken = await bench.takeMany(roomId, 40);
  const tickets = await Promise.all(
    taken.map(async ({ ticket }, index) => (index % 2 === 0 ? (await late.look(roomId, ticket)).ticket : ticket)),
  );
  await bench.ticks(3, 5_000);
  const drawn = await Promise.all(tickets.map((ticket) => bench.look(roomId, ticket)));
  const first = 10;
  assert.deepEqual(
    drawn.map(({ place = -1 }) => place).toSorted((a, b) => a - b),
    [...taken.keys()].map((index) => first + index),
    'every ticket has a place of its own',
  );
});

for (const aheadMs of [600, 20_000, -7_200_000]) {
  test(`two processes, one's clock ${aheadMs} ms ahead, keep one pace and tell the same; one goes on alone when the other is gone`, async () => {
    const sale = await bench.newSale(10_000);
    const pacePerSMax = 20;
    const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule', pacePerSMax });
    const ahead = anotherProcess(bench, { aheadMs });
    await bench.ticks(1);
    const tickets = await bench.takeMany(roomId, 400);
    const { admittedCount } = await bench.room(roomId);
    const steps = 48;
    for (let index = 0; index < steps; index++) {
      ctx.clock.advance(125);
      await (index % 2 === 0 ? ahead : bench).service.tick();
    }
    const called = (await ahead.room(roomId)).admittedCount - admittedCount;
    const allowed = pacePerSMax * ((steps * 125) / 1000) + 1;
    assert(called <= allowed && called > allowed / 2, `${called} were called, ${allowed} are allowed`);
    await bench.service.tick();
    const { ticket } = tickets.find(({ place }) => place === 0) ?? assert.fail('the first was called');
    const [one, other] = await Promise.all([bench.look(roomId, ticket), ahead.look(roomId, ticket)]);
    assert.deepEqual([other.standing, other.calledUntilMs], ['called', one.calledUntilMs]);
    await bench.ticks(12);
    assert((await bench.room(roomId)).admittedCount > admittedCount + called, 'alone it goes on');
  });
}

test('tickets that race the opening are in the lot or behind it, over two processes, and all places are different', async () => {
  const sale = await bench.newSale(1000, { startsInMs: 10_000 });
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule' });
  const second = anotherProcess(bench);
  await second.service.tick();
  ctx.clock.advance(9_999);
  await bench.service.tick();
  await second.service.tick();
  ctx.clock.advance(250);
  const racing = [];
  for (let index = 0; index < 20; index++) {
    racing.push(bench.takeMany(roomId, 5), second.takeMany(roomId, 5));
    if (index === 6) racing.push(bench.service.tick());
    if (index === 7) racing.push(second.service.tick());
    if (index % 4 === 0) await Promise.race(racing);
  }
  const tickets = (await Promise.all(racing)).flatMap((some) => some ?? []);
  await Promise.all([bench.service.tick(), second.service.tick()]);
  const { lot } = await bench.room(roomId);
  assert(lot !== undefined && lot.ticketCount <= 200);
  const standings = await Promise.all(
    tickets.map(async ({ ticket }, index) => (index % 2 ? bench : second).look(roomId, ticket)),
  );
  for (const { number = -1, place = -1 } of standings) {
    assert(number < lot.ticketCount ? place < lot.ticketCount : place === number);
  }
  assert.deepEqual(
    standings.map(({ place = -1 }) => place).toSorted((a, b) => a - b),
    [...standings.keys()],
  );
});

for (const count of [0, 1]) {
  test(`an opening for which ${count} came`, async () => {
    const sale = await bench.newSale(10, { startsInMs: 1_000 });
    const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule' });
    const early = await bench.takeMany(roomId, count);
    await bench.ticks(2, 1_000);
    const late = await bench.take(roomId);
    await bench.ticks(2);
    assert.equal((await bench.room(roomId)).lot?.ticketCount, count);
    const all = [...early, late].map(({ ticket }) => ticket);
    assert.deepEqual(await places(bench, roomId, all), [...all.keys()]);
  });
}

test('a sale that sells out while people wait: nobody comes in for nothing, all is sold, and who waits is told at once', async () => {
  const units = 7;
  const sale = await bench.newSale(units);
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule' });
  await bench.ticks(1);
  const waiting = new Map((await bench.takeMany(roomId, 24)).map((ticket) => [ticket.ticket, ticket]));
  let sold = 0;
  const outcomes: string[] = [];
  const standings = new Set<string>();
  for (let round = 0; round < 400 && sold < units; round++) {
    // Time that nobody uses passes in larger steps.
    await bench.ticks(1, round % 10 === 9 ? 4_000 : 250);
    const { state, admittedCount } = await bench.room(roomId);
    standings.add(state);
    for (const [ticket, { buyer, place = 0 }] of [...waiting]) {
      const reply = await bench.ask(roomId, ticket);
      if (slugOf(reply) !== 'fine') {
        waiting.delete(ticket);
        continue;
      }
      const status = well(reply);
      if (state === 'promised' && status.standing !== 'called') assert.equal(status.standing, 'promised');
      waiting.delete(ticket);
      if (status.standing !== 'called') waiting.set(status.ticket, { ...status, buyer });
      // Every third does not come when he is called.
      else if (place % 3 !== 2) {
        assert(place < admittedCount);
        const { pass } = well(await bench.claim(roomId, status.ticket));
        const outcome = slugOf(await bench.order(sale.variantId, { buyer, pass }));
        outcomes.push(outcome);
        if (outcome === 'fine') sold += 1;
      }
    }
    await until(async () => (await unusedCount(roomId)) === 0, { what: 'the room has heard of the orders' });
  }
  assert.equal(sold, units);
  assert(!outcomes.includes('sold-out'), 'nobody with a pass was told that it is sold out');
  assert(standings.has('promised'));
  await bench.ticks(2);
  assert.equal((await bench.room(roomId)).state, 'promised', 'what is not paid for may come back');
  await sql`update checkout.allotment set sold = reserved, reserved = 0 where subject_id = ${sale.variantId}::uuid`.execute(
    ctx.database,
  );
  await bench.ticks(2);
  assert.equal((await bench.room(roomId)).state, 'over');
  const [left] = waiting.keys();
  if (left !== undefined) assert.equal((await bench.look(roomId, left)).standing, 'over');
  assert.equal(slugOf(await bench.quote(sale.variantId)), 'sold-out', 'nobody is sent to queue for nothing');
});

async function unusedCount(roomId: string) {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from waiting_room.pass
      join checkout.used_pass on used_pass.room_id = pass.room_id and used_pass.place = pass.place
     where pass.room_id = ${roomId}::uuid and pass.used_at is null`.execute(ctx.database);
  return rows[0]?.count;
}

test('switched off while people wait: they may buy; switched on again, they have their places', async () => {
  const sale = await bench.newSale(100);
  const hand = { saleId: sale.saleId, switchedBy: 'hand' as const, pacePerSMax: 0.1 };
  const roomId = await bench.newRoom({ ...hand, isOn: true });
  await bench.ticks(1);
  await bench.takeMany(roomId, 3);
  const { ticket, place, buyer } = await bench.take(roomId);
  assert.equal(slugOf(await bench.quote(sale.variantId, { buyer })), 'waiting-room');
  await bench.ticks(1);
  await bench.newRoom({ ...hand, isOn: false }, roomId);
  await bench.ticks(1);
  const off = await bench.look(roomId, ticket);
  assert.deepEqual([off.standing, off.place], ['off', place]);
  assert.equal(slugOf(await bench.order(sale.variantId, { buyer })), 'fine');
  assert.equal(slugOf(await bench.claim(roomId, ticket)), 'not-your-turn');
  await bench.newRoom({ ...hand, isOn: true }, roomId);
  await bench.ticks(1);
  const on = await bench.look(roomId, off.ticket);
  assert.deepEqual([on.standing, on.place], ['waiting', place]);
});

test('a room before every purchase stands before what has no room of its own; two rooms of two sales open apart', async () => {
  const [one, two] = [await bench.newSale(10), await bench.newSale(10)];
  const rooms = [];
  for (const { saleId } of [one, two]) rooms.push(await bench.newRoom({ saleId, switchedBy: 'hand', isOn: true }));
  const free = await bench.newSale(10);
  const all = await bench.newRoom({ switchedBy: 'hand', isOn: true });
  await bench.ticks(1);
  const lines = [one, two].map(({ variantId }) => ({ variantId, quantity: 1 }));
  assert.equal(slugOf(await bench.quoting.createQuote({ body: { lines } })), 'conflict');
  const queued = await bench.quote(free.variantId);
  assert.equal('problem' in queued ? queued.problem.roomId : '', all);
  const { ticket, buyer } = await bench.take(rooms[0] ?? '');
  await bench.ticks(2);
  const { pass } = well(await bench.claim(rooms[0] ?? '', ticket));
  assert.equal(
    slugOf(await bench.order(one.variantId, { buyer, pass })),
    'fine',
    'who has queued for a sale queues once',
  );
  await bench.newRoom({ switchedBy: 'hand', isOn: false }, all);
  await bench.ticks(1);
  assert.equal(slugOf(await bench.quote(free.variantId)), 'fine');
});

test('set up wrongly, it says what is wrong; a second room for the same is a conflict', async () => {
  const sale = await bench.newSale(10);
  const put = (body: object) =>
    bench.rooms.putRoom({ params: { roomId: bench.anyId() }, body: { name: 'x', ...body } as never });
  assert.equal(slugOf(await put({ switchedBy: 'schedule' })), 'bad-request');
  assert.equal(slugOf(await put({ switchedBy: 'load', isOn: true })), 'bad-request');
  assert.equal(slugOf(await put({ switchedBy: 'schedule', saleId: bench.anyId() })), 'bad-request');
  assert.equal(slugOf(await put({ switchedBy: 'schedule', opensAtMs: 5, queueFromMs: 6 })), 'bad-request');
  await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule' });
  assert.equal(slugOf(await put({ switchedBy: 'schedule', saleId: sale.saleId })), 'conflict');
});

test('a ticket that another shop signed is none of ours', async () => {
  const sale = await bench.newSale(10);
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'hand', isOn: true });
  await bench.ticks(1);
  const { ticket } = await bench.take(roomId);
  const stranger = createSigner([newSigningKey()]);
  const { r, n, b, i, s, p } = ctx.signer.verify('ticket', ticket) as Record<string, unknown>;
  const foreign = stranger.sign('ticket', { r, n, b, i, s, p });
  assert.equal(slugOf(await bench.ask(roomId, foreign)), 'ticket-invalid');
  assert.equal(contextOn(ctx.database, { signer: stranger }).signer.verify('ticket', ticket), undefined);
});

test('by load: it stands while the shop has too much to do, and goes when nobody waits', async () => {
  const sale = await bench.newSale(100);
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'load' });
  await bench.ticks(2);
  assert.equal((await bench.room(roomId)).state, 'off');
  assert.equal(slugOf(await bench.quote(sale.variantId)), 'fine');
  bench.load.utilisation = 1.5;
  await bench.ticks(14);
  assert.equal((await bench.room(roomId)).state, 'open');
  assert.equal(slugOf(await bench.quote(sale.variantId)), 'waiting-room');
  bench.load.utilisation = 0.1;
  await bench.ticks(4);
  await bench.ticks(14, 4_500);
  assert.equal((await bench.room(roomId)).state, 'off');
});

test('after all this the books are fair: every place was called once, and nobody came in uncalled', async () => {
  assert.deepEqual(await auditWaitingRooms(ctx.database), []);
  const { rows } = await sql<{ roomId: string }>`select room_id as "roomId" from waiting_room.call limit 1`.execute(
    ctx.database,
  );
  const roomId = rows[0]?.roomId ?? assert.fail('somebody was called');
  // What the audit is for: it must see it.
  await sql`
    insert into waiting_room.call (room_id, from_place, to_place, called_at)
    values (${roomId}::uuid, 1000000, 1000002, now()), (${roomId}::uuid, 1000001, 1000003, now())`.execute(
    ctx.database,
  );
  await sql`
    insert into waiting_room.pass (room_id, place, number, buyer_id, claimed_at, expires_at)
    values (${roomId}::uuid, 2000000, 2000000, ${roomId}::uuid, now(), now())`.execute(ctx.database);
  assert.equal((await auditWaitingRooms(ctx.database)).length, 3);
});
