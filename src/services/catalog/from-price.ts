import type { Price } from './api.ts';

/** The lowest price of some variants in each of their currencies, with the struck-out price of that same variant. */
export function fromPrices(variants: readonly { readonly prices: readonly Price[] }[]): Price[] {
  const lowest = new Map<string, Price>();
  for (const { prices } of variants) {
    for (const price of prices) {
      const known = lowest.get(price.currency);
      if (known === undefined || price.amountMinor < known.amountMinor) lowest.set(price.currency, price);
    }
  }
  return [...lowest.values()].sort((one, other) => (one.currency < other.currency ? -1 : 1));
}
