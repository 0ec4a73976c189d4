import { randomUUID } from 'node:crypto';
import type { Order } from '../../src/services/checkout/api.ts';
import type { SignedQuote } from '../../src/services/quote/api.ts';
import type { Behaviour } from './behaviour.ts';
import { NoAnswer } from './calls.ts';
import { sendForgedQuotes } from './forger.ts';
import type { VisitEnd } from './tally.ts';
import type { PayOutcome, Visit } from './visit.ts';

/** One visit of the sale, from the quote to however it ends. */
export type BuyerScript = (visit: Visit) => Promise<VisitEnd>;

export const buyerScripts: Readonly<Record<Behaviour, BuyerScript>> = {
  plain: (visit) => orderThen(visit, (order) => pay(visit, order, 'test-ok')),

  async doubleClick(visit) {
    const quote = await visit.quoteHot(1);
    const [first, second] = await Promise.all([visit.order(quote), visit.order(quote)]);
    if (first.kind !== 'placed' || second.kind !== 'placed') {
      // Between the two answers somebody may have given a unit back; then one is refused and the other placed.
      const placed = first.kind === 'placed' ? first : second;
      return placed.kind === 'placed' ? pay(visit, placed.order, 'test-ok') : placed.kind;
    }
    demandSameOrder(visit, first.order, second.order);
    const key = randomUUID();
    const paid = await Promise.all([visit.pay(first.order, 'test-ok', key), visit.pay(first.order, 'test-ok', key)]);
    return demandSamePayment(visit, paid);
  },

  async impatient(visit) {
    const { random } = visit;
    // About as long as answers take under load: some requests are cut off before they are received, some after.
    const hasty = () => ({ hastyTimeoutsMs: [1 + random.integer(8), 1 + random.integer(40)] });
    const outcome = await visit.order(await visit.quoteHot(1), hasty());
    if (outcome.kind !== 'placed') return outcome.kind;
    const key = randomUUID();
    const first = await visit.pay(outcome.order, 'test-ok', key, hasty());
    return demandSamePayment(visit, [first, await visit.pay(outcome.order, 'test-ok', key)]);
  },

  async comesBack(visit) {
    const quote = await visit.quoteHot(1);
    const outcome = await visit.order(quote);
    if (outcome.kind !== 'placed') return outcome.kind;
    const end = await pay(visit, outcome.order, 'test-ok');
    const again = await visit.order(quote);
    visit.tally.demand(
      'sameAnswer',
      again.kind === 'placed',
      () => `order ${quote.orderId} is ${again.kind} when asked again`,
    );
    if (again.kind === 'placed') demandSameOrder(visit, outcome.order, again.order);
    return end;
  },

  async reusesKey(visit) {
    await reuseQuoteKey(visit).catch(ignoreInFlight);
    return orderThen(visit, async (order) => {
      const key = randomUUID();
      const paid = await visit.pay(order, 'test-ok', key);
      const other = await visit.payRaw(order, 'test-twice', key);
      visit.tally.demand(
        'reusedKey',
        other.status === 422,
        () => `a payment was answered ${other.status} ${other.slug}`,
      );
      return endOf(paid);
    });
  },

  abandons: (visit) => orderThen(visit, async () => 'unpaid'),

  cancels: (visit) =>
    orderThen(visit, async (order) => {
      const isPaying = visit.random.chance(0.5);
      const end = isPaying ? await pay(visit, order, 'test-ok') : 'unpaid';
      return (await visit.cancel(order)) === 'cancelled' ? 'cancelled' : end;
    }),

  isDeclined: (visit) =>
    orderThen(visit, async (order) => {
      const first = await visit.pay(order, 'test-decline');
      if (first.kind !== 'declined' || visit.random.chance(0.5)) return endOf(first);
      return pay(visit, order, 'test-ok');
    }),

  bankIsSlow: (visit) => orderThen(visit, (order) => pay(visit, order, 'test-timeout')),
  bankRepeats: (visit) => orderThen(visit, (order) => pay(visit, order, 'test-twice')),
  bankFails: (visit) => orderThen(visit, (order) => pay(visit, order, 'test-error')),

  async forges(visit) {
    await sendForgedQuotes(visit);
    return 'refused';
  },

  async isGreedy(visit) {
    const { limitPerBuyer } = visit.setup.hot;
    const tooMany = await visit.quoteHot(limitPerBuyer + 1);
    const refused = await visit.order(tooMany);
    visit.tally.demand('limit', refused.kind !== 'placed', () => `${limitPerBuyer + 1} units were sold to one buyer`);
    // The same buyer in several windows, all at once.
    const quotes = await Promise.all(Array.from({ length: limitPerBuyer + 1 }, () => visit.quoteHot(1, tooMany.buyer)));
    const outcomes = await Promise.all(quotes.map((quote) => visit.order(quote)));
    const placed = outcomes.flatMap((outcome) => (outcome.kind === 'placed' ? [outcome.order] : []));
    visit.tally.demand(
      'limit',
      placed.length <= limitPerBuyer,
      () => `${placed.length} orders of one unit each were placed`,
    );
    const ends: VisitEnd[] = [];
    for (const order of placed) ends.push(await pay(visit, order, 'test-ok'));
    return ends.at(-1) ?? (outcomes.some(({ kind }) => kind === 'sold-out') ? 'sold-out' : 'refused');
  },
};

async function orderThen(
  visit: Visit,
  next: (order: Order, quote: SignedQuote) => Promise<VisitEnd>,
): Promise<VisitEnd> {
  const quote = await visit.quoteHot(1);
  const outcome = await visit.order(quote);
  return outcome.kind === 'placed' ? next(outcome.order, quote) : outcome.kind;
}

async function pay(visit: Visit, order: Order, card: string): Promise<VisitEnd> {
  return endOf(await visit.pay(order, card));
}

function endOf(outcome: PayOutcome): VisitEnd {
  return outcome.kind === 'declined' ? 'unpaid' : outcome.kind;
}

function demandSameOrder({ tally }: Visit, first: Order, second: Order): void {
  const isSame = first.orderId === second.orderId && first.key === second.key;
  tally.demand('sameAnswer', isSame, () => `one quote became the orders ${first.orderId} and ${second.orderId}`);
}

function demandSamePayment({ tally }: Visit, outcomes: readonly PayOutcome[]): VisitEnd {
  const paid = outcomes.flatMap((outcome) => (outcome.kind === 'paid' ? [outcome.payment.paymentId] : []));
  const isSame = new Set(paid).size <= 1 && outcomes.every(({ kind }) => kind !== 'declined');
  tally.demand(
    'sameAnswer',
    isSame,
    () => `one key became the payments ${paid.join(' and ')} (${outcomes.map(({ kind }) => kind).join(', ')})`,
  );
  return paid.length > 0 ? 'paid' : 'pending';
}

/** The header is honoured on quotes too: same key and body, same quote; another body, 422. */
async function reuseQuoteKey(visit: Visit): Promise<void> {
  const key = randomUUID();
  const bodyOf = (quantity: number) => ({ lines: [{ variantId: visit.setup.hot.variantId, quantity }] });
  const first = await visit.quote(bodyOf(1), key);
  const again = await visit.quote(bodyOf(1), key);
  const isSame = (again.body as SignedQuote).quote === (first.body as SignedQuote).quote;
  visit.tally.demand('sameAnswer', first.status === 201 && isSame, () => 'one key gave two quotes');
  const other = await visit.quote(bodyOf(2), key);
  visit.tally.demand('reusedKey', other.status === 422, () => `a quote was answered ${other.status} ${other.slug}`);
}

/** A process was killed while it answered: the key is taken until its lease runs out, and there is nothing to compare. */
function ignoreInFlight(error: unknown): void {
  if (!(error instanceof NoAnswer && error.lastSlug === 'idempotency-key-in-flight')) throw error;
}
