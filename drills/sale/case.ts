import type { Claims } from './claims.ts';
import type { SaleSetup } from './setup.ts';
import type { EventCountRow, OrderRow, PaymentRow, StockRow } from './store-audit.ts';
import type { TallyJson } from './tally.ts';

/** What the shop's database says, read in one transaction. */
export interface Books {
  readonly orders: readonly OrderRow[];
  readonly payments: readonly PaymentRow[];
  readonly events: readonly EventCountRow[];
  readonly stock: readonly StockRow[];
  readonly ledger: readonly { readonly currency: string; readonly entryCount: number; readonly sumMinor: number }[];
  /** Sentences on what is wrong in the checkout's books of the whole shop. */
  readonly checkoutFindings: readonly string[];
  readonly paymentFindings: readonly string[];
  /** Payments and refunds that had not come to an end when the drill had waited for them long enough. */
  readonly underWayCount: number;
}

/** What a judge looks at: what was to be sold, what the buyers saw and claim, and what the rows say. */
export interface Case {
  readonly setup: SaleSetup;
  readonly claims: Claims;
  readonly tally: TallyJson;
  readonly buyerCount: number;
  readonly books: Books;
}

/** A promise, how it was looked into, and what was found. */
export interface Proof {
  readonly id: string;
  readonly promise: string;
  readonly checked: string;
  readonly found: string;
  readonly isKept: boolean;
  /** What is wrong, in sentences; a few of them. */
  readonly findings: readonly string[];
}

export interface Verdict {
  readonly proofs: readonly Proof[];
  /** Units of the hot variant in orders that are paid or wait for their payment. */
  readonly sold: number;
  /** Of them, units that are paid. */
  readonly paid: number;
  /** Units promised beyond what was received, of all goods. */
  readonly oversold: number;
  readonly lostAcknowledged: number;
  readonly duplicateOrders: number;
  /** Zero, or money appeared from nowhere. */
  readonly ledgerSum: number;
  readonly isKept: boolean;
}
