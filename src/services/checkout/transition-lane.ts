import assert from 'node:assert/strict';
import { type Commit, commitWith, type Writes } from '../../platform/database/commit.ts';
import type { Database, Tx } from '../../platform/database/database.ts';
import type { Events } from '../../platform/events/event.ts';
import { orderMoved } from './events.ts';
import { decideOrder, type OrderCommand, type OrderDecision, type OrderFacts, type StockEffect } from './order.ts';
import {
  type AllotmentChange,
  changingAllotments,
  loadHoldings,
  lockingAvailable,
  lockOrders,
  movingOrders,
  releasingTakings,
  type TakingChange,
} from './store.ts';

export interface TransitionRequest {
  readonly orderId: string;
  readonly command: OrderCommand;
}

export type TransitionOutcome = { readonly kind: 'moved' | 'already' | 'refused' | 'unknown-order' };

export interface TransitionDeps {
  readonly database: Pick<Database, 'transaction'>;
  readonly events: Pick<Events, 'publishing'>;
}

type Holding = Awaited<ReturnType<typeof loadHoldings>>[number];
type Move = OrderDecision & { kind: 'move' };
type LockedOrder = Awaited<ReturnType<typeof lockOrders>>[number];

interface DecidedMove {
  readonly order: LockedOrder;
  readonly decision: Move;
}

const effectOn: Record<StockEffect, AllotmentChange> = {
  'reserved-to-sold': { reserved: -1, sold: 1 },
  'release-reserved': { reserved: -1, sold: 0 },
  'return-sold': { reserved: 0, sold: -1 },
};

/**
 * Settles, cancels and expires a batch of orders, in one transaction unless an order stands in it twice. Lock order,
 * everywhere: orders, then allotments, then takings, each in key order. placeOrders locks no existing order, so the two
 * can never wait for each other in a circle.
 */
export async function moveAlong(
  deps: TransitionDeps,
  requests: readonly TransitionRequest[],
  nowMs: number,
): Promise<TransitionOutcome[]> {
  // A second command for the same order is decided on what the first one made of it, so it waits for the next transaction.
  const firstIndexById = new Map<string, number>();
  requests.forEach(({ orderId }, index) => {
    if (!firstIndexById.has(orderId)) firstIndexById.set(orderId, index);
  });
  const outcomeById = await moveEachOnce(
    deps,
    requests.filter(({ orderId }, index) => firstIndexById.get(orderId) === index),
    nowMs,
  );
  const later = requests.filter(({ orderId }, index) => firstIndexById.get(orderId) !== index);
  const laterOutcomes = later.length === 0 ? [] : await moveAlong(deps, later, nowMs);
  return requests.map(({ orderId }, index) => {
    const outcome = firstIndexById.get(orderId) === index ? outcomeById.get(orderId) : laterOutcomes.shift();
    assert(outcome !== undefined, 'every request has an outcome');
    return outcome;
  });
}

/** Each order stands in `requests` once. */
async function moveEachOnce(
  deps: TransitionDeps,
  requests: readonly TransitionRequest[],
  nowMs: number,
): Promise<Map<string, TransitionOutcome>> {
  const orderIds = requests.map((request) => request.orderId);
  const work = async (tx: Tx): Promise<Commit<Map<string, TransitionOutcome>>> => {
    const [orders, holdings] = await Promise.all([lockOrders(tx, orderIds), loadHoldings(tx, orderIds)]);
    const orderById = new Map(orders.map((order) => [order.orderId, order]));
    const outcomeById = new Map<string, TransitionOutcome>();
    const moves: DecidedMove[] = [];
    for (const { orderId, command } of requests) {
      const order = orderById.get(orderId);
      const decision = order === undefined ? undefined : decideOrder(factsOf(order), command, nowMs);
      if (order !== undefined && decision?.kind === 'move') moves.push({ order, decision });
      outcomeById.set(orderId, { kind: outcomeKind(decision) });
    }
    return commitWith(writesOf(deps, moves, holdings, nowMs), outcomeById);
  };
  return deps.database.transaction(work, { readsFirst: true });
}

function outcomeKind(decision: OrderDecision | undefined): TransitionOutcome['kind'] {
  if (decision === undefined) return 'unknown-order';
  return decision.kind === 'move' ? 'moved' : decision.kind;
}

function factsOf(order: LockedOrder): OrderFacts {
  return { ...order, paymentId: order.paymentId ?? undefined };
}

/** What makes these moves. */
function writesOf(
  { events }: TransitionDeps,
  moves: readonly DecidedMove[],
  holdings: readonly Holding[],
  nowMs: number,
): Writes {
  if (moves.length === 0) return [];
  const { allotments, takings } = effectsOf(moves, holdings);
  const linesById = new Map<string, { variantId: string; quantity: number }[]>();
  for (const { orderId, variantId, quantity } of holdings) {
    const lines = linesById.get(orderId) ?? [];
    linesById.set(orderId, lines);
    lines.push({ variantId, quantity });
  }
  const orderMoves = moves.map(({ order, decision }) => ({
    orderId: order.orderId,
    to: decision.to,
    paymentId: decision.paymentId ?? order.paymentId ?? undefined,
    totalMinor: order.totalMinor,
    currency: order.currency,
    lines: linesById.get(order.orderId) ?? [],
  }));
  return [
    lockingAvailable([...allotments.keys()]),
    changingAllotments(allotments),
    movingOrders(orderMoves, nowMs),
    takings.length > 0 && releasingTakings(takings),
    ...events.publishing(orderMoves.map(orderMoved)),
  ];
}

/** What the moves do to allotments and takings, from the lines and limited coupons of their orders. */
function effectsOf(moves: readonly DecidedMove[], holdings: readonly Holding[]) {
  const moveById = new Map(moves.map((move) => [move.order.orderId, move]));
  const coupons = moves.flatMap(({ order }) =>
    order.couponId === null
      ? []
      : [{ orderId: order.orderId, subjectId: order.couponId, quantity: 1, limitId: order.couponLimitId }],
  );
  const variants = holdings.map((holding) => ({ ...holding, subjectId: holding.variantId }));

  const allotments = new Map<string, AllotmentChange>();
  const takings: Omit<TakingChange, 'max'>[] = [];
  for (const { orderId, subjectId, quantity, limitId } of [...variants, ...coupons]) {
    const move = moveById.get(orderId);
    if (move === undefined) continue;
    const { effect } = move.decision;
    const before = allotments.get(subjectId) ?? { reserved: 0, sold: 0 };
    allotments.set(subjectId, {
      reserved: before.reserved + effectOn[effect].reserved * quantity,
      sold: before.sold + effectOn[effect].sold * quantity,
    });
    const isGivenBack = effect !== 'reserved-to-sold';
    if (isGivenBack && limitId !== null) takings.push({ limitId, buyerId: move.order.buyerId, quantity });
  }
  return { allotments, takings };
}
