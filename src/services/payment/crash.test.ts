import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { isProblem } from '../../platform/api/problem.ts';
import { testContext } from '../../platform/testing/context.ts';
import { startDoomedProcess } from '../../platform/testing/doomed-process.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { checkoutBench } from '../checkout/testing.ts';
import { paymentMigrations } from './migrations.ts';
import type { Errand, Moment } from './testdata/dying-shop.ts';
import { anotherProcess, outcome, type PaymentBench, paymentBench, testProvider } from './testing.ts';

const ctx = await testContext([checkoutMigrations, paymentMigrations]);
const orders = checkoutBench(ctx);
// Consumes what orders announce, for the whole file; it pays nothing itself.
paymentBench(ctx, testProvider(ctx), { checkoutBench: orders });
await ctx.events.start();
const directory = await mkdtemp(join(tmpdir(), 'onrush-crash-'));
after(() => rm(directory, { recursive: true }));

async function killAt(errand: Pick<Errand, 'moment' | 'orderIds' | 'paymentId' | 'booksFile'>): Promise<void> {
  const whole: Errand = { databaseUrl: ctx.database.url, nowMs: ctx.clock.nowMs(), ...errand };
  const shop = startDoomedProcess(new URL('testdata/dying-shop.ts', import.meta.url), [JSON.stringify(whole)]);
  await shop.said(errand.moment);
  await shop.kill();
}

/** A shop of its own for each case, over the same database and checkout: the one that takes over after the crash. */
function survivor(booksFile: string): PaymentBench {
  return paymentBench(anotherProcess(ctx), testProvider(ctx, { booksFile }), { checkoutBench: orders });
}

let caseCount = 0;
const newBooks = () => join(directory, `books-${caseCount++}.jsonl`);

const moments: Moment[] = [
  'before authorise',
  'after authorise',
  'after settle',
  'after capture',
  'before the end commits',
  'after the end commits',
];
for (const moment of moments) {
  test(`killed ${moment}: recovery, the buyer’s retry and a cancellation each find one payment or none`, async () => {
    const booksFile = newBooks();
    const before = survivor(booksFile);
    const [left, retried, cancelled] = [
      await before.placeOrder(),
      await before.placeOrder(),
      await before.placeOrder(),
    ];
    await killAt({ moment, orderIds: [left, retried, cancelled], booksFile });

    const bench = survivor(booksFile);
    ctx.clock.advance(60_000);
    assert.equal(outcome(await bench.pay(retried)), 'captured');
    await bench.orders.cancel(cancelled);
    await bench.hearOfCancellation(cancelled);
    await bench.recover();

    for (const orderId of [left, retried]) {
      const rows = await bench.paymentsOf(orderId);
      assert.deepEqual(
        rows.map((row) => [row.state, row.refundedMinor]),
        [['captured', 0]],
      );
      assert.equal(await bench.orderState(orderId), 'paid');
    }
    const [row, ...others] = await bench.paymentsOf(cancelled);
    assert.deepEqual(others, []);
    assert(
      row?.state === 'voided' || (row?.state === 'captured' && row.refundedMinor === row.amountMinor),
      `${row?.state}`,
    );
    assert.equal(await bench.orderState(cancelled), 'cancelled');
    assert.deepEqual(await bench.audit(), []);
  });
}

for (const moment of ['before refund', 'after refund', 'before the refund’s end commits'] as const) {
  test(`killed ${moment}: recovery makes the refund once`, async () => {
    const booksFile = newBooks();
    const before = survivor(booksFile);
    const orderId = await before.placeOrder();
    const paid = await before.pay(orderId);
    assert(!isProblem(paid));
    const { paymentId } = paid.body;
    await killAt({ moment, orderIds: [], paymentId, booksFile });

    const bench = survivor(booksFile);
    await bench.recover();
    assert.equal((await bench.paymentsOf(orderId))[0]?.refundedMinor, 1000);
    assert.equal(outcome(await bench.refund(paymentId, 1000, 'key')), 'done');
    assert.equal((await bench.paymentsOf(orderId))[0]?.refundedMinor, 1000);
    assert.deepEqual(await bench.audit(), []);
  });
}
