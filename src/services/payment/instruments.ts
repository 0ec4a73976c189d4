import type { Call } from '../../platform/api/contract.ts';
import { createLane } from '../../platform/batch/lane.ts';
import type { Context } from '../../platform/context/context.ts';
import { type Commit, commitWith } from '../../platform/database/commit.ts';
import type { Tx } from '../../platform/database/database.ts';
import { decideInstruments, type InstrumentRequest, type InstrumentState, type InstrumentTake } from './instrument.ts';
import type { News } from './payment.ts';
import type { PaymentRow } from './store.ts';
import { addingTakings, insertingDecisions, loadDecisions, lockTakings } from './store-instrument.ts';

type CardPayment = Pick<PaymentRow, 'paymentId' | 'orderId' | 'provider' | 'card'>;

/** What of an order is counted per card or account. */
export type LimitsOf = (orderId: string, call: Partial<Call>) => Promise<readonly InstrumentTake[]>;

export interface Instruments {
  /**
   * Decides, durably, whether the payment's card or account may pay for the order. Safe to ask again; the first answer stands.
   * `limits`: what `LimitsOf` would tell, if the caller knows.
   */
  mayPay(
    payment: CardPayment,
    news: News,
    given: { readonly limits: readonly InstrumentTake[] | undefined; readonly call: Partial<Call> },
  ): Promise<boolean>;
  /** Whether the order is counted per card, and the news tell of none although the payment has one. */
  isMissing(payment: CardPayment, news: News, call: Partial<Call>): Promise<boolean>;
  close(): Promise<void>;
}

/** Counts what each card or account pays for under the limits of a sale, so that one card cannot play a hundred guests. */
export function createInstruments(
  ctx: Pick<Context, 'database' | 'signer' | 'metrics'>,
  limitsOf: LimitsOf,
): Instruments {
  const refusedCount = ctx.metrics.counter(
    'onrush_payments_instrument_refused_total',
    'Payments let go because their card or account has paid for as many units of a sale as it may.',
  );

  const lane = createLane<InstrumentRequest, InstrumentState>({
    name: 'payment-instruments',
    batchMax: 500,
    // As the way out of payments: what has been asked of a provider is better decided than asked again.
    waitingMax: 20_000,
    // What lockTakings writes first, rows that nothing was taken of yet, does no harm by itself.
    run: (batch) => ctx.database.transaction((tx) => decideBatch(tx, batch), { readsFirst: true }),
  });

  async function decideBatch(tx: Tx, batch: readonly InstrumentRequest[]): Promise<Commit<InstrumentState[]>> {
    const pairs = new Map<string, { limitId: string; instrument: string; max: number }>();
    for (const { instrument, takes } of batch) {
      for (const { limitId, max } of takes) pairs.set(`${limitId} ${instrument}`, { limitId, instrument, max });
    }
    const paymentIds = batch.map(({ paymentId }) => paymentId);
    const [taken, decided] = await Promise.all([lockTakings(tx, [...pairs.values()]), loadDecisions(tx, paymentIds)]);
    const states = decideInstruments(batch, taken, decided);
    const fresh = new Map<string, InstrumentRequest & { state: InstrumentState }>();
    batch.forEach((request, index) => {
      const { paymentId } = request;
      if (decided.has(paymentId) || fresh.has(paymentId)) return;
      fresh.set(paymentId, { ...request, state: states[index] ?? 'refused' });
    });
    const added = changesOf([...fresh.values()].filter(({ state }) => state === 'taken'));
    refusedCount.add([...fresh.values()].filter(({ state }) => state === 'refused').length);
    const writes = [
      fresh.size > 0 && insertingDecisions([...fresh.values()]),
      added.length > 0 && addingTakings(added),
    ];
    return commitWith(writes, states);
  }

  return {
    async mayPay({ paymentId, orderId, provider }, news, { limits, call }) {
      const fingerprint = fingerprintIn(news);
      if (fingerprint === undefined) return true;
      const takes = limits ?? (await limitsOf(orderId, call));
      if (takes.length === 0) return true;
      // What the provider tells of it is not kept.
      const instrument = ctx.signer.pseudonym('instrument', `${provider}/${fingerprint}`);
      return (await lane.submit({ paymentId, instrument, takes })) === 'taken';
    },
    async isMissing({ orderId, card }, news, call) {
      return fingerprintIn(news) === undefined && card !== null && (await limitsOf(orderId, call)).length > 0;
    },
    close: () => lane.close(),
  };
}

function fingerprintIn(news: News): string | undefined {
  return news.kind === 'authorised' || news.kind === 'captured' ? news.instrument : undefined;
}

/** One change for each row. */
function changesOf(requests: readonly InstrumentRequest[]) {
  const changes = new Map<string, { limitId: string; instrument: string; quantity: number; max: number }>();
  for (const { instrument, takes } of requests) {
    for (const { limitId, quantity, max } of takes) {
      const key = `${limitId} ${instrument}`;
      const before = changes.get(key);
      changes.set(key, {
        limitId,
        instrument,
        quantity: quantity + (before?.quantity ?? 0),
        max: Math.max(max, before?.max ?? 0),
      });
    }
  }
  return [...changes.values()];
}
