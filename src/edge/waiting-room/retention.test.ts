import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from '../../platform/database/sql.ts';
import { auditWaitingRooms } from './audit.ts';
import { roomRetention } from './retention.ts';
import { defaultRoomSettings } from './settings.ts';
import { roomBench, slugOf, well } from './testing.ts';

const bench = await roomBench();
const { ctx } = bench;
const day = 86_400_000;
const deleteOld = () => roomRetention(ctx, defaultRoomSettings).run({});

async function countsOf(roomId: string) {
  const { rows } = await sql<{ calls: number; passes: number }>`
    select (select count(*) from waiting_room.call where call.room_id = ${roomId}::uuid) as "calls",
           (select count(*) from waiting_room.pass where pass.room_id = ${roomId}::uuid) as "passes"`.execute(
    ctx.database,
  );
  return rows[0];
}

/** A room before a sale of so many days, with two who were called, one of whom came in. */
async function usedRoom(days: number) {
  const sale = await bench.newSale(100, { lastsMs: days * day });
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule', pacePerSMax: 4 });
  await bench.ticks(1);
  const [one, other] = [await bench.take(roomId), await bench.take(roomId)];
  await bench.ticks(2);
  const pass = well(await bench.claim(roomId, one.ticket));
  return { ...sale, roomId, one, other, pass, counts: await countsOf(roomId) };
}

test('calls and passes are kept for as long as is set, then deleted, and the audit finds nothing wrong before or after', async () => {
  const old = await usedRoom(1);
  await bench.ticks(1, 10 * day);
  const recent = await usedRoom(60);
  await bench.ticks(1, 20 * day - 1_000);
  await deleteOld();
  assert.deepEqual([await countsOf(old.roomId), old.counts?.passes], [old.counts, 1]);
  assert.deepEqual(await auditWaitingRooms(ctx.database), []);
  await bench.ticks(1, day);
  await deleteOld();
  assert.deepEqual(await countsOf(old.roomId), { calls: 0, passes: 0 });
  assert.deepEqual(await countsOf(recent.roomId), recent.counts);
  assert.deepEqual(await auditWaitingRooms(ctx.database), []);
});

test('a pass that is good for longer than calls are kept keeps its call, and stays the only one of its place', async () => {
  const { roomId, one, pass } = await usedRoom(100);
  await sql`
    update waiting_room.pass set expires_at = expires_at + interval '40 days' where room_id = ${roomId}::uuid`.execute(
    ctx.database,
  );
  await bench.ticks(1, 31 * day);
  await deleteOld();
  assert.deepEqual(await countsOf(roomId), { calls: 1, passes: 1 });
  const again = well(await bench.claim(roomId, one.ticket));
  assert.deepEqual([again.roomId, again.expiresAtMs], [roomId, pass.expiresAtMs + 40 * day]);
});

test('of a place whose call is deleted no second pass is made, though a process remembers that it was called', async () => {
  const { roomId, one, other } = await usedRoom(1);
  // The room is over, and ticks no more: to who was called it is as if no time had passed.
  await bench.ticks(2, 31 * day);
  assert.equal((await bench.look(roomId, one.ticket)).standing, 'called');
  await deleteOld();
  assert.deepEqual(await countsOf(roomId), { calls: 0, passes: 0 });
  for (const { ticket } of [one, other]) {
    assert.equal(slugOf(await bench.claim(roomId, ticket)), 'ticket-invalid');
  }
  assert.deepEqual(await countsOf(roomId), { calls: 0, passes: 0 });
});

test('more than a page is deleted at once', async () => {
  const { roomId } = await usedRoom(1);
  await sql`
    insert into waiting_room.call (room_id, from_place, to_place, called_at)
    select ${roomId}::uuid, n, n + 1, to_timestamp(${ctx.clock.nowMs()}::float8 / 1000)
      from generate_series(1000, 1999) as n`.execute(ctx.database);
  await bench.ticks(1, 31 * day);
  await deleteOld();
  assert.deepEqual(await countsOf(roomId), { calls: 0, passes: 0 });
});

const remove = (roomId: string) => bench.rooms.deleteRoom({ params: { roomId } });

test('a room in which people queue is not deleted; one that is off or over is, and who waited is told that there is none', async () => {
  const sale = await bench.newSale(10);
  const hand = { saleId: sale.saleId, switchedBy: 'hand' as const, pacePerSMax: 0.1 };
  const roomId = await bench.newRoom({ ...hand, isOn: true });
  await bench.ticks(1);
  const { ticket, number } = await bench.take(roomId);
  assert.equal(slugOf(await remove(roomId)), 'conflict');
  assert.equal((await bench.look(roomId, ticket)).standing, 'waiting');
  await bench.newRoom({ ...hand, isOn: false }, roomId);
  await bench.ticks(1);
  assert.equal(slugOf(await remove(roomId)), 'fine');
  assert.deepEqual([slugOf(await bench.ask(roomId, ticket)), slugOf(await remove(roomId))], ['not-found', 'not-found']);
  assert.equal(slugOf(await bench.quote(sale.variantId)), 'fine', 'nothing stands before the sale');

  // Made again by the same id it goes on where it was: a pass is used by room and place.
  await bench.newRoom({ ...hand, isOn: true }, roomId);
  await bench.ticks(1);
  assert.equal((await bench.take(roomId)).number, (number ?? 0) + 1);
});

test('a room that opens while it is deleted is either open or gone', async () => {
  const sale = await bench.newSale(10);
  const hand = { saleId: sale.saleId, switchedBy: 'hand' as const };
  for (let round = 0; round < 8; round++) {
    const roomId = await bench.newRoom({ ...hand, isOn: false });
    const [removed, opened] = await Promise.all([remove(roomId), bench.newRoom({ ...hand, isOn: true }, roomId)]);
    assert.equal(opened, roomId);
    await bench.ticks(1);
    const room = await bench.rooms.getRoom({ params: { roomId } });
    assert(slugOf(removed) === 'fine' || well(room).state === 'open');
    await bench.newRoom({ ...hand, isOn: false }, roomId);
    await bench.ticks(1);
    assert.equal(slugOf(await remove(roomId)), 'fine');
  }
});

test('who left the line is forgotten when the calls of then are', async () => {
  const { roomId, other } = await usedRoom(100);
  await bench.leave(roomId, other.ticket);
  const departures = async () => {
    const { rows } = await sql`select from waiting_room.departure where room_id = ${roomId}::uuid`.execute(
      ctx.database,
    );
    return rows.length;
  };
  await deleteOld();
  assert.equal(await departures(), 1);
  await bench.ticks(1, 31 * day);
  await deleteOld();
  assert.equal(await departures(), 0);
});
