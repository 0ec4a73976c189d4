import type { Call } from '../../platform/api/contract.ts';
import { type ProblemReply, problem } from '../../platform/api/problem.ts';
import { createLane, type Lane, type LaneCaller } from '../../platform/batch/lane.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Service } from '../../platform/context/service.ts';
import type { Quote } from '../quote/api.ts';
import type { TooManyUnpaid } from './allocation.ts';
import { applyGrants } from './allotment.ts';
import { checkoutApi, type Order } from './api.ts';
import { createFreshDues, type FreshDues } from './fresh-dues.ts';
import { type PlaceOutcome, type PlaceRequest, placeOrders } from './order-lane.ts';
import { placedOrder, storedOrder } from './order-view.ts';
import { loadOrders, loadOverdue, loadPayables, type Payable, type StoredOrder } from './store.ts';
import { loadAllotments } from './store-allotment.ts';
import { loadUnpaidOf } from './store-unpaid.ts';
import { moveAlong, type TransitionOutcome, type TransitionRequest } from './transition-lane.ts';
import { noUnpaidLimits, type UnpaidLimits } from './unpaid.ts';
import { createOrderWatch } from './watch.ts';

export type CheckoutContext = Pick<
  Context,
  'clock' | 'log' | 'metrics' | 'database' | 'events' | 'jobs' | 'signer' | 'shop'
>;

export interface LaneSettings {
  /** Orders in one transaction at most; beyond some hundreds the fixed cost of a batch no longer shows. */
  readonly batchMax: number;
  /** Orders waiting at most. Long before that, who would wait longer than his deadline is told to come again. */
  readonly waitingMax: number;
}

/** Honest buyers of the same network pay in seconds; then there is room again. */
const unpaidRetryAfterS = 10;

const defaultLanes: LaneSettings = { batchMax: 512, waitingMax: 10_000 };
const overdueBatchMax = 500;

/** The order lane and what happens to orders afterwards. */
export function createCheckout(
  ctx: CheckoutContext,
  lanes: LaneSettings = defaultLanes,
  unpaidLimits: UnpaidLimits = noUnpaidLimits,
): Service<typeof checkoutApi> & { expireOverdue(): Promise<number> } {
  const placing = createPlacingLane(ctx, lanes, unpaidLimits);
  const freshDues = createFreshDues();
  const transitions = createTransitionLane(ctx, lanes, freshDues);
  const watch = createOrderWatch(ctx.events);

  const unpaidRefused = ctx.metrics.counter(
    'onrush_orders_refused_unpaid_total',
    'Orders refused because unpaid ones may hold only so much, by whom and what is counted.',
    ['of'],
  );

  const keyOf = (orderId: string) => ctx.signer.code('order-capability', orderId);
  // Payments that arrive together look up their orders together.
  const payables = createLane<string, Payable | undefined>({
    ...lanes,
    name: 'look-ups of what is due',
    run: async (orderIds) => {
      const found = await loadPayables(ctx.database, orderIds);
      return orderIds.map((orderId) => found.get(orderId));
    },
  });
  // So do those who ask for their order again, as many do when answers are late.
  const reads = createLane<string, StoredOrder | undefined>({
    ...lanes,
    clock: ctx.clock,
    name: 'reads of orders',
    run: async (orderIds) => {
      const found = new Map((await loadOrders(ctx.database, orderIds)).map((order) => [order.orderId, order]));
      return orderIds.map((orderId) => found.get(orderId));
    },
  });
  const readOrder = async (orderId: string, caller?: LaneCaller): Promise<Order | undefined> => {
    const order = await reads.submit(orderId, caller);
    return order && storedOrder(order, keyOf(orderId));
  };
  /** Who does not hold the order's key learns nothing, not even that it exists. */
  const isHolder = (orderId: string, call: Call) =>
    call.credential !== undefined && ctx.signer.checkCode('order-capability', orderId, call.credential);

  /** Expires orders whose payment is overdue; their stock goes back. Returns how many. */
  async function expireOverdue(): Promise<number> {
    let expiredCount = 0;
    for (;;) {
      const orderIds = await loadOverdue(ctx.database, ctx.clock.nowMs(), overdueBatchMax);
      const outcomes = await Promise.all(
        orderIds.map((orderId) => transitions.submit({ orderId, command: { kind: 'expire' } })),
      );
      const movedCount = outcomes.filter((outcome) => outcome.kind === 'moved').length;
      expiredCount += movedCount;
      if (orderIds.length < overdueBatchMax || movedCount === 0) return expiredCount;
    }
  }
  ctx.jobs.define({
    name: 'checkout-expire-overdue',
    everyMs: 1000,
    run: async () => {
      await expireOverdue();
    },
  });

  return {
    contract: checkoutApi,
    importance: 'core',
    expireOverdue,
    async stop() {
      await placing.close();
      await transitions.close();
      await payables.close();
      await reads.close();
    },
    handlers: {
      async placeOrder({ body }, call) {
        const quote = readQuote(ctx, body.quote);
        if (quote === undefined) return problem('quote-invalid');
        if (ctx.clock.nowMs() >= quote.expiresAtMs) return replyForExpired(quote);
        const outcome = await placing.submit({ quote, clientPrefix: call.clientPrefix }, call);
        if (outcome.kind === 'placed') {
          freshDues.remember(quote, outcome.payByAtMs);
          return created(placedOrder(quote, outcome, keyOf(quote.orderId)));
        }
        if (outcome.kind === 'exists') return replyForExisting(quote);
        if (outcome.kind === 'too-many-unpaid') return tooManyUnpaid(quote, outcome);
        return placeProblem(quote, outcome);
      },

      async getOrder({ params: { orderId } }, call) {
        const order = isHolder(orderId, call) ? await readOrder(orderId, call) : undefined;
        return order ? { status: 200, body: order } : unknownOrder();
      },

      async watchOrder({ params: { orderId } }, call) {
        const order = isHolder(orderId, call) ? await readOrder(orderId) : undefined;
        if (order === undefined) return unknownOrder();
        return { status: 200, body: watch.follow(orderId, () => readOrder(orderId), call.signal) };
      },

      async cancelOrder({ params: { orderId } }, call) {
        if (!isHolder(orderId, call)) return unknownOrder();
        const outcome = await transitions.submit({ orderId, command: { kind: 'cancel' } });
        if (outcome.kind === 'refused') return problem('order-not-cancellable', { orderId });
        const order = await readOrder(orderId);
        return order ? { status: 200, body: order } : unknownOrder();
      },

      async getPayable({ params: { orderId } }) {
        return replyWithDue(await payables.submit(orderId));
      },

      async getDue({ params: { orderId } }) {
        return replyWithDue(freshDues.take(orderId, ctx.clock.nowMs()) ?? (await payables.submit(orderId)));
      },

      async settleOrder({ params: { orderId }, body }) {
        const outcome = await transitions.submit({ orderId, command: { kind: 'settle', ...body } });
        return { status: 200, body: { isPaid: outcome.kind === 'moved' || outcome.kind === 'already' } };
      },

      async grantAllotments({ body }) {
        const outcomes = await applyGrants(ctx, body.grants);
        const results = body.grants.map(({ grantId }, index) => ({ grantId, outcome: outcomes[index] ?? 'conflict' }));
        return { status: 200, body: { results } };
      },

      async getAllotments({ body }) {
        return { status: 200, body: { items: await loadAllotments(ctx.database, body.subjectIds) } };
      },
    },
  };

  /** To the buyer with his own orders; what else comes from his network is nobody's business. */
  async function tooManyUnpaid({ buyerId, coupon }: Quote, outcome: TooManyUnpaid) {
    const { of, subjectId, held, max } = outcome;
    unpaidRefused.add(1, { of: subjectId === undefined ? of : `${of}-units` });
    const couponCode = subjectId === coupon?.couponId ? coupon?.code : undefined;
    const orderIds = of === 'buyer' ? await loadUnpaidOf(ctx.database, buyerId) : [];
    const members = {
      detail: unpaidDetail(outcome, couponCode),
      of,
      ...(couponCode !== undefined ? { couponCode } : subjectId !== undefined && { variantId: subjectId }),
      held,
      max,
      orderIds,
    };
    const isWorthWaiting = of !== 'buyer' && held > 0;
    return problem('too-many-unpaid', members, isWorthWaiting ? { 'retry-after': String(unpaidRetryAfterS) } : {});
  }

  /** A retry of an order that was placed in time gets its order, however late the retry. */
  async function replyForExpired(quote: Quote) {
    const order = await readOrder(quote.orderId);
    return order ? created(order) : problem('quote-expired', { expiresAtMs: quote.expiresAtMs });
  }

  async function replyForExisting(quote: Quote) {
    const order = await readOrder(quote.orderId);
    return order ? created(order) : problem('unavailable', {}, { 'retry-after': '1' });
  }
}

/** The lane on which quotes become orders, a batch at a time. */
export function createPlacingLane(
  ctx: Pick<CheckoutContext, 'clock' | 'metrics' | 'database' | 'events' | 'shop'>,
  lanes: LaneSettings = defaultLanes,
  unpaidLimits: UnpaidLimits = noUnpaidLimits,
): Lane<PlaceRequest, PlaceOutcome> {
  const batchSize = ctx.metrics.histogram('onrush_order_batch_size', 'Orders placed in one transaction.', {
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
  });
  const deps = { ...ctx, unpaidLimits };
  const lane = createLane<PlaceRequest, PlaceOutcome>({
    ...lanes,
    clock: ctx.clock,
    name: 'the order lane',
    async run(requests) {
      const placedAtMs = ctx.clock.nowMs();
      const outcomes = await placeOrders(deps, requests, { placedAtMs, payByAtMs: placedAtMs + ctx.shop.payWithinMs });
      ctx.events.nudge();
      return outcomes;
    },
    onBatch: (size) => batchSize.observe(size),
  });
  ctx.metrics.gauge('onrush_order_lane_waiting', 'Orders waiting for the next batch.', () => lane.waitingCount);
  return lane;
}

function createTransitionLane(
  ctx: CheckoutContext,
  lanes: LaneSettings,
  freshDues: FreshDues,
): Lane<TransitionRequest, TransitionOutcome> {
  return createLane({
    ...lanes,
    name: 'the lane of order transitions',
    async run(requests) {
      for (const { orderId } of requests) freshDues.forget(orderId);
      const outcomes = await moveAlong(ctx, requests, ctx.clock.nowMs());
      ctx.events.nudge();
      return outcomes;
    },
  });
}

function replyWithDue(due: Payable | undefined) {
  if (due === undefined) return unknownOrder();
  const { paymentId, instrumentLimits, ...facts } = due;
  const body = {
    ...facts,
    ...(paymentId !== undefined && { paymentId }),
    ...(instrumentLimits !== undefined && { instrumentLimits: [...instrumentLimits] }),
  };
  return { status: 200 as const, body };
}

/** The quote in a token that this shop signed: its shape needs no second check, nobody else can have made it. */
function readQuote(ctx: CheckoutContext, token: string): Quote | undefined {
  return ctx.signer.verify('quote', token) as Quote | undefined;
}

function created(order: Order) {
  return {
    status: 201 as const,
    body: order,
    headers: { location: `/v1/orders/${order.orderId}?key=${order.key}` },
  };
}

/** Where outcomes of the lane meet HTTP. */
export function placeProblem(
  quote: Quote,
  outcome: Exclude<PlaceOutcome, { kind: 'placed' | 'exists' | 'too-many-unpaid' }>,
): ProblemReply {
  if (outcome.kind === 'pass-used') return problem('pass-used', { roomId: quote.pass?.roomId });
  const { subjectId } = outcome;
  const isCoupon = quote.coupon?.couponId === subjectId;
  const place = isCoupon ? { couponCode: quote.coupon?.code } : { variantId: subjectId };
  if (outcome.kind === 'limit-reached') {
    return problem('limit-reached', { ...place, limit: outcome.max, taken: outcome.taken });
  }
  return isCoupon
    ? problem('coupon-exhausted', place)
    : problem('sold-out', { ...place, available: outcome.available });
}

function unpaidDetail({ of, subjectId, held, max }: TooManyUnpaid, couponCode: string | undefined): string {
  if (subjectId === undefined) {
    return of === 'buyer'
      ? `This buyer has ${held} orders that are not paid yet. Pay or cancel one of them first.`
      : `${held} orders from this network are not paid yet. Try again when some of them are paid or have expired.`;
  }
  const whose = of === 'buyer' ? 'of this buyer' : 'from this network';
  const whenPaid = of === 'buyer' ? 'pay first' : 'try again when some are paid or have expired';
  const isCoupon = couponCode !== undefined;
  const fewer = isCoupon ? 'order without it' : 'order fewer';
  const ways = [...(isCoupon || held < max ? [fewer] : []), ...(held > 0 ? [whenPaid] : [])].join(', or ');
  const advice = ways.charAt(0).toUpperCase() + ways.slice(1);
  const units = isCoupon ? `redemptions of “${couponCode}”` : 'units of this variant';
  return `Unpaid orders ${whose} may hold ${max} ${units} now, and hold ${held}. ${advice}.`;
}

function unknownOrder(): ProblemReply {
  return problem('not-found', { detail: 'There is no such order, or the key does not open it.' });
}
