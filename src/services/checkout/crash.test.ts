import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { isProblem } from '../../platform/api/problem.ts';
import { sql } from '../../platform/database/sql.ts';
import { testContext } from '../../platform/testing/context.ts';
import { auditCheckout } from './audit.ts';
import { checkoutMigrations } from './migrations.ts';
import { checkoutBench } from './testing.ts';

const ctx = await testContext([checkoutMigrations]);
const bench = checkoutBench(ctx);
const buyerProcess = fileURLToPath(new URL('./testdata/buyer-process.ts', import.meta.url));

/** Runs a buyer in a process of its own. `undefined` if it was killed before it could answer. */
function runBuyer(args: readonly string[]): Promise<unknown> {
  const child = fork(buyerProcess, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    let answer: unknown;
    child.on('message', (message) => {
      answer = message;
    });
    // Not at its exit: what it said last may still be on its way.
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve(answer);
      else reject(new Error(`the buyer's process ended with ${code ?? signal}`));
    });
  });
}

/** It outlasts this file: the buyers' processes have clocks of their own, which run. */
function newQuote(lines: Parameters<typeof bench.quote>[0]) {
  return bench.quote(lines, { expiresAtMs: ctx.clock.nowMs() + 3_600_000 });
}

// More steps than a transaction has: the loop ends at the first one that is not reached.
const stepsMax = 30;

test('killed at any step of placing an order: the same quote again gives one order, and the books are right', async () => {
  const variantId = bench.newVariantId();
  await bench.grant(variantId, 100);
  let kills = 0;
  for (let step = 0; step < stepsMax; step++) {
    const quote = newQuote([{ variantId, quantity: 1, limit: { limitId: bench.newVariantId(), max: 1 } }]);
    const token = ctx.signer.sign('quote', quote);
    const answer = await runBuyer(['place', ctx.database.url, String(step), token]);
    if (answer === undefined) kills += 1;
    const reply = await bench.place(quote);
    assert(!isProblem(reply), JSON.stringify(reply));
    assert.equal(reply.body.orderId, quote.orderId);
    assert.equal((await bench.allotment(variantId))?.reserved, step + 1, `after a kill at step ${step}`);
    if (answer !== undefined) break;
  }
  assert(kills >= 15, `killed at ${kills} steps`);
  assert.deepEqual(await auditCheckout(ctx.database), []);
  assert.equal(await ordersWithoutEvents(), 0);
});

test('killed at any step of settling an order: the same payment again settles it once', async () => {
  const variantId = bench.newVariantId();
  await bench.grant(variantId, 100);
  let kills = 0;
  for (let step = 0; step < stepsMax; step++) {
    const quote = newQuote([{ variantId, quantity: 1 }]);
    await bench.place(quote);
    const paymentId = bench.newVariantId();
    const answer = await runBuyer([
      'settle',
      ctx.database.url,
      String(step),
      quote.orderId,
      paymentId,
      String(quote.totalMinor),
    ]);
    if (answer === undefined) kills += 1;
    assert.equal(await bench.settle(quote, paymentId), true);
    assert.equal(await bench.settle(quote, bench.newVariantId()), false);
    assert.equal((await bench.allotment(variantId))?.sold, step + 1, `after a kill at step ${step}`);
    if (answer !== undefined) break;
  }
  assert(kills >= 10, `killed at ${kills} steps`);
  assert.deepEqual(await auditCheckout(ctx.database), []);
});

test('three processes sell one stock at once: all of it, and no more', async () => {
  const variantId = bench.newVariantId();
  await bench.grant(variantId, 100);
  const quotes = Array.from({ length: 150 }, () => ctx.signer.sign('quote', newQuote([{ variantId, quantity: 1 }])));
  const shared = quotes.slice(40, 60);
  const answers = await Promise.all(
    [quotes.slice(0, 60), [...shared, ...quotes.slice(60, 110)], [...shared, ...quotes.slice(110)]].map((some) =>
      runBuyer(['place', ctx.database.url, '-1', ...some]),
    ),
  );
  for (const answer of answers) {
    const isTold = Array.isArray(answer) && answer.every((one) => one === 'placed' || one === 'sold-out');
    assert(isTold, JSON.stringify(answer));
  }
  assert.deepEqual(await bench.allotment(variantId), { subjectId: variantId, granted: 100, reserved: 100, sold: 0 });
  assert.deepEqual(await auditCheckout(ctx.database), []);
});

async function ordersWithoutEvents(): Promise<number | undefined> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count
      from checkout.purchase_order
     where not exists (select from events.outbox where key = order_id::text and topic = 'order.placed')`.execute(
    ctx.database,
  );
  return rows[0]?.count;
}
