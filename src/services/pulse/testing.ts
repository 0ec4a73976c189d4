import { connectInProcess } from '../../platform/api/in-process.ts';
import { createValidation } from '../../platform/api/validation.ts';
import type { TestContext } from '../../platform/testing/context.ts';
import { until } from '../../platform/testing/until.ts';
import { catalogMigrations } from '../catalog/migrations.ts';
import { createCatalog } from '../catalog/service.ts';
import { checkoutMigrations } from '../checkout/migrations.ts';
import { type CheckoutBench, checkoutBench } from '../checkout/testing.ts';
import { paymentCaptured, paymentRefunded } from '../payment/events.ts';
import { pulseMigrations } from './migrations.ts';
import { createPulse } from './service.ts';

export const pulseTestMigrations = [catalogMigrations, checkoutMigrations, pulseMigrations];
export const staffToken = 'the-token-of-the-staff';

/** A wall beside a real checkout and a real catalogue, whose seconds the test turns by hand. */
export function pulseBench(ctx: TestContext, given: { orders?: CheckoutBench } = {}) {
  const orders = given.orders ?? checkoutBench(ctx);
  const turns: (() => void)[] = [];
  const service = createPulse(
    ctx,
    {
      checkout: orders.client,
      catalog: connectInProcess(createCatalog(ctx)),
      isAdmin: (token) => token === staffToken,
    },
    {
      pace: (signal) =>
        new Promise((resolve) => {
          turns.push(resolve);
          signal.addEventListener('abort', () => {
            turns.splice(turns.indexOf(resolve), 1);
            resolve();
          });
        }),
    },
  );
  const client = connectInProcess(service, { validation: createValidation() });

  return {
    service,
    client,
    orders,
    key: { credential: ctx.signer.code('wall', 'wall') },

    /** Lets the next second begin for whoever watches. */
    async turn() {
      await until(() => turns.length > 0, { what: 'the wall waits for the next second' });
      turns.shift()?.();
    },

    /** Resolves when the wall has folded all that was announced. */
    async folded() {
      ctx.events.nudge();
      const handled = () =>
        ctx.metrics.series('onrush_events_outcomes_total').find(({ labels }) => labels.group === 'pulse')?.value ?? 0;
      const published = () => ctx.metrics.series('onrush_events_published_total')[0]?.value ?? 0;
      await until(() => handled() === published(), { what: `${published()} events folded` });
    },

    count: (name: string) => ctx.metrics.series(name)[0]?.value ?? 0,

    async announceMoney(kind: 'captured' | 'refunded', amountMinor: number, currency = 'USD') {
      const facts = {
        paymentId: orders.newVariantId(),
        refundId: orders.newVariantId(),
        orderId: orders.newVariantId(),
        amountMinor,
        currency,
        provider: 'test',
      };
      const event = kind === 'captured' ? paymentCaptured(facts) : paymentRefunded(facts);
      await ctx.database.transaction((tx) => ctx.events.publish(tx, [event]));
    },

    async announceSale(sale: { saleId: string; startsAtMs: number; endsAtMs: number; variantIds: string[] }) {
      const payload = { version: 1, name: 'The night', ...sale };
      await ctx.database.transaction((tx) =>
        ctx.events.publish(tx, [{ topic: 'sale.changed', key: sale.saleId, payload }]),
      );
    },
  };
}
