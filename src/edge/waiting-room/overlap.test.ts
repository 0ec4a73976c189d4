import assert from 'node:assert/strict';
import test from 'node:test';
import { anotherProcess, type RoomBench, roomBench, slugOf, well } from './testing.ts';

const bench = await roomBench();
const { ctx } = bench;
const passMs = 600_000;
/** After a pass has expired, an order with it may still be on its way. */
const graceMs = 5_000;

type Shop = Pick<RoomBench, 'claim' | 'order' | 'look'>;

/** Rooms that are open before two sales of one variant with so many units, and twenty people who wait in each. */
async function newOverlap(units: number) {
  const { variantId, saleId } = await bench.newSale(units);
  const other = await bench.newSaleOf([variantId], 'EUR');
  return { variantId, ...(await newRooms(saleId, other.saleId)) };
}

async function newRooms(...saleIds: [string, string]) {
  const [one, two] = [await open(saleIds[0]), await open(saleIds[1])];
  await bench.ticks(1);
  return { one, two, waiting: { [one]: await bench.takeMany(one, 20), [two]: await bench.takeMany(two, 20) } };
}

const open = (saleId: string, roomId?: string) => bench.newRoom({ saleId, switchedBy: 'hand', isOn: true }, roomId);

const calledCount = async (roomId: string) => (await bench.room(roomId)).admittedCount;
const calledCounts = ({ one, two }: { one: string; two: string }) => Promise.all([one, two].map(calledCount));
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

/** Everybody who was called comes for his pass. */
async function claimAll(
  shop: Shop,
  roomId: string,
  waiting: Readonly<Record<string, readonly { ticket: string; buyer: string; place?: number }[]>>,
) {
  const admitted = await calledCount(roomId);
  const called = (waiting[roomId] ?? []).filter(({ place = 0 }) => place < admitted);
  return Promise.all(
    called.map(async ({ ticket, buyer }) => ({ buyer, pass: well(await shop.claim(roomId, ticket)).pass })),
  );
}

test('two rooms before one variant call as many as there are units, and everybody who comes in finds one', async () => {
  const rooms = await newOverlap(17);
  const { variantId, one, two, waiting } = rooms;
  await bench.ticks(8);
  assert.equal(sum(await calledCounts(rooms)), 17);
  assert(
    (await calledCounts(rooms)).every((count) => count > 0),
    'each has had its turn',
  );
  assert.deepEqual([(await bench.room(one)).state, (await bench.room(two)).state], ['promised', 'promised']);
  const passes = [...(await claimAll(bench, one, waiting)), ...(await claimAll(bench, two, waiting))];
  await bench.ticks(4);
  for (const pass of passes) assert.equal(slugOf(await bench.order(variantId, pass)), 'fine');
  await bench.ticks(4);
  assert.equal(sum(await calledCounts(rooms)), 17, 'nobody is called for what is sold');
});

test('what only one of two sales has is promised beside what both have, and no more', async () => {
  const { variantId, saleId } = await bench.newSale(3);
  const other = await bench.newSale(5);
  const both = await bench.newSaleOf([variantId, other.variantId], 'EUR');
  const rooms = await newRooms(saleId, both.saleId);
  await bench.ticks(8);
  assert.equal(sum(await calledCounts(rooms)), 8);
  assert((await calledCount(rooms.one)) <= 3);
});

test('passes that expire are given back to all: the other room calls in their place', async () => {
  const rooms = await newOverlap(10);
  await bench.ticks(8);
  const before = await calledCounts(rooms);
  for (const roomId of [rooms.one, rooms.two]) await claimAll(bench, roomId, rooms.waiting);
  ctx.clock.advance(passMs);
  await bench.ticks(2);
  assert.deepEqual(await calledCounts(rooms), before, 'the last order may be on its way');
  ctx.clock.advance(graceMs);
  await bench.ticks(4);
  assert.equal(sum(await calledCounts(rooms)), 20);
});

test('who is called and does not come gives it back to all, too', async () => {
  const rooms = await newOverlap(10);
  await bench.ticks(8);
  const before = sum(await calledCounts(rooms));
  assert.equal(before, 10);
  await bench.ticks(20, 4_000);
  assert(sum(await calledCounts(rooms)) > before);
});

for (const end of ['closed', 'deleted'] as const) {
  test(`a room that is ${end}: what its passes can still buy is promised, and then it is the other room's`, async () => {
    const { variantId, saleId } = await bench.newSale(10);
    const one = await open(saleId);
    await bench.ticks(1);
    const waiting = { [one]: await bench.takeMany(one, 20) };
    await bench.ticks(2);
    const [pass] = await claimAll(bench, one, waiting);
    const { quote } = well(await bench.quote(variantId, pass));
    await bench.newRoom({ saleId, switchedBy: 'hand', isOn: false }, one);
    await bench.ticks(1);
    if (end === 'deleted') assert.equal(slugOf(await bench.rooms.deleteRoom({ params: { roomId: one } })), 'fine');
    const two = await open((await bench.newSaleOf([variantId], 'EUR')).saleId);
    await bench.ticks(1);
    await bench.takeMany(two, 20);
    await bench.ticks(4);
    assert.deepEqual([await calledCount(two), (await bench.room(two)).state], [0, 'promised']);
    assert.equal(slugOf(await bench.checkout.placeOrder({ body: { quote } })), 'fine');
    ctx.clock.advance(passMs + graceMs);
    await bench.ticks(4);
    assert.equal(await calledCount(two), 9);
  });
}

test('two processes that tick at once, one of them started in between, promise it once', async () => {
  const all = await Promise.all([3, 8, 17, 30].map(newOverlap));
  let second = anotherProcess(bench);
  for (let round = 0; round < 24; round++) {
    ctx.clock.advance(round % 3 === 0 ? 250 : 130);
    if (round === 12) second = anotherProcess(bench);
    await Promise.all([bench.service.tick(), second.service.tick()]);
    for (const [at, rooms] of all.entries()) {
      assert(sum(await calledCounts(rooms)) <= ([3, 8, 17, 30][at] ?? 0));
    }
  }
  assert.deepEqual(await Promise.all(all.map(async (rooms) => sum(await calledCounts(rooms)))), [3, 8, 17, 30]);
});
