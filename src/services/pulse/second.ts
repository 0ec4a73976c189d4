import type { PublishedEvent } from '../../platform/events/event.ts';

/** What happened in one second. Plain data that adds up: seconds of one instant are one second, in any order. */
export interface Second {
  /** The instant at which it begins: whole seconds in Unix milliseconds. */
  readonly atMs: number;
  readonly placedCount: number;
  readonly paidCount: number;
  readonly cancelledCount: number;
  readonly expiredCount: number;
  /** Captured less refunded, in minor units, by currency. */
  readonly money: Counts;
  /** Orders placed by country code; `ZZ` where none is known. */
  readonly regions: Counts;
  readonly units: Readonly<Record<string, UnitChange>>;
  /** Buyers who placed an order (`buyerMark`), rising, each once. */
  readonly buyers: readonly number[];
}

export type Counts = Readonly<Record<string, number>>;

/** Of one variant: units ordered, and by how much the units held and those sold changed. */
export type UnitChange = readonly [ordered: number, held: number, sold: number];

/** CLDR's code for a region that is not known. */
export const unknownRegion = 'ZZ';

export const foldedTopics = [
  'order.placed',
  'order.paid',
  'order.cancelled',
  'order.expired',
  'payment.captured',
  'payment.refunded',
] as const;

/** The second in which an instant lies. */
export function secondOf(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

export function emptySecond(atMs: number): Second {
  return {
    atMs,
    placedCount: 0,
    paidCount: 0,
    cancelledCount: 0,
    expiredCount: 0,
    money: {},
    regions: {},
    units: {},
    buyers: [],
  };
}

/** The seconds of these events, by when each occurred; rising. Other topics are passed over. */
export function foldEvents(events: readonly PublishedEvent[]): Second[] {
  const bySecond = new Map<number, Draft>();
  for (const event of events) {
    const atMs = secondOf(event.occurredAtMs);
    let draft = bySecond.get(atMs);
    if (draft === undefined) {
      draft = { ...emptySecond(atMs), money: {}, regions: {}, units: {}, buyers: new Set() };
      bySecond.set(atMs, draft);
    }
    take(draft, event);
  }
  return [...bySecond.values()]
    .map(({ buyers, ...draft }) => ({ ...draft, buyers: [...buyers].sort(rising) }))
    .sort((a, b) => a.atMs - b.atMs);
}

/** Both together. They are of the same instant. */
export function addSeconds(a: Second, b: Second): Second {
  const units: Record<string, UnitChange> = { ...a.units };
  for (const [variantId, change] of Object.entries(b.units)) units[variantId] = addUnits(units[variantId], change);
  return {
    atMs: a.atMs,
    placedCount: a.placedCount + b.placedCount,
    paidCount: a.paidCount + b.paidCount,
    cancelledCount: a.cancelledCount + b.cancelledCount,
    expiredCount: a.expiredCount + b.expiredCount,
    money: addCounts(a.money, b.money),
    regions: addCounts(a.regions, b.regions),
    units,
    buyers: [...new Set([...a.buyers, ...b.buyers])].sort(rising),
  };
}

/** `b` times `sign` added to `a`; what comes to nothing stays as a zero. */
export function addCounts(a: Counts, b: Counts, sign: 1 | -1 = 1): Counts {
  const sum: Record<string, number> = { ...a };
  for (const [key, count] of Object.entries(b)) sum[key] = (sum[key] ?? 0) + sign * count;
  return sum;
}

export function addUnits(a: UnitChange | undefined, b: UnitChange): UnitChange {
  return a === undefined ? b : [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

/**
 * Four bytes of a buyer's id. Of a hundred thousand buyers one or two are taken for somebody else, which no wall shows; and
 * the id itself stays where it is needed.
 */
export function buyerMark(buyerId: string): number {
  // Signed, for those are whole numbers to the engine, which finds them in a map twice as fast.
  return Number.parseInt(buyerId.slice(-8), 16) | 0;
}

interface Draft extends Omit<Second, 'buyers' | 'money' | 'regions' | 'units' | CountName> {
  placedCount: number;
  paidCount: number;
  cancelledCount: number;
  expiredCount: number;
  readonly money: Record<string, number>;
  readonly regions: Record<string, number>;
  readonly units: Record<string, UnitChange>;
  readonly buyers: Set<number>;
}

type CountName = 'placedCount' | 'paidCount' | 'cancelledCount' | 'expiredCount';

/** What the events of checkout and payment carry, as far as it is counted. Their emitters wrote it; it needs no second check. */
interface Payload {
  readonly buyerId?: string;
  readonly countryCode?: string;
  readonly paymentId?: string;
  readonly currency: string;
  readonly amountMinor: number;
  /** Orders that moved before lines were announced with it have none. */
  readonly lines?: readonly { readonly variantId: string; readonly quantity: number }[];
}

function take(draft: Draft, { topic, payload }: PublishedEvent): void {
  const { buyerId, countryCode, paymentId, currency, amountMinor, lines = [] } = payload as unknown as Payload;
  const change = (of: (quantity: number) => UnitChange) => {
    for (const { variantId, quantity } of lines) {
      draft.units[variantId] = addUnits(draft.units[variantId], of(quantity));
    }
  };
  switch (topic) {
    case 'order.placed': {
      const region = countryCode ?? unknownRegion;
      draft.placedCount += 1;
      draft.regions[region] = (draft.regions[region] ?? 0) + 1;
      if (buyerId !== undefined) draft.buyers.add(buyerMark(buyerId));
      change((quantity) => [quantity, quantity, 0]);
      return;
    }
    case 'order.paid':
      draft.paidCount += 1;
      change((quantity) => [0, -quantity, quantity]);
      return;
    case 'order.cancelled':
      draft.cancelledCount += 1;
      // One with a payment had been paid: its units were sold and no longer held.
      change((quantity) => (paymentId === undefined ? [0, -quantity, 0] : [0, 0, -quantity]));
      return;
    case 'order.expired':
      draft.expiredCount += 1;
      change((quantity) => [0, -quantity, 0]);
      return;
    case 'payment.captured':
      draft.money[currency] = (draft.money[currency] ?? 0) + amountMinor;
      return;
    case 'payment.refunded':
      draft.money[currency] = (draft.money[currency] ?? 0) - amountMinor;
      return;
  }
}

function rising(a: number, b: number): number {
  return a - b;
}
