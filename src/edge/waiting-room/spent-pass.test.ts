import assert from 'node:assert/strict';
import test from 'node:test';
import { isProblem } from '../../platform/api/problem.ts';
import { until } from '../../platform/testing/until.ts';
import { createSpentPasses } from './spent-passes.ts';
import { roomBench, slugOf, well } from './testing.ts';

const bench = await roomBench();
const { ctx } = bench;
await ctx.events.start();

async function bought() {
  const { saleId, variantId } = await bench.newSale(10);
  const roomId = await bench.newRoom({ saleId, switchedBy: 'schedule' });
  await bench.ticks(1);
  const { ticket, buyer, number } = await bench.take(roomId);
  await bench.ticks(1);
  const { pass } = well(await bench.claim(roomId, ticket));
  assert.equal((await bench.look(roomId, ticket)).standing, 'called', 'his pass can still be fetched once more');
  assert.equal(slugOf(await bench.order(variantId, { buyer, pass })), 'fine');
  return { roomId, variantId, ticket, buyer, number };
}

const whyOf = (reply: object) => (isProblem(reply) ? reply.problem.why : undefined);

test('a ticket whose pass has bought is told so, by polls too, and is not called any more', async () => {
  const { roomId, variantId, ticket, buyer, number } = await bought();
  await until(async () => whyOf(await bench.ask(roomId, ticket)) === 'used', {
    what: 'the room has heard of the order',
  });
  assert.equal(bench.service.tickets.glance(roomId, ticket), undefined);
  assert.deepEqual(
    [await bench.ask(roomId, ticket), await bench.claim(roomId, ticket), await bench.leave(roomId, ticket)].map(whyOf),
    ['used', 'used', 'used'],
  );
  // Who wants more lines up once more, and is not given back what is good for nothing.
  const again = await bench.quote(variantId, { buyer, ticket });
  assert(isProblem(again));
  assert.notEqual((await bench.look(roomId, String(again.problem.ticket))).number, number);
});

test('what has bought is known from the database when memory has let go of it', async () => {
  const { roomId, ticket } = await bought();
  for (const waitMs of [61_000, 600_000]) {
    const whys = async () => [await bench.ask(roomId, ticket), await bench.claim(roomId, ticket)].map(whyOf);
    await until(async () => (await whys()).every((why) => why === 'used'), { what: 'the room has heard of the order' });
    ctx.clock.advance(waitMs);
    await bench.ticks(1);
    assert.deepEqual(await whys(), ['used', 'used']);
  }
});

test('spent passes are remembered for as long as their tickets could be called, and no longer', () => {
  let nowMs = 0;
  const spent = createSpentPasses({ nowMs: () => nowMs }, 60_000);
  for (let place = 0; place < 1_000; place++) {
    spent.add({ roomId: 'a', place });
    nowMs += 1_000;
    assert(spent.has('a', place) && !spent.has('b', place));
    assert(place < 59 || spent.has('a', place - 59));
    assert(spent.size <= 62, String(spent.size));
  }
});
