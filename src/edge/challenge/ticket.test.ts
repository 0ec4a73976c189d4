import assert from 'node:assert/strict';
import test from 'node:test';
import { isProblem } from '../../platform/api/problem.ts';
import { roomBench, slugOf, well } from '../waiting-room/testing.ts';
import type { Challenge } from './api.ts';
import { askBeforeTickets } from './ask-before.ts';
import { createDoor } from './door.ts';
import { solved } from './testing.ts';

const bench = await roomBench(undefined, (ctx) => askBeforeTickets(createDoor(ctx)));
const suspicious = { clientPrefix: 'network-1', suspicion: 0.6 };

async function openRoom() {
  const sale = await bench.newSale(100);
  const roomId = await bench.newRoom({ saleId: sale.saleId, switchedBy: 'schedule' });
  await bench.ticks(1);
  return { sale, roomId };
}

test('whose network looks like a machine works for each ticket; others just get theirs', async () => {
  const { roomId } = await openRoom();
  const take = (challengeSolution?: string) =>
    bench.rooms.takeTicket(
      { params: { roomId }, body: {} },
      { ...suspicious, ...(challengeSolution !== undefined && { challengeSolution }) },
    );
  const asked = await take();
  assert.equal(slugOf(asked), 'challenge-required');
  assert(isProblem(asked));
  assert.equal(asked.problem.roomId, roomId);
  const solution = await solved(asked.problem.challenge as Challenge);
  assert.equal(slugOf(await take(solution)), 'fine');
  assert.equal(slugOf(await take(solution)), 'challenge-required', 'one solution, one ticket');
  assert.equal(slugOf(await bench.rooms.takeTicket({ params: { roomId }, body: {} })), 'fine');
});

test('a quote gives no ticket to who has not worked for it, and keeps the one that he has', async () => {
  const { sale, roomId } = await openRoom();
  const body = { lines: [{ variantId: sale.variantId, quantity: 1 }] };
  const before = (await bench.room(roomId)).issuedCount;
  assert.equal(slugOf(await bench.quoting.createQuote({ body }, suspicious)), 'challenge-required');
  await bench.ticks(1);
  assert.equal((await bench.room(roomId)).issuedCount, before);
  const { ticket, buyer } = well(await bench.rooms.takeTicket({ params: { roomId }, body: {} }));
  assert.equal(
    slugOf(await bench.quoting.createQuote({ body: { ...body, ticket, buyer } }, suspicious)),
    'waiting-room',
  );
});
