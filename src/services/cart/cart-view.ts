import type { SellableVariant } from '../catalog/api.ts';
import type { SaleItem } from '../promotion/api.ts';
import type { Cart, CartContent } from './api.ts';
import { orderIdOf, type StoredCart } from './cart.ts';

export interface PriceHint {
  readonly sku: string;
  readonly title: string;
  /** Absent while it is not for sale. */
  readonly unitPriceMinor: number | undefined;
}

/** What variants are called and cost now. Rules and coupons come with the quote. */
export function priceHints(
  currency: string,
  variants: readonly SellableVariant[],
  offers: {
    readonly saleItems: readonly { readonly item: SaleItem }[];
    readonly announced: readonly { readonly variantId: string; readonly isHeld?: true }[];
  },
): Map<string, PriceHint> {
  const held = new Set(offers.announced.flatMap(({ variantId, isHeld }) => (isHeld ? [variantId] : [])));
  return new Map(
    variants.map(({ variantId, sku, title, isPublished, prices }) => {
      const sale = offers.saleItems.find(({ item }) => item.variantId === variantId)?.item;
      const price = sale ?? prices.find((each) => each.currency === currency);
      const isForSale = isPublished && !held.has(variantId);
      return [variantId, { sku, title, unitPriceMinor: isForSale ? price?.amountMinor : undefined }];
    }),
  );
}

/** As in the schema of amounts. What is above it no quote would give, so a hint need not either. */
const amountMinorMax = 1_000_000_000_000;

export function viewOf(cart: StoredCart, buyer: string, hints: ReadonlyMap<string, PriceHint>): Cart {
  let subtotalMinor = 0;
  const lines = cart.lines.map(({ position: _, ...line }) => {
    const hint = hints.get(line.variantId);
    if (hint === undefined) return line;
    const { sku, title, unitPriceMinor } = hint;
    if (unitPriceMinor === undefined) return { ...line, sku, title };
    subtotalMinor = Math.min(subtotalMinor + unitPriceMinor * line.quantity, amountMinorMax);
    return { ...line, sku, title, unitPriceMinor };
  });
  const { cartId, currency, updatedAtMs, version } = cart;
  return {
    cartId,
    buyer,
    currency,
    lines,
    ...given(cart),
    subtotalMinor,
    orderId: orderIdOf(cart),
    updatedAtMs,
    version,
  };
}

export function contentOf(cart: StoredCart): CartContent {
  const lines = cart.lines.map(({ variantId, quantity }) => ({ variantId, quantity }));
  return { buyerId: cart.buyerId, orderId: orderIdOf(cart), currency: cart.currency, lines, ...given(cart) };
}

/** What the buyer has said so far. */
function given({ contact, deliveryAddress, deliveryMethod, couponCode }: StoredCart) {
  return {
    ...(contact && { contact }),
    ...(deliveryAddress && { deliveryAddress }),
    ...(deliveryMethod !== undefined && { deliveryMethod }),
    ...(couponCode !== undefined && { couponCode }),
  };
}
