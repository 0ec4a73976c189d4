// A shop in a process of its own that pays some orders (or refunds a payment). When all of them have come to the moment
// that it is told, it says so and goes no further: the test kills it there.
import { connectInProcess } from '../../../platform/api/in-process.ts';
import { Commit } from '../../../platform/database/commit.ts';
import { type Database, openDatabase } from '../../../platform/database/database.ts';
import { createSigner } from '../../../platform/signing/signer.ts';
import { loadSigningKeys } from '../../../platform/signing/store.ts';
import { contextOn } from '../../../platform/testing/context.ts';
import { createCheckout } from '../../checkout/service.ts';
import type { PaymentProvider } from '../provider.ts';
import { createTestProvider } from '../providers/test.ts';
import { createPayment } from '../service.ts';

export type Moment =
  | 'before authorise'
  | 'after authorise'
  | 'after settle'
  | 'after capture'
  | 'before the end commits'
  | 'after the end commits'
  | 'before refund'
  | 'after refund'
  | 'before the refund’s end commits';

export interface Errand {
  readonly databaseUrl: string;
  readonly nowMs: number;
  readonly booksFile: string;
  readonly moment: Moment;
  readonly orderIds: readonly string[];
  /** To be refunded, in place of paying orders. */
  readonly paymentId?: string;
}

const errand: Errand = JSON.parse(process.argv[2] ?? '');
const { orderIds, paymentId } = errand;
const awaitedCount = Math.max(1, orderIds.length);
const arrived = new Map<Moment, (() => void)[]>();

/** Waits at a moment until all have come to it. */
function gather(moment: Moment): Promise<void> {
  return new Promise((resolve) => {
    const waiting = arrived.get(moment) ?? [];
    arrived.set(moment, [...waiting, resolve]);
    if (waiting.length + 1 < awaitedCount) return;
    halt(moment).then(() => {
      for (const goOn of [...waiting, resolve]) goOn();
    });
  });
}

/** Where this is the moment, the end of the way. */
async function halt(moment: Moment): Promise<void> {
  if (errand.moment !== moment) return;
  process.stdout.write(`${moment}\n`);
  await new Promise(() => {});
}

/** Halts when the writes of the transaction that ends a payment or a refund are done, before or after it commits. */
function halting(database: Database): Database {
  return {
    ...database,
    async transaction(work, options) {
      let isEnd = false;
      const result = await database.transaction(async (tx) => {
        const made = await work(tx);
        if (!(made instanceof Commit)) return made;
        isEnd = made.writes.some(({ text }) => /set state = (ended\.state|'done')/.test(text));
        if (!isEnd || errand.moment === 'after the end commits') return made;
        for (const write of made.writes) await tx.run(write);
        await halt(paymentId === undefined ? 'before the end commits' : 'before the refund’s end commits');
        return made.result;
      }, options);
      if (isEnd) await halt('after the end commits');
      return result;
    },
  };
}

const database = openDatabase({
  url: errand.databaseUrl,
  poolMax: 4,
  connectTimeoutMs: 10_000,
  statementTimeoutMs: 30_000,
  applicationName: 'dying-shop',
  onIdleError: () => {},
});
const signer = createSigner(await loadSigningKeys(database));
const ctx = contextOn(database, { signer });
ctx.clock.advance(errand.nowMs - ctx.clock.nowMs());

const checkout = connectInProcess(createCheckout(ctx));
const settleOrder: typeof checkout.settleOrder = async (input, call) => {
  const reply = await checkout.settleOrder(input, call);
  await gather('after settle');
  return reply;
};
const real = createTestProvider({ clock: ctx.clock, webhookSecret: 'x', booksFile: errand.booksFile });
const provider: PaymentProvider = {
  ...real,
  async authorise(request, signal) {
    await gather('before authorise');
    const news = await real.authorise(request, signal);
    await gather('after authorise');
    return news;
  },
  async capture(request, signal) {
    const answer = await real.capture(request, signal);
    await gather('after capture');
    return answer;
  },
  async refund(request, signal) {
    await gather('before refund');
    await real.refund(request, signal);
    await gather('after refund');
  },
};
const payment = connectInProcess(
  createPayment(
    { ...ctx, database: halting(database) },
    { checkout: { ...checkout, settleOrder }, providers: [provider] },
  ),
);
if (paymentId !== undefined) {
  await payment.refundPayment({ params: { paymentId }, body: { amountMinor: 1000 } }, { idempotencyKey: 'key' });
}
await Promise.all(
  orderIds.map((orderId) => {
    const call = { idempotencyKey: 'key', credential: signer.code('order-capability', orderId) };
    return payment.createPayment({ params: { orderId }, body: { card: 'test-ok' } }, call);
  }),
);
process.exit();
