import type { HttpTarget } from '../http-client.ts';

/** What sessions need to know of the shop. Plain data: it travels to the process that makes the load. */
export interface OverloadSetup {
  /** On sale, with more units than the drill can sell: everyone wants it. */
  readonly hotVariantId: string;
  /** Ordinary goods, for carts. */
  readonly variantIds: readonly string[];
  readonly deliveryMethod: string;
  readonly currency: string;
  /** Of published products of the shop. */
  readonly slugs: readonly string[];
  /** What is looked for. */
  readonly words: readonly string[];
  /** Paths of collections, as `/browse/…` takes them. */
  readonly collections: readonly string[];
  /** Opens the sale wall's figures. */
  readonly wallKey: string;
}

/** What the process that makes the load is to know before it begins. */
export interface LoadJob {
  readonly target: Pick<HttpTarget, 'host' | 'port'>;
  readonly setup: OverloadSetup;
  readonly seed: number;
  /** How long somebody waits for an answer before he goes away. */
  readonly patienceMs: number;
  readonly connectionsMax: number;
  readonly witnessFile: string;
}

/** A stretch of load. */
export interface Stage {
  readonly name: string;
  readonly durationMs: number;
  /** What happens in its first moments is no part of its figures. */
  readonly settleMs: number;
  readonly arrivals: Arrivals;
}

/**
 * Open: sessions come whatever becomes of those before, and whoever was told to come again comes besides, or `inPlace` of a new one.
 * Closed: so many are there all the time, where one ends another begins.
 */
export type Arrivals =
  | { readonly kind: 'open'; readonly sessionsPerS: number; readonly returning?: 'inPlace' }
  | { readonly kind: 'closed'; readonly sessions: number };

export const importances = ['core', 'standard', 'deferrable'] as const;
export type Importance = (typeof importances)[number];

/** What an answer may take at most to count as quick, of each importance. */
export type Bounds = Readonly<Record<Importance, number>>;
