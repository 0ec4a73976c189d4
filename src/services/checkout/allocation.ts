import assert from 'node:assert/strict';
import type { BuyerLimit, QuotePass } from '../quote/api.ts';
import { type Hold, type Holder, holdMax } from './unpaid.ts';

/** Units of one subject (a variant, or a coupon's redemptions) that an order wants. */
export interface Take {
  readonly subjectId: string;
  readonly quantity: number;
  /** What one buyer may take of it in all. */
  readonly limit?: BuyerLimit | undefined;
}

export interface AllocationRequest {
  readonly buyerId: string;
  readonly takes: readonly Take[];
  /** By `passKey`: the pass of a waiting room that the quote was made with. */
  readonly passKey?: string | undefined;
  /** What it is counted under while it is unpaid. */
  readonly holds?: readonly Hold[];
}

export type Allocation =
  | { readonly kind: 'allocated' }
  | { readonly kind: 'short'; readonly subjectId: string; readonly available: number }
  | { readonly kind: 'limit-reached'; readonly subjectId: string; readonly max: number; readonly taken: number }
  | { readonly kind: 'pass-used' }
  | TooManyUnpaid;

/** Unpaid orders hold so much already: `held` of `max` orders, or of `max` units of the variant or coupon. */
export interface TooManyUnpaid {
  readonly kind: 'too-many-unpaid';
  readonly of: Holder['of'];
  readonly subjectId: string | undefined;
  readonly held: number;
  readonly max: number;
}

/** How a buyer's takings under a limit are looked up. */
export function takingKey(limitId: string, buyerId: string): string {
  return limitId + buyerId;
}

export function passKey({ roomId, place }: QuotePass): string {
  return `${roomId}/${place}`;
}

/**
 * First come, first served; an order gets all of its takes or none, and a pass is good for one order that does.
 * `available`: units by subject; `taken`: units by `takingKey`; `usedPasses`: by `passKey`; `held`: by a hold's key. What is
 * absent is none.
 */
export function allocate(
  requests: readonly AllocationRequest[], // in order of arrival
  available: ReadonlyMap<string, number>,
  taken: ReadonlyMap<string, number>,
  usedPasses: ReadonlySet<string> = new Set(),
  held: ReadonlyMap<string, number> = new Map(),
): Allocation[] {
  const left = new Map(available);
  const takenNow = new Map(taken);
  const usedNow = new Set(usedPasses);
  const heldNow = new Map(held);

  return requests.map(({ buyerId, takes, passKey, holds = [] }) => {
    assertDistinct(takes);
    if (passKey !== undefined && usedNow.has(passKey)) return { kind: 'pass-used' };

    for (const { subjectId, quantity, limit } of takes) {
      const leftOfSubject = left.get(subjectId) ?? 0;
      if (quantity > leftOfSubject) return { kind: 'short', subjectId, available: leftOfSubject };
      if (limit === undefined) continue;
      const takenOfLimit = takenNow.get(takingKey(limit.limitId, buyerId)) ?? 0;
      if (takenOfLimit + quantity > limit.max) {
        return { kind: 'limit-reached', subjectId, max: limit.max, taken: takenOfLimit };
      }
    }

    // Last of all: who is told that it is sold out need not pay another order first.
    for (const hold of holds) {
      const { of, subjectId, quantity } = hold;
      const held = heldNow.get(hold.key) ?? 0;
      const max = holdMax(hold, subjectId === undefined ? 0 : (left.get(subjectId) ?? 0), held);
      if (held + quantity > max) return { kind: 'too-many-unpaid', of, subjectId, held, max };
    }

    if (passKey !== undefined) usedNow.add(passKey);
    for (const { key, quantity } of holds) heldNow.set(key, (heldNow.get(key) ?? 0) + quantity);
    for (const { subjectId, quantity, limit } of takes) {
      left.set(subjectId, (left.get(subjectId) ?? 0) - quantity);
      if (limit === undefined) continue;
      const key = takingKey(limit.limitId, buyerId);
      takenNow.set(key, (takenNow.get(key) ?? 0) + quantity);
    }
    return { kind: 'allocated' };
  });
}

// A quote merges lines of one variant. Were a subject (or a limit) listed twice, each take could look covered while their
// sum is not, and we would oversell.
function assertDistinct(takes: readonly Take[]): void {
  if (takes.length === 1) return;
  assert(new Set(takes.map((take) => take.subjectId)).size === takes.length, 'a subject stands in one take');
  const limits = takes.flatMap((take) => (take.limit ? [take.limit.limitId] : []));
  assert(new Set(limits).size === limits.length, 'a limit stands in one take');
}
