import type { Quote } from '../quote/api.ts';

/** How much stock may be held by orders that are not paid; 0 is no limit. */
export interface UnpaidLimits {
  /** Orders of one buyer. */
  readonly unpaidPerBuyer: number;
  /** Orders from one network. */
  readonly unpaidPerNetwork: number;
  /** Units of one variant in a sale, in orders from one network. */
  readonly unpaidSaleUnitsPerNetwork: number;
}

export const noUnpaidLimits: UnpaidLimits = { unpaidPerBuyer: 0, unpaidPerNetwork: 0, unpaidSaleUnitsPerNetwork: 0 };

/** What an unpaid order counts under. */
export interface Hold {
  readonly of: 'buyer' | 'network' | 'sale-units';
  /** How what is held under it is looked up. */
  readonly key: string;
  /** Orders, or units. */
  readonly quantity: number;
  readonly max: number;
}

/** Whom orders are counted for, and the variants whose units are. */
export interface HolderIds {
  readonly buyerIds: readonly string[];
  readonly networks: readonly string[];
  readonly saleUnits: readonly { readonly network: string; readonly variantId: string }[];
}

export const holdKeys = {
  buyer: (buyerId: string) => `buyer ${buyerId}`,
  network: (prefix: string) => `network ${prefix}`,
  saleUnits: (prefix: string, variantId: string) => `units ${prefix} ${variantId}`,
};

/** What this order would be counted under while it is unpaid. An order that costs nothing is counted too: it holds stock as others do. */
export function holdsOf(quote: Quote, clientPrefix: string | undefined, limits: UnpaidLimits): Hold[] {
  const holds: Hold[] = [];
  if (limits.unpaidPerBuyer > 0) {
    holds.push({ of: 'buyer', key: holdKeys.buyer(quote.buyerId), quantity: 1, max: limits.unpaidPerBuyer });
  }
  if (clientPrefix === undefined) return holds;
  if (limits.unpaidPerNetwork > 0) {
    holds.push({ of: 'network', key: holdKeys.network(clientPrefix), quantity: 1, max: limits.unpaidPerNetwork });
  }
  if (limits.unpaidSaleUnitsPerNetwork === 0) return holds;
  for (const { variantId, quantity, isInSale } of quote.lines) {
    if (isInSale !== true) continue;
    const key = holdKeys.saleUnits(clientPrefix, variantId);
    holds.push({ of: 'sale-units', key, quantity, max: limits.unpaidSaleUnitsPerNetwork });
  }
  return holds;
}

/** Whom the holds of a batch are for, each once. */
export function holdersOf(
  requests: readonly {
    readonly quote: Quote;
    readonly clientPrefix?: string | undefined;
    readonly holds: readonly Hold[];
  }[],
): HolderIds {
  const buyerIds = new Set<string>();
  const networks = new Set<string>();
  const saleUnits = new Map<string, { network: string; variantId: string }>();
  for (const { quote, clientPrefix, holds } of requests) {
    for (const { of } of holds) {
      if (of === 'buyer') buyerIds.add(quote.buyerId);
      else if (of === 'network' && clientPrefix !== undefined) networks.add(clientPrefix);
    }
    if (clientPrefix === undefined || !holds.some(({ of }) => of === 'sale-units')) continue;
    for (const { variantId } of quote.lines) {
      const key = holdKeys.saleUnits(clientPrefix, variantId);
      if (holds.some((hold) => hold.key === key)) saleUnits.set(key, { network: clientPrefix, variantId });
    }
  }
  return { buyerIds: [...buyerIds], networks: [...networks], saleUnits: [...saleUnits.values()] };
}
