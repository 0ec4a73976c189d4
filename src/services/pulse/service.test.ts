import assert from 'node:assert/strict';
import test from 'node:test';
import { isProblem } from '../../platform/api/problem.ts';
import { contextOn, testContext } from '../../platform/testing/context.ts';
import type { Pulse, Replay } from './api.ts';
import { deleteBefore, loadSeconds } from './store.ts';
import { pulseBench, pulseTestMigrations, staffToken } from './testing.ts';

const ctx = await testContext(pulseTestMigrations);
const bench = pulseBench(ctx);
const { client, orders, key } = bench;
await ctx.events.start();
// The test's clock begins anywhere within a second; what happens "in a second" must not fall into two.
ctx.clock.advance(1000 - (ctx.clock.nowMs() % 1000));

async function pulse(): Promise<Pulse> {
  const reply = await client.getPulse({}, key);
  assert(!isProblem(reply));
  return reply.body;
}

async function replayOf(saleId: string): Promise<Replay> {
  const reply = await client.getReplay({ params: { saleId } }, key);
  assert(!isProblem(reply), JSON.stringify(reply));
  return reply.body;
}

/** What the replay says of one second, in the words of the live figures. */
function figuresAt(replay: Replay, atMs: number) {
  const step = (atMs - replay.startsAtMs) / 1000;
  const at = (list: readonly number[]) => list[step] ?? Number.NaN;
  return {
    money: replay.money
      .map(({ currency, takenMinor }) => ({ currency, takenMinor: at(takenMinor) }))
      .filter(({ takenMinor }) => takenMinor !== 0),
    buyersCount: at(replay.buyersCount),
    variants: replay.variants.map(({ variantId, grantedCount, reservedCount, soldCount }) => ({
      variantId,
      grantedCount,
      reservedCount: at(reservedCount),
      soldCount: at(soldCount),
    })),
    regions: replay.regions
      .map(({ countryCode, orderCount }) => ({ countryCode, orderCount: at(orderCount) }))
      .filter(({ orderCount }) => orderCount > 0),
  };
}

function figuresOf({ money, buyersCount, variants, regions }: Pulse) {
  return {
    money: money.filter(({ takenMinor }) => takenMinor !== 0),
    buyersCount,
    variants: variants.map(({ variantId, grantedCount, reservedCount, soldCount }) => ({
      variantId,
      grantedCount,
      reservedCount,
      soldCount,
    })),
    regions,
  };
}

test('a replay tells of each second what the wall told at the time, from orders as they really go', async () => {
  const [variantId, saleId] = [orders.newVariantId(), orders.newVariantId()];
  await orders.grant(variantId, 20);
  // Before the sale somebody pays the list price: that is not of the sale, but the unit is gone.
  const early = orders.quote([{ variantId, quantity: 1 }]);
  await orders.place(early);
  await orders.settle(early, orders.newVariantId());
  await bench.announceMoney('captured', early.totalMinor);
  ctx.clock.advance(3_000);
  const startsAtMs = ctx.clock.nowMs();
  await bench.announceSale({ saleId, startsAtMs, endsAtMs: startsAtMs + 3_600_000, variantIds: [variantId] });

  const told = new Map<number, ReturnType<typeof figuresOf>>();
  const placed: ReturnType<typeof orders.quote>[] = [];
  for (let second = 0; second < 6; second++) {
    for (const country of ['CN', 'DE', undefined]) {
      const quote = orders.quote([{ variantId, quantity: 1 }], {
        ...(country !== undefined && {
          deliveryAddress: { name: 'A', line1: 'B', city: 'C', countryCode: country },
        }),
      });
      assert.equal((await orders.place(quote)).status, 201);
      placed.push(quote);
    }
    const due = placed[second * 2];
    if (due !== undefined && second % 2 === 0) {
      assert(await orders.settle(due, orders.newVariantId()));
      await bench.announceMoney('captured', due.totalMinor);
    }
    if (second === 3) {
      // A paid order is given back, an unpaid one is let go.
      for (const quote of [placed[0], placed[1]]) if (quote !== undefined) await orders.cancel(quote.orderId);
      await bench.announceMoney('refunded', 4900);
    }
    await bench.folded();
    ctx.clock.advance(1_000);
    const now = await pulse();
    told.set(now.atMs, figuresOf(now));
  }
  const replay = await replayOf(saleId);
  assert.equal(told.size, 6);
  for (const [atMs, figures] of told) assert.deepEqual(figuresAt(replay, atMs), figures, `second ${atMs - startsAtMs}`);
  const last = figuresAt(replay, startsAtMs + 5_000);
  assert.deepEqual(last.money, [{ currency: 'USD', takenMinor: 2 * 4900 }]);
  assert.deepEqual(last.variants, [{ variantId, grantedCount: 20, reservedCount: 14, soldCount: 3 }]);
  assert.equal(
    replay.placedCount.reduce((sum, count) => sum + count, 0),
    19,
  );
});

test('a process that starts in the middle knows all that was', async () => {
  const before = await pulse();
  const again = contextOn(ctx.database, { signer: ctx.signer });
  again.clock.advance(ctx.clock.nowMs() - again.clock.nowMs());
  const restarted = pulseBench(again);
  const quote = orders.quote([{ variantId: before.variants[0]?.variantId ?? '', quantity: 1 }]);
  await orders.place(quote);
  await bench.folded();
  const reply = await restarted.client.getPulse({}, key);
  assert(!isProblem(reply));
  assert.equal(reply.body.orders.placedCount, before.orders.placedCount + 1);
  assert.deepEqual(reply.body.money, before.money);
  assert.deepEqual(reply.body.buyersCount, before.buyersCount + 1);
});

test('a sold-out sale is replayed to a minute after its last unit, and to its end otherwise', async () => {
  const [variantId, saleId] = [orders.newVariantId(), orders.newVariantId()];
  await orders.grant(variantId, 2);
  const startsAtMs = ctx.clock.nowMs();
  await bench.announceSale({ saleId, startsAtMs, endsAtMs: startsAtMs + 7_200_000, variantIds: [variantId] });
  ctx.clock.advance(10_000);
  for (let unit = 0; unit < 2; unit++) await orders.place(orders.quote([{ variantId, quantity: 1 }]));
  await bench.folded();
  ctx.clock.advance(600_000);
  const { stepCount, stepS, placedCount } = await replayOf(saleId);
  assert.equal(stepS, 1);
  assert.equal(stepCount, 60 + 10 + 60 + 1);
  assert.equal(placedCount[70], 2);
});

test('a sale of days is thinned, and loses no order by it', async () => {
  const [variantId, saleId] = [orders.newVariantId(), orders.newVariantId()];
  await orders.grant(variantId, 100);
  const startsAtMs = ctx.clock.nowMs();
  await bench.announceSale({ saleId, startsAtMs, endsAtMs: startsAtMs + 12 * 3_600_000, variantIds: [variantId] });
  for (let hour = 0; hour < 12; hour++) {
    await orders.place(orders.quote([{ variantId, quantity: 1 }]));
    ctx.clock.advance(3_500_000);
  }
  ctx.clock.advance(3_600_000);
  await bench.folded();
  const replay = await replayOf(saleId);
  assert.equal(replay.stepS, 3);
  assert(replay.stepCount <= 4 * 3600 + 121);
  assert.equal(replay.placedCount.length, replay.stepCount);
  assert.equal(
    replay.placedCount.reduce((sum, count) => sum + count, 0),
    12,
  );
});

test('fifty watchers cost one computation and one serialisation a second, none cost nothing', async () => {
  const computed = () => bench.count('onrush_pulse_computations_total');
  const serialised = () => bench.count('onrush_pulse_serialisations_total');
  const computedBefore = computed();
  const controller = new AbortController();
  const watchers = await Promise.all(
    Array.from({ length: 50 }, async () => {
      // The handler itself, as the HTTP server calls it: a client in this process would be given copies.
      const nothing = { params: undefined, query: undefined, body: undefined };
      const call = { requestId: 'r', traceparent: 't', deadlineAtMs: 0, ...key, signal: controller.signal };
      const reply = await bench.service.handlers.watchPulse(nothing, call);
      assert(!isProblem(reply));
      return reply.body[Symbol.asyncIterator]();
    }),
  );
  assert.equal(computed(), computedBefore, 'who has not begun to read costs nothing');
  const nextOfAll = async () => (await Promise.all(watchers.map((each) => each.next()))).map(({ value }) => value);

  const first = await nextOfAll();
  assert(first.every(({ event }) => event === 'snapshot'));
  assert.equal(new Set(first.map(({ frame }) => frame)).size, 1, 'all are sent the same bytes');
  assert.equal(computed(), computedBefore + 1);
  assert.equal(serialised(), 1);
  for (let second = 1; second <= 3; second++) {
    ctx.clock.advance(1_000);
    const next = nextOfAll();
    await bench.turn();
    const events = await next;
    assert(events.every(({ event }) => event === 'second'));
    assert.equal(new Set(events.map(({ frame }) => frame)).size, 1);
    assert.equal(computed(), computedBefore + 1 + second);
    assert.equal(serialised(), 1 + second);
  }
  controller.abort();
  await Promise.all(watchers.map((each) => each.return?.()));
  await bench.service.stop?.();
  assert.equal(computed(), computedBefore + 4, 'nothing is worked out when all have gone');
});

test('who was away for a while is given the whole, not a part', async () => {
  const controller = new AbortController();
  const reply = await client.watchPulse({}, { ...key, signal: controller.signal });
  assert(!isProblem(reply));
  const watcher = reply.body[Symbol.asyncIterator]();
  assert.equal((await watcher.next()).value.event, 'snapshot');
  const before = bench.count('onrush_pulse_computations_total');
  for (let second = 1; second <= 3; second++) await bench.turn();
  await bench.turn();
  assert(bench.count('onrush_pulse_computations_total') >= before + 3);
  assert.equal((await watcher.next()).value.event, 'snapshot');
  controller.abort();
  await watcher.return?.();
});

test('what is late changes the second that it belongs to', async () => {
  const controller = new AbortController();
  const reply = await client.watchPulse({}, { ...key, signal: controller.signal });
  assert(!isProblem(reply));
  const watcher = reply.body[Symbol.asyncIterator]();
  const variantId = orders.newVariantId();
  await orders.grant(variantId, 5);
  const { atMs } = (await watcher.next()).value.data as Pulse;
  const happenedAtMs = ctx.clock.nowMs();
  await orders.place(orders.quote([{ variantId, quantity: 1 }]));
  ctx.clock.advance(4_000);
  await bench.folded();
  const next = watcher.next();
  await bench.turn();
  const told = (await next).value.data as Pulse;
  assert.equal(told.atMs, atMs + 4_000);
  assert.deepEqual(
    told.seconds.map((second) => [second.atMs, second.placedCount]),
    [[happenedAtMs - (happenedAtMs % 1000), 1]],
  );
  controller.abort();
  await watcher.return?.();
});

test('the wall opens to its key and to staff, to nobody else unless it is public', async () => {
  const statusOf = async (credential?: string) =>
    (await client.getPulse({}, credential === undefined ? {} : { credential })).status;
  assert.equal(await statusOf(), 401);
  assert.equal(await statusOf('something'), 401);
  assert.equal(await statusOf(ctx.signer.code('order-capability', 'wall')), 401, 'another purpose is another key');
  assert.equal(await statusOf(key.credential), 200);
  assert.equal(await statusOf(staffToken), 200);
  for (const ask of [
    client.watchPulse({}),
    client.listReplays({}),
    client.getReplay({ params: { saleId: orders.newVariantId() } }),
  ]) {
    assert.equal((await ask).status, 401);
  }
  const link = await client.getWallLink({});
  assert(!isProblem(link));
  assert.equal(link.body.path, `/wall?key=${key.credential}`);

  const open = pulseBench(contextOn(ctx.database, { signer: ctx.signer, shop: { wall: 'public' } }));
  assert.equal((await open.client.getPulse({})).status, 200);
});

test('what is older than a month is forgotten, what is younger is not', async () => {
  const { orders: before } = await pulse();
  const firstMs = (await loadSeconds(ctx.database, { fromMs: 0, toMs: ctx.clock.nowMs() + 1 }))[0]?.atMs ?? 0;
  assert(before.placedCount > 0);
  await deleteBefore(ctx.database, firstMs);
  assert.equal((await loadSeconds(ctx.database, { fromMs: 0, toMs: ctx.clock.nowMs() + 1 }))[0]?.atMs, firstMs);
  assert((await deleteBefore(ctx.database, ctx.clock.nowMs() + 1_000)) > 0);
  assert.deepEqual(await loadSeconds(ctx.database, { fromMs: 0, toMs: ctx.clock.nowMs() + 1 }), []);
});

test('a sale that has not begun, or never was, is not there', async () => {
  const saleId = orders.newVariantId();
  const startsAtMs = ctx.clock.nowMs() + 60_000;
  await bench.announceSale({ saleId, startsAtMs, endsAtMs: startsAtMs + 1000, variantIds: [] });
  await bench.folded();
  assert.equal((await client.getReplay({ params: { saleId } }, key)).status, 404);
  assert.equal((await client.getReplay({ params: { saleId: orders.newVariantId() } }, key)).status, 404);
});
