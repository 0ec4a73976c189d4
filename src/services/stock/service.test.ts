import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { connectInProcess } from '../../platform/api/in-process.ts';
import { isProblem, type ProblemReply } from '../../platform/api/problem.ts';
import { newId, randomBucket } from '../../platform/database/id.ts';
import { contextOn, testContext } from '../../platform/testing/context.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { createCheckout } from '../checkout/service.ts';
import type { MovementReason } from './api.ts';
import { levelOf } from './level.ts';
import { stockMigrations } from './migrations.ts';
import { createStock } from './service.ts';

const ctx = await testContext([stockMigrations, checkoutMigrations]);
const checkout = connectInProcess(createCheckout(ctx));
const service = createStock(ctx, { checkout });
const stock = connectInProcess(service);

const id = () => newId(randomBucket(), ctx.clock.nowMs());

function bodyOf<Reply extends { body: unknown }>(reply: Reply | ProblemReply): Reply['body'] {
  assert(!isProblem(reply), JSON.stringify(reply));
  return reply.body;
}

async function move(variantId: string, quantity: number, movementId = id(), reason: MovementReason = 'received') {
  const reply = await stock.moveStock({ body: { movements: [{ movementId, variantId, quantity, reason }] } });
  return bodyOf(reply).results[0]?.outcome;
}

async function level(variantId: string) {
  return bodyOf(await stock.getLevels({ body: { variantIds: [variantId] } })).items[0];
}

test('a level is what was received, less what is held and sold', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), (reserved, sold, available) => {
      const granted = reserved + sold + available;
      const of = levelOf('v', { subjectId: 'v', granted, reserved, sold });
      assert.equal(of.sold + of.reserved + of.available, of.received);
      assert.equal(of.onHand, of.reserved + of.available);
    }),
  );
});

test('received units are available; a repeated movement counts once; the same id for another movement is a conflict', async () => {
  const variantId = id();
  const movementId = id();
  assert.equal(await move(variantId, 10, movementId), 'applied');
  assert.equal(await move(variantId, 10, movementId), 'applied');
  assert.equal(await move(variantId, 11, movementId), 'conflict');
  assert.equal(await move(id(), 10, movementId), 'conflict');
  assert.deepEqual(await level(variantId), {
    variantId,
    received: 10,
    onHand: 10,
    reserved: 0,
    available: 10,
    sold: 0,
  });
});

test('what is not there cannot be taken away, and the refusal stays in the ledger with its reason', async () => {
  const variantId = id();
  await move(variantId, 3);
  assert.equal(await move(variantId, -4, id(), 'damaged'), 'insufficient');
  assert.equal(await move(variantId, -3, id(), 'lost'), 'applied');
  const { items } = bodyOf(await stock.listMovements({ query: { variantId } }));
  assert.deepEqual(
    items.map(({ quantity, reason, state }) => [quantity, reason, state]).sort(),
    [
      [-3, 'lost', 'applied'],
      [-4, 'damaged', 'refused'],
      [3, 'received', 'applied'],
    ].sort(),
  );
});

test('fifty takers of the last ten units: ten get one', async () => {
  const variantId = id();
  await move(variantId, 10);
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => move(variantId, -1, id(), 'correction')));
  assert.equal(outcomes.filter((outcome) => outcome === 'applied').length, 10);
  assert.equal((await level(variantId))?.available, 0);
});

test('counting sets what is on hand, and counting the same again changes nothing', async () => {
  const [one, other] = [id(), id()];
  await move(one, 5);
  const levels = [
    { variantId: one, onHand: 12 },
    { variantId: other, onHand: 7 },
  ];
  assert.deepEqual(bodyOf(await stock.countStock({ body: { levels } })), { changedCount: 2, refused: [] });
  assert.deepEqual(bodyOf(await stock.countStock({ body: { levels } })), { changedCount: 0, refused: [] });
  assert.equal((await level(one))?.onHand, 12);
  assert.equal((await level(other))?.onHand, 7);
});

test('the ledger is read page by page, each movement once', async () => {
  const variantId = id();
  for (let n = 1; n <= 7; n++) {
    await move(variantId, n);
    if (n % 3 === 0) ctx.clock.advance(1);
  }
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const page = bodyOf(await stock.listMovements({ query: { variantId, limit: 2, ...(cursor && { cursor }) } }));
    seen.push(...page.items.map((item) => item.quantity));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  assert.deepEqual(
    seen.toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7],
  );
});

test('a movement whose process died before or after the grant is finished once, by the job', async () => {
  const [before, after] = [id(), id()];
  const dying = createStock(
    { ...contextOn(ctx.database, { signer: ctx.signer }), clock: ctx.clock },
    {
      checkout: {
        ...checkout,
        async grantAllotments(input, call) {
          // The grant of `after` goes through and its answer is lost; that of `before` never leaves.
          if (input.body.grants[0]?.subjectId === after) await checkout.grantAllotments(input, call);
          throw new Error('the process died here');
        },
      },
    },
  );
  for (const variantId of [before, after]) {
    const movements = [{ movementId: id(), variantId, quantity: 4, reason: 'received' as const }];
    await assert.rejects(connectInProcess(dying).moveStock({ body: { movements } }));
  }
  ctx.clock.advance(60_000);
  assert.equal(await service.finishInterrupted(), 2);
  assert.equal(await service.finishInterrupted(), 0);
  assert.equal((await level(before))?.available, 4);
  assert.equal((await level(after))?.available, 4);
});

test('availability is a hint for up to fifty ids, and a list that is none is refused', async () => {
  const variantId = id();
  await move(variantId, 2);
  const { items } = bodyOf(await stock.getAvailability({ query: { variantIds: `${variantId},${id()}` } }));
  assert.deepEqual(
    items.map((item) => item.available),
    [2, 0],
  );
  for (const variantIds of ['', 'x', "1' or 1=1", Array.from({ length: 51 }, id).join(',')]) {
    assert(isProblem(await stock.getAvailability({ query: { variantIds } })));
  }
});

test('ten who count the same shelf at once set it once', async () => {
  const variantIds = Array.from({ length: 5 }, id);
  const levels = variantIds.map((variantId) => ({ variantId, onHand: 100 }));
  await Promise.all(Array.from({ length: 10 }, () => stock.countStock({ body: { levels } })));
  for (const variantId of variantIds) assert.equal((await level(variantId))?.onHand, 100);
});

test('a count whose process died before the grant, asked for again and then finished by the job, counts once', async () => {
  const variantId = id();
  const dying = createStock(
    { ...contextOn(ctx.database, { signer: ctx.signer }), clock: ctx.clock },
    {
      checkout: {
        ...checkout,
        async grantAllotments() {
          throw new Error('the process died here');
        },
      },
    },
  );
  const body = { levels: [{ variantId, onHand: 100 }] };
  await assert.rejects(connectInProcess(dying).countStock({ body }));
  assert.deepEqual(bodyOf(await stock.countStock({ body })), { changedCount: 1, refused: [] });
  ctx.clock.advance(60_000);
  await service.finishInterrupted();
  assert.equal((await level(variantId))?.onHand, 100);
});

test('a refusal that arrives late does not undo what a second asking achieved, and the ledger adds up', async () => {
  const variantId = id();
  await move(variantId, 5);
  const movementId = id();
  let isLate = true;
  const slow = createStock(
    { ...contextOn(ctx.database, { signer: ctx.signer }), clock: ctx.clock },
    {
      checkout: {
        ...checkout,
        async grantAllotments(input, call) {
          const reply = await checkout.grantAllotments(input, call);
          // While this answer is on its way, units arrive and the same movement is asked for again.
          if (isLate) {
            isLate = false;
            await move(variantId, 5);
            assert.equal(await move(variantId, -10, movementId, 'damaged'), 'applied');
          }
          return reply;
        },
      },
    },
  );
  const movements = [{ movementId, variantId, quantity: -10, reason: 'damaged' as const }];
  const reply = await connectInProcess(slow).moveStock({ body: { movements } });
  assert.equal(bodyOf(reply).results[0]?.outcome, 'applied');
  const { items } = bodyOf(await stock.listMovements({ query: { variantId } }));
  const sum = items.filter((item) => item.state === 'applied').reduce((total, item) => total + item.quantity, 0);
  assert.equal(sum, (await level(variantId))?.received);
});
