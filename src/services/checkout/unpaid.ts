import type { BuyerLimit, Quote } from '../quote/api.ts';

/** How much stock may be held by orders that are not paid; 0 is no limit. */
export interface UnpaidLimits {
  /** Orders of one buyer. */
  readonly unpaidPerBuyer: number;
  /** Orders from one network. */
  readonly unpaidPerNetwork: number;
  /** Units of one variant in a sale, in orders from one network. */
  readonly unpaidSaleUnitsPerNetwork: number;
  /** Units of one variant, in per cent of what others have left of it, in orders of one buyer, and from one network. Of a limited coupon too. */
  readonly unpaidStockPercent: number;
  /** The same for a variant in a sale, and a coupon with it. */
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
  readonly of: 'buyer' | 'network' | 'site';
  readonly holderId: string;
}

/** What an unpaid order counts under: as one of its holder's orders, or with what it takes of a variant or a limited coupon. */
export interface Hold extends Holder {
  /** The variant or the coupon. Undefined: orders are counted. */
  readonly subjectId?: string;
  /** How what is held under it is looked up. */
  readonly key: string;
  /** Orders, or units; redemptions of a coupon are its units. */
  readonly quantity: number;
  /** Infinity where only the share is limited. */
  readonly max: number;
  readonly share?: StockShare;
}

/** How much of a variant or a coupon one holder may have, by how much of it there is. */
export interface StockShare {
  readonly percent: number;
  /** Of however little there is. */
  readonly unitsMin: number;
}

/** Whom orders are counted for, and the variants and coupons whose units are; each once. */
export interface HolderIds {
  readonly buyerIds: readonly string[];
  readonly networks: readonly string[];
  readonly sites: readonly string[];
  readonly subjectIds: readonly string[];
}

/** A pair of chairs, a ticket for a friend: half of three units would not be enough. */
const pairUnits = 2;

/**
 * An end site of IPv6 has 65,536 networks, and may hold what so many of them may. One customer has it to himself, or some hundred households
 * share it, as thousands share one IPv4 address of a carrier: these do with what one network may.
 */
const networksOfSite = 4;

export function holdKey({ of, holderId, subjectId }: Holder & { readonly subjectId?: string | undefined }): string {
  return subjectId === undefined ? `${of} ${holderId}` : `${of} ${holderId} ${subjectId}`;
}

/**
 * How much may be held under it, with `leftUnits` of its subject available to everybody and `held` held under it. A share is of what
 * others have left, and not of all there is: at a half, of 1,000 units the first holder gets 500, the second 250, and five of
 * them leave 32, where two would else have everything.
 */
export function holdMax({ max, share }: Pick<Hold, 'max' | 'share'>, leftUnits: number, held: number): number {
  if (share === undefined) return max;
  return Math.min(max, Math.max(share.unitsMin, Math.floor(((leftUnits + held) * share.percent) / 100)));
}

/** What this order would be counted under while it is unpaid. An order that costs nothing is counted too: it holds stock as others do. */
export function holdsOf(quote: Quote, clientPrefix: string | undefined, limits: UnpaidLimits): Hold[] {
  const { unpaidPerNetwork, unpaidSaleUnitsPerNetwork, unpaidStockPercent, unpaidSaleStockPercent } = limits;
  const shares = { stockPercent: unpaidStockPercent, saleStockPercent: unpaidSaleStockPercent };
  const ofBuyer = { ...shares, ordersMax: limits.unpaidPerBuyer, saleUnitsMax: 0 };
  const ofNetwork = { ...shares, ordersMax: unpaidPerNetwork, saleUnitsMax: unpaidSaleUnitsPerNetwork };
  const siteId = clientPrefix === undefined ? undefined : siteOf(clientPrefix);
  return [
    ...holdsFor({ of: 'buyer', holderId: quote.buyerId }, quote, ofBuyer),
    ...(clientPrefix === undefined ? [] : holdsFor({ of: 'network', holderId: clientPrefix }, quote, ofNetwork)),
    ...(siteId === undefined ? [] : holdsFor({ of: 'site', holderId: siteId }, quote, severalTimes(ofNetwork))),
  ];
}

/** What one holder may hold; 0 is no limit. */
interface HolderLimits {
  readonly ordersMax: number;
  readonly saleUnitsMax: number;
  readonly stockPercent: number;
  readonly saleStockPercent: number;
}

function holdsFor(holder: Holder, { lines, coupon }: Quote, limits: HolderLimits): Hold[] {
  const isInSale = lines.some((line) => line.isInSale === true);
  return [
    ...(limits.ordersMax === 0 ? [] : [{ ...holder, key: holdKey(holder), quantity: 1, max: limits.ordersMax }]),
    ...lines.flatMap(({ variantId, ...line }) => unitsHold(holder, { subjectId: variantId, ...line }, limits)),
    ...(coupon?.isLimited === true
      ? unitsHold(holder, { subjectId: coupon.couponId, quantity: 1, limit: coupon.limit, isInSale }, limits)
      : []),
  ];
}

/** What an order takes of a variant or a coupon. */
interface Taken {
  readonly subjectId: string;
  readonly quantity: number;
  readonly limit?: BuyerLimit | undefined;
  readonly isInSale?: boolean;
}

function unitsHold(holder: Holder, { subjectId, quantity, limit, isInSale }: Taken, limits: HolderLimits): Hold[] {
  const percent = isInSale ? limits.saleStockPercent : limits.stockPercent;
  const max = isInSale && limits.saleUnitsMax > 0 ? limits.saleUnitsMax : Number.POSITIVE_INFINITY;
  if (percent === 0 && max === Number.POSITIVE_INFINITY) return [];
  // What a sale announces for each buyer, each buyer can order.
  const share = percent === 0 ? {} : { share: { percent, unitsMin: Math.max(pairUnits, limit?.max ?? 0) } };
  return [{ ...holder, subjectId, key: holdKey({ ...holder, subjectId }), quantity, max, ...share }];
}

/** The end site of a network, by their codes; undefined where it has none, as of IPv4. */
function siteOf(clientPrefix: string): string | undefined {
  const dot = clientPrefix.indexOf('.');
  return dot < 0 ? undefined : clientPrefix.slice(0, dot);
}

function severalTimes({ ordersMax, saleUnitsMax, stockPercent, saleStockPercent }: HolderLimits): HolderLimits {
  return {
    ordersMax: ordersMax * networksOfSite,
    saleUnitsMax: saleUnitsMax * networksOfSite,
    stockPercent: percentOfSeveral(stockPercent),
    saleStockPercent: percentOfSeveral(saleStockPercent),
  };
}

/** The share that so many networks have together once each has all of its own: four of a tenth have 31 %, four of a half 80. */
function percentOfSeveral(percent: number): number {
  return (100 * networksOfSite * percent) / (100 + (networksOfSite - 1) * percent);
}

/** Whom the holds of a batch are for. */
export function holdersOf(holds: readonly Hold[]): HolderIds {
  const idsOf = (wanted: Holder['of']) => [
    ...new Set(holds.flatMap(({ of, holderId }) => (of === wanted ? [holderId] : []))),
  ];
  return {
    buyerIds: idsOf('buyer'),
    networks: idsOf('network'),
    sites: idsOf('site'),
    subjectIds: [...new Set(holds.flatMap(({ subjectId }) => subjectId ?? []))],
  };
}
