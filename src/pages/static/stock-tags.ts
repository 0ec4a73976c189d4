import { lowStock } from '../product/stock-level.ts';

// What a page tells of a variant's stock: how many are left when it is few, else that there are.
const many = 'many';
const shownLevels = [...Array.from({ length: lowStock + 1 }, (_, units) => String(units)), many];

/** Carried by a page that shows this variant's stock: with what it shows, so that only what is no longer so is built anew. */
export function stockTag(variantId: string, available: number): string {
  return tagOf(variantId, levelOf(available));
}

/** Of all pages that show anything else than this. */
export function outdatedStockTags(variantId: string, available: number): string[] {
  const level = levelOf(available);
  return shownLevels.filter((each) => each !== level).map((each) => tagOf(variantId, each));
}

const levelOf = (available: number) => (available > lowStock ? many : String(Math.max(0, available)));

const tagOf = (variantId: string, level: string) => `stock:${variantId}:${level}`;
