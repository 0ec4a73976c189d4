import { isUuid } from '../../platform/database/id.ts';

/** As in the contract of carts. */
export const quantityMax = 10_000;
const amountMinorMax = 1_000_000_000_000;

export type LineForm =
  | {
      readonly kind: 'line';
      readonly variantId: string;
      readonly quantity: number;
      /** The price that the page showed; undefined if it did not say. */
      readonly seenUnitPriceMinor: number | undefined;
    }
  | { readonly kind: 'bad'; readonly field: 'variant' | 'quantity' };

/** What a buy box sent: `variantId`, `quantity` (1 if it is left out) and `seen` in minor units. */
export function parseLineForm(form: URLSearchParams): LineForm {
  const variantId = form.get('variantId') ?? '';
  if (!isUuid(variantId)) return { kind: 'bad', field: 'variant' };
  const quantity = parseWhole(form.get('quantity') ?? '1', quantityMax);
  if (quantity === undefined || quantity === 0) return { kind: 'bad', field: 'quantity' };
  const seen = form.get('seen') || null;
  const seenUnitPriceMinor = seen === null ? undefined : parseWhole(seen, amountMinorMax);
  // No page of ours sends a price that is none.
  if (seen !== null && seenUnitPriceMinor === undefined) return { kind: 'bad', field: 'variant' };
  return { kind: 'line', variantId, quantity, seenUnitPriceMinor };
}

/** A quantity typed into the cart; 0 takes the line out. Undefined for what is no such number. */
export function parseQuantity(form: URLSearchParams): number | undefined {
  return parseWhole(form.get('quantity') ?? '', quantityMax);
}

function parseWhole(text: string, max: number): number | undefined {
  const trimmed = text.trim();
  if (!/^\d{1,13}$/.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return value <= max ? value : undefined;
}

/** The path of this site that a form asks to go to next; undefined for anything else. */
export function parseBack(form: URLSearchParams): string | undefined {
  const back = form.get('back');
  if (back === null || back.length > 2000 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(back)) return undefined;
  const url = new URL(back, 'http://shop.invalid');
  return url.host === 'shop.invalid' ? `${url.pathname}${url.search}${url.hash}` : undefined;
}
