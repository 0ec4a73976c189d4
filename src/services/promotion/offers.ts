import type { InputOf, ReplyOf } from '../../platform/api/contract.ts';
import type { ProblemReply } from '../../platform/api/problem.ts';
import type { PriceRule, promotionApi, Sale, SaleItem } from './api.ts';
import { couponIdOf, couponKey } from './coupon.ts';

type GetOffers = (typeof promotionApi)['routes']['getOffers'];
export type OffersQuery = InputOf<GetOffers>['body'];
export type Offers = Exclude<ReplyOf<GetOffers>, ProblemReply>['body'];

interface ItemInSale {
  readonly saleId: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly payWithinMs?: number;
  readonly isHeldUntilStart?: boolean;
  readonly item: SaleItem;
}

/** All sales and rules that hold or will hold, laid out for looking up. Never changed: a change makes a new one. */
export interface OfferBook {
  readonly sales: readonly Sale[];
  /** Per variant, the cheapest first. */
  readonly itemsByVariant: ReadonlyMap<string, readonly ItemInSale[]>;
  /** Rules that apply by themselves, to everything or a collection. */
  readonly broadRules: readonly PriceRule[];
  readonly rulesByVariant: ReadonlyMap<string, readonly PriceRule[]>;
  readonly couponByKey: ReadonlyMap<string, PriceRule>;
}

export function createOfferBook(sales: readonly Sale[], rules: readonly PriceRule[]): OfferBook {
  const itemsByVariant = new Map<string, ItemInSale[]>();
  for (const { items, name: _, ...sale } of sales) {
    for (const item of items) pushTo(itemsByVariant, item.variantId, { ...sale, item });
  }
  for (const items of itemsByVariant.values()) items.sort(cheapestFirst);

  const broadRules: PriceRule[] = [];
  const rulesByVariant = new Map<string, PriceRule[]>();
  const couponByKey = new Map<string, PriceRule>();
  for (const rule of rules) {
    if (rule.couponCode !== undefined) couponByKey.set(couponKey(rule.couponCode), rule);
    else if (rule.scope.kind !== 'variants') broadRules.push(rule);
    else for (const variantId of new Set(rule.scope.variantIds)) pushTo(rulesByVariant, variantId, rule);
  }
  return { sales, itemsByVariant, broadRules, rulesByVariant, couponByKey };
}

/** What holds at this instant: from the millisecond of a start until before that of an end. */
export function offersAt(book: OfferBook, query: OffersQuery, nowMs: number): Offers {
  const saleItems: Offers['saleItems'] = [];
  const foreignSaleItems: Offers['foreignSaleItems'] = [];
  const runningSales: Offers['runningSales'] = [];
  const announced: Offers['announced'] = [];
  const narrowRules = new Map<PriceRule, string[]>();
  // In whatever currency: a sale's limits and its queue hold in all of them.
  let nextSaleStartsAtMs = Infinity;

  for (const variantId of new Set(query.variantIds)) {
    const items = book.itemsByVariant.get(variantId) ?? [];
    const open = items.filter((each) => isOpen(each, nowMs));
    const running = open.find(({ item }) => item.currency === query.currency);
    if (running) saleItems.push(toSaleItem(running));
    else {
      const [foreign] = open;
      if (foreign) foreignSaleItems.push(toSaleItem(foreign));
      const isHeld = foreign === undefined && items.some((each) => each.isHeldUntilStart && each.startsAtMs > nowMs);
      const next = nextToStart(items, isHeld ? undefined : query.currency, nowMs);
      if (next) {
        const { saleId, startsAtMs, endsAtMs } = next;
        announced.push({ saleId, variantId, startsAtMs, endsAtMs, ...(isHeld && { isHeld }) });
      }
    }
    if (open.length > 0) runningSales.push({ variantId, saleIds: saleIdsOf(running, open) });
    for (const { startsAtMs } of items) {
      if (startsAtMs > nowMs) nextSaleStartsAtMs = Math.min(nextSaleStartsAtMs, startsAtMs);
    }
    for (const rule of book.rulesByVariant.get(variantId) ?? []) {
      if (isOpen(rule, nowMs)) pushTo(narrowRules, rule, variantId);
    }
  }

  const rules = book.broadRules.filter((rule) => isOpen(rule, nowMs));
  // Of a list of a thousand variants only those asked for matter; the rest need not travel.
  for (const [rule, variantIds] of narrowRules) rules.push({ ...rule, scope: { kind: 'variants', variantIds } });
  const coupon = query.couponCode === undefined ? undefined : couponAt(book, query.couponCode, nowMs);
  return {
    saleItems,
    foreignSaleItems,
    runningSales,
    announced,
    ...(nextSaleStartsAtMs !== Infinity && { nextSaleStartsAtMs }),
    rules,
    ...(coupon && { coupon }),
  };
}

/** Sales that run or are announced, the next to start first. */
export function salesAt(book: OfferBook, nowMs: number): Sale[] {
  return book.sales.filter((sale) => nowMs < sale.endsAtMs);
}

function couponAt(book: OfferBook, code: string, nowMs: number): Offers['coupon'] {
  const rule = book.couponByKey.get(couponKey(code));
  return rule && isOpen(rule, nowMs) ? { ...rule, couponId: couponIdOf(rule.ruleId) } : undefined;
}

function toSaleItem({ startsAtMs: _, isHeldUntilStart: __, ...saleItem }: ItemInSale): Offers['saleItems'][number] {
  return saleItem;
}

function saleIdsOf(ruling: ItemInSale | undefined, open: readonly ItemInSale[]): string[] {
  return [...new Set([...(ruling ? [ruling] : []), ...open].map(({ saleId }) => saleId))];
}

/** Without a currency: of any. */
function nextToStart(
  items: readonly ItemInSale[],
  currency: string | undefined,
  nowMs: number,
): ItemInSale | undefined {
  let next: ItemInSale | undefined;
  for (const each of items) {
    if (each.startsAtMs <= nowMs || (currency !== undefined && each.item.currency !== currency)) continue;
    if (next === undefined || each.startsAtMs < next.startsAtMs) next = each;
  }
  return next;
}

function isOpen(window: { readonly startsAtMs?: number; readonly endsAtMs?: number }, nowMs: number): boolean {
  return (window.startsAtMs ?? -Infinity) <= nowMs && nowMs < (window.endsAtMs ?? Infinity);
}

/** Of equal prices the one that lasts longer, and then by id: the same one whatever order they were read in. */
function cheapestFirst(a: ItemInSale, b: ItemInSale): number {
  return a.item.amountMinor - b.item.amountMinor || b.endsAtMs - a.endsAtMs || (a.saleId < b.saleId ? -1 : 1);
}

function pushTo<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
