import assert from 'node:assert/strict';
import test from 'node:test';
import { isProblem } from '../../platform/api/problem.ts';
import { sql } from '../../platform/database/sql.ts';
import { until } from '../../platform/testing/until.ts';
import { insertDepartures } from './store-departures.ts';
import { anotherProcess, type RoomBench, roomBench, slugOf, well } from './testing.ts';

const bench = await roomBench();
const { ctx } = bench;
const day = 86_400_000;

/** An open room before so many units, in which one is called at each tick. */
async function openRoom(units: number) {
  const sale = await bench.newSale(units, { lastsMs: day });
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule', pacePerSMax: 4 });
  await bench.ticks(1);
  return { ...sale, roomId };
}

async function takeInOrder(roomId: string, count: number) {
  const tickets = [];
  for (let index = 0; index < count; index++) tickets.push(await bench.take(roomId));
  return tickets;
}

async function refusalOf(asked: ReturnType<RoomBench['ask' | 'claim' | 'leave']>) {
  const reply = await asked;
  assert(isProblem(reply), JSON.stringify(reply));
  return [reply.status, reply.problem.detail];
}

const leave = async (roomId: string, ticket: string, shop: Pick<RoomBench, 'leave'> = bench) =>
  assert.deepEqual(await shop.leave(roomId, ticket), { status: 204, body: null });

const left = [401, 'The line was left with this ticket, so its place was given up. Take a new one.'];

test('who leaves is passed over, his ticket is good for nothing more, and leaving twice is leaving', async () => {
  const { roomId } = await openRoom(100);
  const [first, second, third, fourth] = await takeInOrder(roomId, 4);
  assert(first && second && third && fourth);
  await leave(roomId, second.ticket);
  await leave(roomId, second.ticket);
  await leave(roomId, third.ticket);
  assert.deepEqual(await refusalOf(bench.ask(roomId, second.ticket)), left);
  const { place, aheadCount } = await bench.look(roomId, fourth.ticket);
  assert.deepEqual([place, aheadCount], [3, 1], 'who is behind has moved up, before anybody is called');
  await bench.ticks(1);
  assert.equal((await bench.look(roomId, first.ticket)).standing, 'called');
  assert.equal((await bench.look(roomId, fourth.ticket)).aheadCount, 0, 'nobody is between');
  await bench.ticks(1);
  assert.equal((await bench.look(roomId, fourth.ticket)).standing, 'called', 'no call was spent on who has left');
  for (const { ticket } of [second, third]) assert.deepEqual(await refusalOf(bench.claim(roomId, ticket)), left);
  await leave(roomId, second.ticket);
});

test('who leaves before the opening takes part in the lot and is not called, whatever place he drew', async () => {
  const sale = await bench.newSale(100, { startsInMs: 60_000 });
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule', pacePerSMax: 4 });
  const tickets = await bench.takeMany(roomId, 12);
  const [leaving, staying] = [tickets.slice(0, 8), tickets.slice(8)];
  await Promise.all(leaving.map(({ ticket }) => leave(roomId, ticket)));
  // One may be called with the lot, before it is reckoned who has drawn what.
  await bench.ticks(1, 59_750);
  await bench.ticks(1);
  assert.equal((await bench.room(roomId)).lot?.ticketCount, 12);
  await bench.ticks(4);
  for (const { ticket } of staying) well(await bench.claim(roomId, ticket));
  for (const { ticket } of leaving) assert.deepEqual(await refusalOf(bench.claim(roomId, ticket)), left);
});

test('in each process, and after a restart, nobody has those ahead who have left, before the lot or after it', async () => {
  const sale = await bench.newSale(100, { startsInMs: 60_000 });
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule', pacePerSMax: 4 });
  const early = await bench.takeMany(roomId, 12);
  await Promise.all(early.slice(0, 4).map(({ ticket }) => leave(roomId, ticket)));
  await bench.ticks(1, 59_750);
  await bench.ticks(1);
  const second = anotherProcess(bench);
  const late = await takeInOrder(roomId, 4);
  const last = late.at(-1)?.ticket ?? '';
  await second.service.tick();
  for (const { ticket } of late.slice(0, 2)) await leave(roomId, ticket, second);
  await bench.service.tick();
  const { admittedCount } = await bench.room(roomId);
  const staying = await Promise.all(early.slice(4).map(({ ticket }) => bench.look(roomId, ticket)));
  const ahead = staying.filter(({ place = 0 }) => place >= admittedCount).length + 1;
  const restarted = anotherProcess(bench);
  await restarted.service.tick();
  for (const process of [bench, second, restarted]) {
    assert.equal((await process.look(roomId, last)).aheadCount, ahead);
  }
});

test('what was promised to who was called and leaves is the next one’s at once', async () => {
  const { roomId } = await openRoom(1);
  const [first, second] = await takeInOrder(roomId, 2);
  assert(first && second);
  await bench.ticks(2);
  assert.deepEqual(
    [(await bench.look(roomId, first.ticket)).standing, (await bench.look(roomId, second.ticket)).standing],
    ['called', 'promised'],
  );
  await leave(roomId, first.ticket);
  await bench.ticks(1);
  assert.equal((await bench.look(roomId, second.ticket)).standing, 'called');
  well(await bench.claim(roomId, second.ticket));
  assert.deepEqual(await refusalOf(bench.claim(roomId, first.ticket)), left);
});

test('nobody leaves for another, nor by a ticket that holds no place', async () => {
  const { roomId } = await openRoom(100);
  const elsewhere = await openRoom(100);
  await takeInOrder(roomId, 3);
  const [waiting, late] = await takeInOrder(roomId, 2);
  assert(waiting && late);
  const other = await bench.take(elsewhere.roomId);
  const notOurs = [401, 'Send a ticket of this waiting room as the bearer token.'];
  for (const ticket of ['', 'forged', waiting.ticket.replace(/.$/, ''), other.ticket, waiting.buyer]) {
    assert.deepEqual(await refusalOf(bench.leave(roomId, ticket)), notOurs, ticket);
  }
  assert.equal((await bench.look(roomId, waiting.ticket)).standing, 'waiting');
});

test('where there is no place to give up, it is said why', async () => {
  const { roomId } = await openRoom(100);
  const [called, silent] = await takeInOrder(roomId, 2);
  assert(called && silent);
  await bench.ticks(1);
  well(await bench.claim(roomId, called.ticket));
  const hasPass = [
    409,
    'This ticket has become a pass, which is good until it is used or expires: there is no place to give up.',
  ];
  assert.deepEqual(await refusalOf(bench.leave(roomId, called.ticket)), hasPass);
  // A minute later this process knows its call no more, and asks.
  await bench.ticks(70, 1_000);
  assert.deepEqual(await refusalOf(bench.leave(roomId, called.ticket)), hasPass);
  await bench.ticks(120, 1_000);
  const why = 'Nobody asked about this ticket for so long that its place was given up. Take a new one.';
  assert.deepEqual(await refusalOf(bench.leave(roomId, silent.ticket)), [401, why]);
});

test('a process that has not heard of it yet lets nobody in who has left', async () => {
  const { roomId } = await openRoom(100);
  const second = anotherProcess(bench);
  const { ticket } = await bench.take(roomId);
  await bench.ticks(1);
  await second.service.tick();
  await leave(roomId, ticket);
  assert.equal((await second.look(roomId, ticket)).standing, 'called');
  assert.deepEqual(await refusalOf(second.claim(roomId, ticket)), left);
  await leave(roomId, ticket, second);
  assert.deepEqual(await refusalOf(second.ask(roomId, ticket)), left);
  const restarted = anotherProcess(bench);
  await restarted.service.tick();
  assert.deepEqual(await refusalOf(restarted.ask(roomId, ticket)), left);
});

test('who comes in the moment in which he leaves does one of them', async () => {
  const { roomId } = await openRoom(100);
  const { ticket, number = 0 } = await bench.take(roomId);
  await bench.ticks(1);
  const outcomes: Promise<object>[] = [];
  const unwritten = new Error('rolled back');
  const writing = ctx.database.transaction(async (tx) => {
    // Leaving waits for this row, and has seen by then that there is no pass.
    await insertDepartures(tx, [{ roomId, number, place: undefined }], ctx.clock.nowMs());
    outcomes.push(bench.leave(roomId, ticket));
    await until(isSomebodyWaiting, { what: 'leaving waits for the row' });
    outcomes.push(bench.claim(roomId, ticket));
    // As long as a pass takes that waits for nobody.
    for (let trip = 0; trip < 20; trip++) await ctx.database.ping(10_000);
    throw unwritten;
  });
  await assert.rejects(writing, unwritten);
  assert.deepEqual((await Promise.all(outcomes)).map(slugOf), ['fine', 'ticket-invalid']);
});

async function isSomebodyWaiting(): Promise<boolean> {
  const { rows } = await sql<{ count: number }>`
    select count(*) from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`.execute(ctx.database);
  return (rows[0]?.count ?? 0) > 0;
}

test('a process that has not heard of a new opening gives nobody who leaves it a place by the old one', async () => {
  const { saleId } = await bench.newSale(100, { lastsMs: day });
  const byHand = { saleId, switchedBy: 'hand' } as const;
  const roomId = await bench.newRoom({ ...byHand, isOn: true });
  await bench.ticks(2);
  await bench.newRoom({ ...byHand, isOn: false }, roomId);
  await bench.ticks(2, 300_000);
  const second = anotherProcess(bench);
  await second.service.tick();
  const opensAtMs = ctx.clock.nowMs() + 60_000;
  await bench.newRoom({ saleId, switchedBy: 'schedule', opensAtMs }, roomId);
  await bench.ticks(1);
  assert.equal((await bench.room(roomId)).state, 'before');
  const { ticket, number } = await bench.take(roomId);
  await leave(roomId, ticket, second);
  const { rows } = await sql<object>`
    select number, place from waiting_room.departure where room_id = ${roomId}::uuid`.execute(ctx.database);
  assert.deepEqual(rows, [{ number, place: null }]);
});

test('who has left and comes again has a new place, at the end', async () => {
  const { roomId, variantId } = await openRoom(100);
  const [leaving] = await takeInOrder(roomId, 3);
  assert(leaving);
  await leave(roomId, leaving.ticket);
  assert.equal((await bench.take(roomId, leaving.buyer, leaving.ticket)).place, 3);
  const reply = await bench.quote(variantId, { ticket: leaving.ticket, buyer: leaving.buyer });
  assert(isProblem(reply));
  assert.equal(slugOf(reply), 'waiting-room');
  assert.equal((await bench.look(roomId, String(reply.problem.ticket))).place, 4);
});

test('of fifty who leave with one ticket, or come and leave at once, none is counted twice', async () => {
  const { roomId } = await openRoom(3);
  const [first, second] = await takeInOrder(roomId, 4);
  assert(first && second);
  await bench.ticks(4);
  await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0 ? leave(roomId, first.ticket) : bench.claim(roomId, second.ticket),
    ),
  );
  const { rows } = await sql<{ number: number }>`
    select number from waiting_room.departure where room_id = ${roomId}::uuid`.execute(ctx.database);
  assert.deepEqual(rows, [{ number: 0 }]);
  await bench.ticks(2);
  assert.equal((await bench.room(roomId)).admittedCount, 4, 'one unit was given back, and one more was called');
});
