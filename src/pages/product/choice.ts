/** What a choice of options means for a buyer. Pure, and without anything of Node: for the page and for its script. */

/** A variant as a choice sees it. */
export interface Choosable {
  /** Its values in the order of the product's options; undefined where it has none of that name. */
  readonly options: readonly (string | null | undefined)[];
  /** It has units, and a price now or from its sale's start on. */
  readonly canBuy: boolean;
}

/** `not-made`: no variant has this value together with the others that are chosen. */
export type ValueState = 'available' | 'sold-out' | 'not-made';

/** What choosing this value for the option at `index` would lead to, everything else chosen as it is. */
export function valueState(
  variants: readonly Choosable[],
  chosen: readonly (string | undefined)[],
  index: number,
  value: string,
): ValueState {
  const variant = chosenOf(variants, chosen.with(index, value));
  if (variant === undefined) return 'not-made';
  return variant.canBuy ? 'available' : 'sold-out';
}

/** The variant that has exactly these values; undefined where that combination is not made. */
export function chosenOf<V extends Pick<Choosable, 'options'>>(
  variants: readonly V[],
  chosen: readonly (string | undefined)[],
): V | undefined {
  return variants.find(({ options }) => chosen.every((value, index) => (options[index] ?? undefined) === value));
}

/**
 * The variant to go to when the value at `index` was chosen and its combination with the others is not made: one that has
 * this value, rather one that can be bought, and then the one that keeps most of what else was chosen.
 */
export function nearestWith<V extends Choosable>(
  variants: readonly V[],
  chosen: readonly (string | undefined)[],
  index: number,
): V | undefined {
  const kept = ({ options }: V) => chosen.filter((value, at) => options[at] === value).length;
  const [nearest] = variants
    .filter(({ options }) => options[index] === chosen[index])
    .sort((a, b) => Number(b.canBuy) - Number(a.canBuy) || kept(b) - kept(a));
  return nearest;
}

/** Sizes from small to large, numbers (of one unit) ascending; anything else as the shop gave it. */
export function inOrder(values: readonly string[]): string[] {
  const ranks = values.map(sizeRank);
  const numbers = values.map((value) => /^(\d+(?:[.,]\d+)?)(\D*)$/.exec(value.trim()));
  const units = new Set(numbers.map((number) => number?.[2]?.trimStart()));
  const keys = ranks.every((rank) => rank !== undefined)
    ? ranks
    : units.size === 1 && !units.has(undefined)
      ? numbers.map((number) => Number(number?.[1]?.replace(',', '.')))
      : undefined;
  if (keys === undefined) return [...values];
  const keyOf = new Map(values.map((value, index) => [value, keys[index] ?? 0]));
  return values.toSorted((a, b) => (keyOf.get(a) ?? 0) - (keyOf.get(b) ?? 0));
}

/** M is 0, S -1, XS -2, L 1, XL 2, XXL and 2XL 3, and so on; undefined for what is no such size. */
function sizeRank(value: string): number | undefined {
  const [, times = '', xs = '', letter] = /^(\d{0,2})(X*)([SML])$/i.exec(value.trim()) ?? [];
  if (letter === undefined || (times !== '' && xs.length !== 1)) return undefined;
  const extra = times === '' ? xs.length : Number(times);
  switch (letter.toUpperCase()) {
    case 'S':
      return -1 - extra;
    case 'L':
      return 1 + extra;
    default:
      return extra === 0 ? 0 : undefined;
  }
}
