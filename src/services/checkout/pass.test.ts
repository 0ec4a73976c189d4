import assert from 'node:assert/strict';
import test from 'node:test';
import { connectInProcess } from '../../platform/api/in-process.ts';
import { isProblem, problemSlug } from '../../platform/api/problem.ts';
import { sql } from '../../platform/database/sql.ts';
import { contextOn, testContext } from '../../platform/testing/context.ts';
import { auditCheckout } from './audit.ts';
import { checkoutMigrations } from './migrations.ts';
import { createCheckout } from './service.ts';
import { checkoutBench } from './testing.ts';

const ctx = await testContext([checkoutMigrations]);
const bench = checkoutBench(ctx);
// Lanes that know nothing of each other, as in several processes.
const lanes = [
  bench.client,
  ...Array.from({ length: 3 }, () =>
    connectInProcess(createCheckout({ ...contextOn(ctx.database, { signer: ctx.signer }), clock: ctx.clock })),
  ),
];
const placeOn = (lane: number, quote: object) =>
  (lanes[lane % lanes.length] ?? bench.client).placeOrder({ body: { quote: ctx.signer.sign('quote', quote) } });
const outcomeOf = (reply: Awaited<ReturnType<typeof bench.place>>) =>
  isProblem(reply) ? problemSlug(reply) : reply.body.state;
const tally = (replies: readonly Awaited<ReturnType<typeof bench.place>>[]) =>
  Object.fromEntries([...Map.groupBy(replies, outcomeOf)].map(([outcome, some]) => [outcome, some.length]));
const usedCount = async (roomId: string) => {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from checkout.used_pass where room_id = ${roomId}::uuid`.execute(ctx.database);
  return rows[0]?.count;
};

test('one pass in fifty orders of fifty variants, over four lanes at once, is one order', async () => {
  const roomId = bench.newVariantId();
  const quotes = [];
  for (let index = 0; index < 50; index++) {
    const variantId = bench.newVariantId();
    await bench.grant(variantId, 1);
    quotes.push(bench.quote([{ variantId, quantity: 1 }], { pass: { roomId, place: 7 } }));
  }
  const replies = await Promise.all(quotes.map((quote, index) => placeOn(index, quote)));
  assert.deepEqual(tally(replies), { placed: 1, 'pass-used': 49 });
  assert.equal(await usedCount(roomId), 1);
  const won = replies.findIndex((reply) => !isProblem(reply));
  assert.equal(outcomeOf(await placeOn(won + 1, quotes[won] ?? {})), 'placed', 'a retry is told its order');
  assert.deepEqual(await auditCheckout(ctx.database), []);
});

test('many passes in any order over four lanes at once: each is one order and no lane waits for another in a circle', async () => {
  const roomId = bench.newVariantId();
  const variantIds = Array.from({ length: 4 }, bench.newVariantId);
  for (const variantId of variantIds) await bench.grant(variantId, 1000);
  const quotes = Array.from({ length: 400 }, (_, index) => {
    const variantId = variantIds[index % 4] ?? '';
    return bench.quote([{ variantId, quantity: 1 }], { pass: { roomId, place: (index * 37) % 100 } });
  });
  const replies = await Promise.all(quotes.map((quote, index) => placeOn(index, quote)));
  assert.deepEqual(tally(replies), { placed: 100, 'pass-used': 300 });
  assert.equal(await usedCount(roomId), 100);
});

test('who finds it sold out keeps his pass, also for another order of the same batch', async () => {
  const roomId = bench.newVariantId();
  const [gone, there] = [bench.newVariantId(), bench.newVariantId()];
  await bench.grant(there, 5);
  const pass = { roomId, place: 0 };
  assert.equal(outcomeOf(await bench.place(bench.quote([{ variantId: gone, quantity: 1 }], { pass }))), 'sold-out');
  assert.equal(await usedCount(roomId), 0);
  const quotes = [gone, there, there].map((variantId) => bench.quote([{ variantId, quantity: 1 }], { pass }));
  const replies = await Promise.all(quotes.map((quote) => bench.place(quote)));
  assert.deepEqual(replies.map(outcomeOf), ['sold-out', 'placed', 'pass-used']);
  const { rows } = await sql<{ orderId: string }>`
    select order_id as "orderId" from checkout.used_pass where room_id = ${roomId}::uuid`.execute(ctx.database);
  assert.deepEqual(rows, [{ orderId: quotes[1]?.orderId }]);
});

test('an order with a pass says so, with its units; an order without one uses none', async () => {
  const roomId = bench.newVariantId();
  const variantId = bench.newVariantId();
  await bench.grant(variantId, 10);
  const quote = bench.quote([{ variantId, quantity: 3 }], { pass: { roomId, place: 41 } });
  assert.equal(outcomeOf(await bench.place(quote)), 'placed');
  const { rows } = await sql<{ payload: string }>`
    select payload from events.outbox where topic = 'pass.used' and key = ${quote.orderId}::text`.execute(ctx.database);
  assert.deepEqual(JSON.parse(rows[0]?.payload ?? ''), {
    version: 1,
    orderId: quote.orderId,
    roomId,
    place: 41,
    units: 3,
  });
  await bench.place(bench.quote([{ variantId, quantity: 1 }]));
  assert.equal(await usedCount(roomId), 1);
});
