import type { Product, Variant } from '../../services/catalog/api.ts';
import type { StockHint } from '../reads.ts';
import type { SaleBook, VariantSale } from '../sale-book.ts';

/** What a page shows of a variant: the price now and a hint of what is left. The quote and the order decide. */
export interface VariantView {
  readonly variantId: string;
  readonly sku: string;
  readonly options: Readonly<Record<string, string>>;
  /** Undefined: not for sale in the shop's currency now. */
  readonly price: ShownPrice | undefined;
  readonly available: number;
  readonly sale: VariantSale | undefined;
  /** Undefined where it is sold now, or no sale of it is planned. */
  readonly soldFrom: SoldFrom | undefined;
}

/** When something comes on sale, and at what price then, as it is planned now. */
export interface SoldFrom {
  readonly atMs: number;
  readonly price: ShownPrice;
}

export interface ShownPrice {
  readonly amountMinor: number;
  readonly compareAtMinor: number | undefined;
}

export function variantViews(
  product: Pick<Product, 'variants'>,
  currency: string,
  stock: ReadonlyMap<string, StockHint>,
  sales: SaleBook,
): VariantView[] {
  return product.variants.map((variant) => {
    return {
      variantId: variant.variantId,
      sku: variant.sku,
      options: variant.options,
      price: priceNow(variant, currency, sales),
      available: stock.get(variant.variantId)?.available ?? 0,
      sale: sales.of(variant.variantId),
      soldFrom: soldFrom(variant, currency, sales),
    };
  });
}

/** Undefined while it is not for sale: it has no price, or is held until its sale starts. */
export function priceNow(
  variant: Pick<Variant, 'variantId' | 'prices'>,
  currency: string,
  sales: SaleBook,
): ShownPrice | undefined {
  const isHeld = sales.heldUntilMs(variant.variantId) !== undefined;
  return isHeld ? undefined : shownPrice(variant, currency, sales.of(variant.variantId));
}

/** Of what `priceNow` has no price for. */
export function soldFrom(
  variant: Pick<Variant, 'variantId' | 'prices'>,
  currency: string,
  sales: SaleBook,
): SoldFrom | undefined {
  if (priceNow(variant, currency, sales) !== undefined) return undefined;
  const { variantId } = variant;
  // What a sale in another currency lets go of may have a price in this one only from its own sale on.
  for (const atMs of [sales.heldUntilMs(variantId), sales.of(variantId)?.startsAtMs]) {
    if (atMs === undefined) continue;
    const price = shownPrice(variant, currency, sales.of(variantId, atMs));
    if (price !== undefined) return { atMs, price };
  }
  return undefined;
}

/** A running sale's price holds whatever the list price is; the list price then stands struck out beside it. */
export function shownPrice(
  variant: Pick<Variant, 'prices'>,
  currency: string,
  sale: VariantSale | undefined,
): ShownPrice | undefined {
  const listed = variant.prices.find((price) => price.currency === currency);
  if (sale?.isRunning) {
    const { amountMinor } = sale;
    const before = listed?.compareAtMinor ?? listed?.amountMinor;
    return { amountMinor, compareAtMinor: before !== undefined && before > amountMinor ? before : undefined };
  }
  return listed && { amountMinor: listed.amountMinor, compareAtMinor: listed.compareAtMinor };
}

/** The variant that a form's choice of options means; undefined where that combination is not made. */
export function chosenVariant<V extends { readonly options: Readonly<Record<string, string>> }>(
  variants: readonly V[],
  optionNames: readonly string[],
  chosen: readonly (string | null)[],
): V | undefined {
  return variants.find(({ options }) => optionNames.every((name, index) => options[name] === chosen[index]));
}
