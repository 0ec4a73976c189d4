import { isUuid } from '../../platform/database/id.ts';
import { ownPath } from '../site/own-path.ts';

/** As in the contract of carts. */
export const quantityMax = 10_000;
const amountMinorMax = 1_000_000_000_000;

export type LineForm =
  | {
      readonly kind: 'line';
      readonly what: ChosenThing;
      readonly quantity: number;
      /** The price that the page showed; undefined if it did not say. */
      readonly seenUnitPriceMinor: number | undefined;
    }
  | { readonly kind: 'bad'; readonly field: 'variant' | 'quantity' };

/** A variant by its id, or by its product and the values chosen of the product's options, in their order. */
export type ChosenThing =
  | { readonly kind: 'variant'; readonly variantId: string }
  | { readonly kind: 'choice'; readonly slug: string; readonly chosen: readonly (string | null)[] };

/** As in the contract of products. */
const slugForm = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const slugLengthMax = 200;
const optionCountMax = 5;

/**
 * What a buy box sent: `variantId`, or `slug` with `option-0` and on; `quantity` (1 if it is left out); and `seen`, the
 * price that it showed, in minor units.
 */
export function parseLineForm(form: URLSearchParams): LineForm {
  const what = parseThing(form);
  if (what === undefined) return { kind: 'bad', field: 'variant' };
  const quantity = parseWhole(form.get('quantity') ?? '1', quantityMax);
  if (quantity === undefined || quantity === 0) return { kind: 'bad', field: 'quantity' };
  const seen = form.get('seen') || null;
  const seenUnitPriceMinor = seen === null ? undefined : parseWhole(seen, amountMinorMax);
  // No page of ours sends a price that is none.
  if (seen !== null && seenUnitPriceMinor === undefined) return { kind: 'bad', field: 'variant' };
  return { kind: 'line', what, quantity, seenUnitPriceMinor };
}

function parseThing(form: URLSearchParams): ChosenThing | undefined {
  const variantId = form.get('variantId');
  if (variantId !== null) return isUuid(variantId) ? { kind: 'variant', variantId } : undefined;
  const slug = form.get('slug') ?? '';
  if (slug.length > slugLengthMax || !slugForm.test(slug)) return undefined;
  return { kind: 'choice', slug, chosen: Array.from({ length: optionCountMax }, (_, n) => form.get(`option-${n}`)) };
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
  return ownPath(form.get('back'));
}
