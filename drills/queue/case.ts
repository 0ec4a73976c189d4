import type { Journal } from './journal.ts';
import type { QueueSetup } from './setup.ts';

/** What the shop's database says, read in one transaction. */
export interface QueueBooks {
  readonly line: {
    /** Hexadecimal; null where no lot was drawn. */
    readonly lotSeed: string | null;
    readonly lotCount: number | null;
    readonly issued: number;
    readonly admitted: number;
  };
  /** In the order of their places. */
  readonly calls: readonly CallRow[];
  readonly passes: readonly PassRow[];
  readonly orders: readonly QueueOrderRow[];
  readonly uses: readonly UseRow[];
  readonly stock: { readonly granted: number; readonly reserved: number; readonly sold: number };
  /** Sentences on what is wrong in the checkout's books of the whole shop. */
  readonly checkoutFindings: readonly string[];
}

/** Places called at one instant: from `fromPlace` up to, but without, `toPlace`. */
export interface CallRow {
  readonly fromPlace: number;
  readonly toPlace: number;
  readonly calledAtMs: number;
}

export interface PassRow {
  readonly place: number;
  readonly number: number;
  readonly buyerId: string;
  readonly claimedAtMs: number;
  readonly expiresAtMs: number;
}

/** An order of what was queued for. */
export interface QueueOrderRow {
  readonly orderId: string;
  readonly buyerId: string;
  readonly state: string;
  readonly units: number;
  readonly placedAtMs: number;
}

/** A pass of the room that became an order. */
export interface UseRow {
  readonly place: number;
  readonly orderId: string;
}

/** What the judge looks at: what was to be sold and how, what was seen from outside, and what the rows say. */
export interface QueueCase {
  readonly setup: QueueSetup;
  readonly journal: Journal;
  readonly books: QueueBooks;
  /** The lot as the room published it; undefined where it did not. */
  readonly publishedLot: PublishedLot | undefined;
  /** Undefined where nothing was killed. */
  readonly outage: Outage | undefined;
}

/** While nobody could reach the shop, as seen from outside. */
export interface Outage {
  /** When its process was killed. */
  readonly fromMs: number;
  /** When somebody tried last before it was there again. */
  readonly untilMs: number;
}

export interface PublishedLot {
  /** Hexadecimal. */
  readonly seed: string;
  /** How many tickets took part. */
  readonly ticketCount: number;
}
