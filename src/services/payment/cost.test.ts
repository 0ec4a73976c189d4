import assert from 'node:assert/strict';
import test from 'node:test';
import type { Database } from '../../platform/database/database.ts';
import { testContext } from '../../platform/testing/context.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { checkoutBench } from '../checkout/testing.ts';
import { paymentMigrations } from './migrations.ts';
import { outcome, paymentBench, tally, testProvider } from './testing.ts';

const ctx = await testContext([checkoutMigrations, paymentMigrations]);
const counts = { statements: 0, transactions: 0 };

function counting(database: Database): Database {
  return {
    ...database,
    run(statement) {
      counts.statements += 1;
      return database.run(statement);
    },
    transaction(work, options) {
      counts.transactions += 1;
      return database.transaction((tx) => {
        const run: typeof tx.run = (statement) => {
          counts.statements += 1;
          return tx.run(statement);
        };
        return work({ ...tx, run });
      }, options);
    },
  };
}

// Payment's own statements; those of its peer are checkout's to count.
const bench = paymentBench({ ...ctx, database: counting(ctx.database) }, testProvider(ctx), {
  checkoutBench: checkoutBench(ctx),
});

test('a lone payment costs three statements in two commits: begun, ended, announced', async () => {
  const orderId = await bench.placeOrder();
  Object.assign(counts, { statements: 0, transactions: 0 });
  assert.equal(outcome(await bench.pay(orderId)), 'captured');
  assert.deepEqual(counts, { statements: 3, transactions: 1 });
});

test('four hundred payments at once share their statements', async () => {
  const orderIds = await Promise.all(Array.from({ length: 400 }, () => bench.placeOrder()));
  Object.assign(counts, { statements: 0, transactions: 0 });
  const replies = await Promise.all(orderIds.map((orderId) => bench.pay(orderId)));
  assert.deepEqual(tally(replies.map(outcome)), { captured: 400 });
  // How they fall into batches is the scheduler's choice; one statement each would be 1,200.
  assert(counts.statements < 400, `${counts.statements} statements`);
});
