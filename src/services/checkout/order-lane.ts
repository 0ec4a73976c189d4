import assert from 'node:assert/strict';
import { type Commit, commitWith, type Writes } from '../../platform/database/commit.ts';
import type { Database, Tx } from '../../platform/database/database.ts';
import type { Events } from '../../platform/events/event.ts';
import type { Quote } from '../quote/api.ts';
import { type Allocation, allocate, passKey, type Take } from './allocation.ts';
import { orderPlaced, passUsed } from './events.ts';
import {
  addingTakings,
  findOrderIds,
  insertingLines,
  insertingOrders,
  loadTakings,
  lockAvailable,
  type NewOrder,
  reserving,
  type TakingChange,
} from './store.ts';
import { claimPasses, keepingPasses, type PassUse } from './store-pass.ts';
import { countUnpaid, lockHolders } from './store-unpaid.ts';
import { holdersOf, holdsOf, noUnpaidLimits, type UnpaidLimits } from './unpaid.ts';

export type PlaceOutcome =
  | { readonly kind: 'placed'; readonly placedAtMs: number; readonly payByAtMs: number }
  /** The quote became this order before; what the order is now is in the store. */
  | { readonly kind: 'exists' }
  | Exclude<Allocation, { kind: 'allocated' }>;

export interface PlaceDeps {
  readonly database: Pick<Database, 'transaction'>;
  readonly events: Pick<Events, 'publishing'>;
  /** Left out: as many as anybody likes. */
  readonly unpaidLimits?: UnpaidLimits;
}

export interface PlaceRequest {
  readonly quote: Quote;
  /** Where it comes from, as a code; undefined where nothing is counted by network. */
  readonly clientPrefix?: string | undefined;
}

/**
 * Places a batch of orders in one transaction: one commit and one update of a hot row serve them all. Quotes are verified
 * and unexpired; the answers are in the order of the quotes.
 *
 * Why nothing oversells and nothing is doubled, with any number of these running anywhere: whoever places an order first
 * locks the allotments of all its subjects, and quotes of one order have the same variants. So two batches with the same order,
 * variant, coupon or limit go one after the other, and what is read after the lock stays true until the commit. A pass of a
 * waiting room has no allotment: it is claimed by its key, after the allotments and in key order. The constraints of the
 * schema say the same once more, for the day when this reasoning is wrong. So it is with whom unpaid orders are counted for: locked
 * between the two and counted under that lock; orders that are not counted take no such lock.
 */
export async function placeOrders(
  deps: PlaceDeps,
  given: readonly PlaceRequest[],
  at: { placedAtMs: number; payByAtMs: number },
): Promise<PlaceOutcome[]> {
  const { unpaidLimits = noUnpaidLimits } = deps;
  const requests = given.map(({ quote, clientPrefix }) => {
    const holds = holdsOf(quote, clientPrefix, unpaidLimits);
    return { quote, takes: takesOf(quote), holds, clientPrefix, payByAtMs: payByAtMs(quote, at) };
  });
  const holds = requests.flatMap((request) => request.holds);
  const holders = holds.length > 0 ? holdersOf(holds) : undefined;
  const subjectIds = distinct(requests.flatMap(({ takes }) => takes.map((take) => take.subjectId)));

  const work = async (tx: Tx): Promise<Commit<PlaceOutcome[]>> => {
    const [available, , existing, taken, held] = await Promise.all([
      lockAvailable(tx, subjectIds),
      holders && lockHolders(tx, holders),
      findOrderIds(
        tx,
        given.map(({ quote }) => quote.orderId),
      ),
      loadTakingsOf(tx, requests),
      holders && countUnpaid(tx, holders),
    ]);

    // An order counts once, however often its quote stands in the batch.
    const fresh: NewOrder[] = [];
    const seen = new Set(existing);
    for (const request of requests) {
      if (seen.has(request.quote.orderId)) continue;
      seen.add(request.quote.orderId);
      fresh.push(request);
    }
    const uses = passUsesOf(fresh);
    const claimed = uses.length === 0 ? undefined : await claimPasses(tx, uses);
    const usedPasses = new Set(uses.map(passKey).filter((key) => !claimed?.has(key)));
    const allocations = allocate(fresh.map(toRequest), available, taken, usedPasses, held);
    const placed = fresh.filter((_, index) => allocations[index]?.kind === 'allocated');

    // By the quote and not by its order: of two quotes of one order, the second is told what the first has become.
    const allocationBy = new Map(fresh.map(({ quote }, index) => [quote, allocations[index]]));
    const outcomes = given.map(({ quote }): PlaceOutcome => {
      const allocation = allocationBy.get(quote);
      if (allocation === undefined) return { kind: 'exists' };
      if (allocation.kind !== 'allocated') return allocation;
      return { kind: 'placed', placedAtMs: at.placedAtMs, payByAtMs: payByAtMs(quote, at) };
    });
    const passWrites = claimed === undefined ? [] : keepingPasses(claimed, passUsesOf(placed));
    return commitWith([...writesOf(deps, placed, at), ...passWrites], outcomes);
  };
  return deps.database.transaction(work, { readsFirst: true });
}

/** What places these orders. */
function writesOf(
  { events }: PlaceDeps,
  orders: readonly NewOrder[],
  at: { placedAtMs: number; payByAtMs: number },
): Writes {
  if (orders.length === 0) return [];
  const unitsBySubject = new Map<string, number>();
  const takings = new Map<string, TakingChange>();
  for (const { quote, takes } of orders) {
    for (const { subjectId, quantity, limit } of takes) {
      unitsBySubject.set(subjectId, (unitsBySubject.get(subjectId) ?? 0) + quantity);
      if (limit === undefined) continue;
      const key = limit.limitId + quote.buyerId;
      const before = takings.get(key)?.quantity ?? 0;
      takings.set(key, { limitId: limit.limitId, buyerId: quote.buyerId, quantity: before + quantity, max: limit.max });
    }
  }
  return [
    reserving(unitsBySubject),
    insertingOrders(orders, at),
    insertingLines(orders),
    takings.size > 0 && addingTakings([...takings.values()]),
    ...events.publishing(
      orders.flatMap(({ quote }) => {
        const placed = orderPlaced(quote, at.placedAtMs);
        return quote.pass === undefined ? placed : [placed, passUsed(quote, quote.pass)];
      }),
    ),
  ];
}

async function loadTakingsOf(tx: Tx, requests: readonly NewOrder[]): Promise<Map<string, number>> {
  const pairs = requests.flatMap(({ quote, takes }) =>
    takes.flatMap(({ limit }) => (limit ? [{ limitId: limit.limitId, buyerId: quote.buyerId }] : [])),
  );
  return pairs.length === 0 ? new Map() : loadTakings(tx, pairs);
}

/** What an order takes: units of its variants, and one redemption of a limited coupon. */
export function takesOf(quote: Quote): Take[] {
  const takes: Take[] = quote.lines.map((line) => ({
    subjectId: line.variantId,
    quantity: line.quantity,
    limit: line.limit,
  }));
  if (quote.coupon?.isLimited) takes.push({ subjectId: quote.coupon.couponId, quantity: 1, limit: quote.coupon.limit });
  assert(takes.length > 0, 'an order takes something');
  return takes;
}

/** The passes of these orders, each once, for the first order that brings it. */
function passUsesOf(orders: readonly NewOrder[]): PassUse[] {
  const uses = new Map<string, PassUse>();
  for (const { quote } of orders) {
    if (quote.pass === undefined) continue;
    const key = passKey(quote.pass);
    if (!uses.has(key)) uses.set(key, { ...quote.pass, orderId: quote.orderId });
  }
  return [...uses.values()];
}

function toRequest({ quote, takes, holds = [] }: NewOrder) {
  return { buyerId: quote.buyerId, takes, passKey: quote.pass && passKey(quote.pass), holds };
}

/** A sale may give less time to pay than the shop does, never more. */
function payByAtMs({ payWithinMs }: Quote, at: { placedAtMs: number; payByAtMs: number }): number {
  return payWithinMs === undefined ? at.payByAtMs : Math.min(at.payByAtMs, at.placedAtMs + payWithinMs);
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
