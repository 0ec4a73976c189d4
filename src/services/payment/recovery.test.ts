import assert from 'node:assert/strict';
import test from 'node:test';
import { testContext } from '../../platform/testing/context.ts';
import { until } from '../../platform/testing/until.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { paymentMigrations } from './migrations.ts';
import { paymentBench, testProvider } from './testing.ts';

const ctx = await testContext([checkoutMigrations, paymentMigrations]);
const bench = paymentBench(ctx, testProvider(ctx));
await ctx.events.start();
await ctx.jobs.start();

/** Time passes until it is so. */
const inTime = (what: string, isSo: () => Promise<boolean>) =>
  until(
    () => {
      ctx.clock.advance(500);
      return isSo();
    },
    { what },
  );

test('a running shop carries on by itself what broke off, and gives back what was cancelled', async () => {
  const orderId = await bench.placeOrder();
  assert.equal((await bench.pay(orderId, { card: 'test-error' })).status, 202);
  await inTime('the payment is captured', async () => (await bench.paymentsOf(orderId))[0]?.state === 'captured');
  assert.equal(await bench.orderState(orderId), 'paid');

  await bench.orders.cancel(orderId);
  await inTime(
    'the money is given back',
    async () => (await bench.audit()).length === 0 && (await isRefunded(orderId)),
  );
});

async function isRefunded(orderId: string): Promise<boolean> {
  const [payment] = await bench.paymentsOf(orderId);
  return payment !== undefined && payment.refundedMinor === payment.amountMinor;
}
