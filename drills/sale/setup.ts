import type { HttpTarget } from '../http-client.ts';

/** What buyers need to know of the sale. Plain data: it travels to their processes. */
export interface SaleSetup {
  /** In every SKU, slug and name that the drill makes, so that nobody takes them for goods. */
  readonly runId: string;
  readonly currency: string;
  readonly hot: {
    readonly variantId: string;
    readonly salePriceMinor: number;
    readonly limitPerBuyer: number;
    readonly stock: number;
  };
  /** Signed quotes of a sale that has ended. */
  readonly expiredQuotes: readonly string[];
  readonly ordinary: OrdinaryGoods | undefined;
}

/** What fills the carts beside the sale. */
export interface OrdinaryGoods {
  readonly variants: readonly { readonly variantId: string; readonly priceMinor: number; readonly stock: number }[];
  readonly coupon: { readonly code: string; readonly couponId: string; readonly redemptionsMax: number };
  readonly deliveryMethod: string;
}

/** What one process of buyers is to do. */
export interface CrewJob {
  readonly target: Pick<HttpTarget, 'host' | 'port' | 'isSecure'>;
  readonly setup: SaleSetup;
  readonly seed: number;
  readonly buyerCount: number;
  readonly cartCount: number;
  /** This process serves the buyers whose number leaves `member` when divided by `crewSize`. */
  readonly member: number;
  readonly crewSize: number;
  /** Buyers at once in this process. */
  readonly concurrency: number;
  readonly cartConcurrency: number;
  /** How long a buyer goes on trying to get an answer. */
  readonly patienceMs: number;
  readonly witnessFile: string;
  readonly reportEveryMs: number;
}
