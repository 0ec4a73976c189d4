import type { Quote, QuoteLine } from '../quote/api.ts';

/** How much stock may be held by orders that are not paid; 0 is no limit. */
export interface UnpaidLimits {
  /** Orders of one buyer. */
  readonly unpaidPerBuyer: number;
  /** Orders from one network. */
  readonly unpaidPerNetwork: number;
  /** Units of one variant in a sale, in orders from one network. */
  readonly unpaidSaleUnitsPerNetwork: number;
  /** Units of one variant, in per cent of what others have left of it, in orders of one buyer, and from one network. */
  readonly unpaidStockPercent: number;
  /** The same for a variant in a sale. */
  readonly unpaidSaleStockPercent: number;
}

export const noUnpaidLimits: UnpaidLimits = {
  unpaidPerBuyer: 0,
  unpaidPerNetwork: 0,
  unpaidSaleUnitsPerNetwork: 0,
  unpaidStockPercent: 0,
  unpaidSaleStockPercent: 0,
};

/** Who holds what his orders hold while they are unpaid. */
export interface Holder {
  readonly of: 'buyer' | 'network';
  readonly holderId: string;
}

/** What an unpaid order counts under: as one of its holder's orders, or with its units of a variant. */
export interface Hold extends Holder {
  /** Undefined: orders are counted. */
  readonly variantId?: string;
  /** How what is held under it is looked up. */
  readonly key: string;
  /** Orders, or units. */
  readonly quantity: number;
  /** Infinity where only the share is limited. */
  readonly max: number;
  readonly share?: StockShare;
}

/** How much of a variant one holder may have, by how much of it there is. */
export interface StockShare {
  readonly percent: number;
  /** Of however little there is. */
  readonly unitsMin: number;
}

/** Whom orders are counted for, and the variants whose units are; each once. */
export interface HolderIds {
  readonly buyerIds: readonly string[];
  readonly networks: readonly string[];
  readonly variantIds: readonly string[];
}

/** A pair of chairs, a ticket for a friend: half of three units would not be enough. */
const pairUnits = 2;

export function holdKey({ of, holderId, variantId }: Holder & { readonly variantId?: string | undefined }): string {
  return variantId === undefined ? `${of} ${holderId}` : `${of} ${holderId} ${variantId}`;
}

/**
 * How much may be held under it, with `leftUnits` of its variant available to everybody and `held` held under it. A share is of what
 * others have left, and not of all there is: at a half, of 1,000 units the first holder gets 500, the second 250, and five of
 * them leave 32, where two would else have everything.
 */
export function holdMax({ max, share }: Pick<Hold, 'max' | 'share'>, leftUnits: number, held: number): number {
  if (share === undefined) return max;
  return Math.min(max, Math.max(share.unitsMin, Math.floor(((leftUnits + held) * share.percent) / 100)));
}

/** What this order would be counted under while it is unpaid. An order that costs nothing is counted too: it holds stock as others do. */
export function holdsOf({ buyerId, lines }: Quote, clientPrefix: string | undefined, limits: UnpaidLimits): Hold[] {
  const buyer: Holder = { of: 'buyer', holderId: buyerId };
  const holds = [
    ...orderHold(buyer, limits.unpaidPerBuyer),
    ...lines.flatMap((line) => unitsHold(buyer, line, 0, limits)),
  ];
  if (clientPrefix === undefined) return holds;
  const network: Holder = { of: 'network', holderId: clientPrefix };
  return [
    ...holds,
    ...orderHold(network, limits.unpaidPerNetwork),
    ...lines.flatMap((line) => unitsHold(network, line, limits.unpaidSaleUnitsPerNetwork, limits)),
  ];
}

function orderHold(holder: Holder, max: number): Hold[] {
  return max === 0 ? [] : [{ ...holder, key: holdKey(holder), quantity: 1, max }];
}

function unitsHold(holder: Holder, line: QuoteLine, saleUnitsMax: number, limits: UnpaidLimits): Hold[] {
  const { variantId, quantity, limit } = line;
  const isInSale = line.isInSale === true;
  const percent = isInSale ? limits.unpaidSaleStockPercent : limits.unpaidStockPercent;
  const max = isInSale && saleUnitsMax > 0 ? saleUnitsMax : Number.POSITIVE_INFINITY;
  if (percent === 0 && max === Number.POSITIVE_INFINITY) return [];
  // What a sale announces for each buyer, each buyer can order.
  const share = percent === 0 ? {} : { share: { percent, unitsMin: Math.max(pairUnits, limit?.max ?? 0) } };
  return [{ ...holder, variantId, key: holdKey({ ...holder, variantId }), quantity, max, ...share }];
}

/** Whom the holds of a batch are for. */
export function holdersOf(holds: readonly Hold[]): HolderIds {
  const idsOf = (wanted: Holder['of']) =>
    new Set(holds.flatMap(({ of, holderId }) => (of === wanted ? [holderId] : [])));
  return {
    buyerIds: [...idsOf('buyer')],
    networks: [...idsOf('network')],
    variantIds: [...new Set(holds.flatMap(({ variantId }) => variantId ?? []))],
  };
}
