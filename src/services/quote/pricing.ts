import type { SellableVariant } from '../catalog/api.ts';
import type { PriceRule, SaleItem } from '../promotion/api.ts';
import type { QuoteCoupon, QuoteLine } from './api.ts';
import { portionOf, spread } from './portion.ts';

/**
 * What an order costs. In this order, each step on what the one before it left:
 *
 * 1. The unit price: the running sale's price where there is one, else the list price. The sale's price is what the sale
 *    says, even above the list price and even where there is none: who announces "from noon, 49.00" sells at 49.00.
 * 2. Of the rules that apply by themselves, the one that takes most off the line; they do not add up. A fixed amount is
 *    taken off each unit.
 * 3. The coupon, on all lines that it covers together: a percentage of their sum, or a fixed amount once. It is rounded once
 *    and spread over those lines, so that lines and total agree to the minor unit.
 * 4. Delivery. No discount touches it.
 * 5. Tax is not added but told: prices include it, so 20 % is a sixth of the total.
 *
 * No step goes below zero. All amounts are integers in minor units, and every rounding is half to even (portion.ts).
 */
export type Pricing =
  | {
      readonly kind: 'priced';
      readonly lines: readonly QuoteLine[];
      readonly coupon: QuoteCoupon | undefined;
      readonly deliveryMinor: number;
      readonly taxMinor: number;
      readonly totalMinor: number;
      /**
       * When the first of the sale prices, rules and coupon in it ends, or the next sale of what is in it starts: from then on it
       * is another price, or has a limit and a queue. Infinity if nothing does.
       */
      readonly holdsUntilMs: number;
      /** The shortest time that a sale in it gives for paying; undefined if none says. */
      readonly payWithinMs: number | undefined;
    }
  | { readonly kind: 'not-for-sale'; readonly variantId: string }
  | { readonly kind: 'not-priced'; readonly variantId: string; readonly sku: string; readonly currency: string }
  | {
      readonly kind: 'sale-not-open';
      readonly variantId: string;
      readonly startsAtMs: number;
      readonly endsAtMs: number;
    }
  | { readonly kind: 'coupon-unknown' }
  | { readonly kind: 'coupon-unfit' }
  | { readonly kind: 'too-many'; readonly variantId: string; readonly quantity: number }
  | { readonly kind: 'too-expensive' };

type Coupon = PriceRule & { readonly couponId: string };

interface OfferedSaleItem {
  readonly saleId: string;
  readonly endsAtMs: number;
  readonly payWithinMs?: number;
  readonly item: SaleItem;
}

/** What promotion answers for the variants asked about. */
export interface Offers {
  readonly saleItems: readonly OfferedSaleItem[];
  /** Not a price of theirs is ours; their limits and time to pay are. */
  readonly foreignSaleItems: readonly OfferedSaleItem[];
  readonly announced: readonly {
    readonly variantId: string;
    readonly startsAtMs: number;
    readonly endsAtMs: number;
    readonly isHeld?: true;
  }[];
  /** Of any of the variants, in any currency. */
  readonly nextSaleStartsAtMs?: number;
  readonly rules: readonly PriceRule[];
  readonly coupon?: Coupon;
}

export interface PriceRequest {
  readonly currency: string;
  readonly lines: readonly { readonly variantId: string; readonly quantity: number }[];
  readonly variants: readonly SellableVariant[];
  readonly offers: Offers;
  readonly couponCode: string | undefined;
  readonly deliveryMinor: number;
  readonly taxIncludedBasisPoints: number;
}

/** As in the schemas of quote/api.ts. Far below 2^53, so that sums of a hundred lines are exact. */
const amountMinorMax = 1_000_000_000_000;
const quantityMax = 10_000;

/** A line on its way: what the discounts so far have left of it, and when the first of what made its price ends. */
interface DraftLine {
  readonly variant: SellableVariant;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly limit: QuoteLine['limit'];
  readonly isInSale: boolean;
  readonly payWithinMs: number | undefined;
  leftMinor: number;
  endsAtMs: number;
}

export function priceOrder(request: PriceRequest): Pricing {
  const { offers, currency } = request;

  const drafts: DraftLine[] = [];
  let grossMinor = request.deliveryMinor;
  for (const [variantId, quantity] of mergeLines(request.lines)) {
    if (quantity > quantityMax) return { kind: 'too-many', variantId, quantity };
    const draft = draftLine(request, variantId, quantity);
    if ('kind' in draft) return draft;
    grossMinor += draft.leftMinor;
    // Checked before discounts, so that no amount on the way can be beyond it either.
    if (grossMinor > amountMinorMax) return { kind: 'too-expensive' };
    drafts.push(draft);
  }

  for (const draft of drafts) takeBestRule(draft, offers.rules, currency);

  let coupon: QuoteCoupon | undefined;
  if (request.couponCode !== undefined) {
    if (offers.coupon === undefined) return { kind: 'coupon-unknown' };
    const discountMinor = takeCoupon(drafts, offers.coupon, currency);
    // A redemption that takes nothing off would only be lost to the buyer.
    if (discountMinor === 0) return { kind: 'coupon-unfit' };
    coupon = quoteCoupon(offers.coupon, request.couponCode, discountMinor);
  }

  const lines = drafts.map(quoteLine);
  const totalMinor = lines.reduce((sum, line) => sum + line.totalMinor, request.deliveryMinor);
  return {
    kind: 'priced',
    lines,
    coupon,
    deliveryMinor: request.deliveryMinor,
    taxMinor: portionOf(totalMinor, request.taxIncludedBasisPoints, 10_000 + request.taxIncludedBasisPoints),
    totalMinor,
    holdsUntilMs: Math.min(
      ...drafts.map((draft) => draft.endsAtMs),
      (coupon && offers.coupon?.endsAtMs) ?? Infinity,
      offers.nextSaleStartsAtMs ?? Infinity,
    ),
    payWithinMs: drafts.reduce<number | undefined>((least, { payWithinMs }) => {
      return payWithinMs === undefined ? least : Math.min(payWithinMs, least ?? payWithinMs);
    }, undefined),
  };
}

/** One line per variant, in the order in which the variants first appear. */
function mergeLines(lines: PriceRequest['lines']): Map<string, number> {
  const quantityByVariant = new Map<string, number>();
  for (const { variantId, quantity } of lines) {
    quantityByVariant.set(variantId, (quantityByVariant.get(variantId) ?? 0) + quantity);
  }
  return quantityByVariant;
}

function draftLine(
  { variants, offers, currency }: PriceRequest,
  variantId: string,
  quantity: number,
): DraftLine | Extract<Pricing, { kind: 'not-for-sale' | 'not-priced' | 'sale-not-open' }> {
  const variant = variants.find((candidate) => candidate.variantId === variantId);
  if (variant === undefined || !variant.isPublished) return { kind: 'not-for-sale', variantId };

  const isOfVariant = ({ item }: OfferedSaleItem) => item.variantId === variantId;
  const sale = offers.saleItems.find(isOfVariant);
  const next = offers.announced.find((announced) => announced.variantId === variantId);
  const listed = variant.prices.find((price) => price.currency === currency)?.amountMinor;
  const unitPriceMinor = next?.isHeld ? undefined : (sale?.item.amountMinor ?? listed);
  if (unitPriceMinor === undefined) {
    if (next === undefined) return { kind: 'not-priced', variantId, sku: variant.sku, currency };
    return { kind: 'sale-not-open', variantId, startsAtMs: next.startsAtMs, endsAtMs: next.endsAtMs };
  }
  const ruling = sale ?? offers.foreignSaleItems.find(isOfVariant);
  return {
    variant,
    quantity,
    unitPriceMinor,
    limit: ruling && limitOf(ruling.item),
    isInSale: ruling !== undefined,
    payWithinMs: ruling?.payWithinMs,
    leftMinor: unitPriceMinor * quantity,
    endsAtMs: sale?.endsAtMs ?? Infinity,
  };
}

function limitOf({ saleItemId, limitPerBuyer: max, limitPerInstrument: instrumentMax }: SaleItem): QuoteLine['limit'] {
  if (max === undefined) return undefined;
  return { limitId: saleItemId, max, ...(instrumentMax !== undefined && { instrumentMax }) };
}

function takeBestRule(draft: DraftLine, rules: readonly PriceRule[], currency: string): void {
  let best: PriceRule | undefined;
  let bestMinor = 0;
  for (const rule of rules) {
    if (!covers(rule, draft.variant)) continue;
    const discountMinor = lineDiscount(draft, rule.reduction, currency);
    if (discountMinor <= bestMinor) continue;
    best = rule;
    bestMinor = discountMinor;
  }
  draft.leftMinor -= bestMinor;
  draft.endsAtMs = Math.min(draft.endsAtMs, best?.endsAtMs ?? Infinity);
}

function lineDiscount(draft: DraftLine, reduction: PriceRule['reduction'], currency: string): number {
  if (reduction.kind === 'percentage') return portionOf(draft.leftMinor, reduction.basisPoints, 10_000);
  if (reduction.currency !== currency) return 0;
  return Math.min(reduction.amountMinor, draft.unitPriceMinor) * draft.quantity;
}

/** Takes the coupon off the lines that it covers; returns what it came to. */
function takeCoupon(drafts: readonly DraftLine[], coupon: PriceRule, currency: string): number {
  // In the order of their ids, so that it is the same line that gets an odd unit, however the lines were sent.
  const covered = drafts
    .filter((draft) => covers(coupon, draft.variant))
    .sort((a, b) => (a.variant.variantId < b.variant.variantId ? -1 : 1));
  const sumMinor = covered.reduce((sum, draft) => sum + draft.leftMinor, 0);
  const discountMinor = orderDiscount(sumMinor, coupon.reduction, currency);
  const shares = spread(
    discountMinor,
    covered.map((draft) => draft.leftMinor),
  );
  covered.forEach((draft, index) => {
    draft.leftMinor -= shares[index] ?? 0;
  });
  return discountMinor;
}

function orderDiscount(sumMinor: number, reduction: PriceRule['reduction'], currency: string): number {
  if (reduction.kind === 'percentage') return portionOf(sumMinor, reduction.basisPoints, 10_000);
  return reduction.currency === currency ? Math.min(reduction.amountMinor, sumMinor) : 0;
}

/** Whether a rule is about this variant. A collection includes those below it. */
export function covers({ scope }: Pick<PriceRule, 'scope'>, variant: SellableVariant): boolean {
  switch (scope.kind) {
    case 'everything':
      return true;
    case 'collection':
      return variant.collections.some((path) => path === scope.path || path.startsWith(`${scope.path}/`));
    case 'variants':
      return scope.variantIds.includes(variant.variantId);
  }
}

function quoteLine({ variant, quantity, unitPriceMinor, limit, isInSale, leftMinor }: DraftLine): QuoteLine {
  return {
    variantId: variant.variantId,
    sku: variant.sku,
    title: variant.title,
    quantity,
    unitPriceMinor,
    discountMinor: unitPriceMinor * quantity - leftMinor,
    totalMinor: leftMinor,
    ...(limit && { limit }),
    ...(isInSale && { isInSale }),
  };
}

function quoteCoupon(coupon: Coupon, code: string, discountMinor: number): QuoteCoupon {
  const { couponId, limitPerBuyer: max } = coupon;
  return {
    couponId,
    code: coupon.couponCode ?? code,
    discountMinor,
    isLimited: max !== undefined || coupon.redemptionsMax !== undefined,
    ...(max !== undefined && { limit: { limitId: couponId, max } }),
  };
}
