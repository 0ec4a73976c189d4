import assert from 'node:assert/strict';
import test from 'node:test';
import { newId, randomBucket } from '../../platform/database/id.ts';
import { testClock } from '../../platform/testing/context.ts';
import { testDatabase } from '../../platform/testing/database.ts';
import { testRoad } from '../../platform/testing/road.ts';
import { createPlaceLanes } from './lanes.ts';
import { waitingRoomMigrations } from './migrations.ts';
import { insertCall, writeConfig } from './store.ts';

const clock = testClock();
const database = await testDatabase([waitingRoomMigrations]);
const road = await testRoad(database);
const anyId = () => newId(randomBucket(), clock.nowMs());

test('places become passes in one round trip; those that have one or get none are looked up in another', async () => {
  await road.database.ping(10_000);
  const roomId = anyId();
  const config = { saleId: undefined, queueFromMs: undefined, opensAtMs: undefined, pacePerSMax: undefined };
  await writeConfig(database, { roomId, name: 'Room', switchedBy: 'hand', isOn: true, ...config });
  await insertCall(database, roomId, { from: 0, to: 10, atMs: clock.nowMs() });
  const { passes: lane } = createPlaceLanes({ database: road.database, clock }, 60_000);
  const claims = Array.from({ length: 12 }, (_, place) => ({ roomId, place, number: place, buyerId: anyId() }));
  let got: Awaited<ReturnType<typeof lane.submit>>[] = [];
  const tripsOf = (places: number[], isDue = true) =>
    road.countTrips(async () => {
      const wanted = places.flatMap((place) => claims[place] ?? []);
      got = await Promise.all(wanted.map((claim) => lane.submit({ ...claim, isDue })));
    });

  assert.equal(await tripsOf([0, 1, 2, 1]), 1);
  const first = got;
  assert.deepEqual(
    first.map((pass) => pass && [pass.place, pass.buyerId, pass.expiresAtMs]),
    [0, 1, 2, 1].map((place) => [place, claims[place]?.buyerId, clock.nowMs() + 60_000]),
  );
  clock.advance(1_000);
  // Place 11 was not called.
  assert.equal(await tripsOf([3, 0, 11]), 2);
  assert.deepEqual([got[0]?.expiresAtMs, got[1], got[2]], [clock.nowMs() + 60_000, first[0], undefined]);
  assert.equal(await tripsOf([1, 4], false), 1);
  assert.deepEqual(got, [first[1], undefined]);
});
