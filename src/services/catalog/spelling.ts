/** How many typing errors a word may have before it is another word. */
export function errorsAllowed(word: string): number {
  if (word.length < 3) return 0;
  return word.length < 6 ? 1 : 2;
}

export interface Candidate {
  readonly word: string;
  readonly errorCount: number;
}

/** The known words that a mistyped one may mean, the likeliest first. */
export function candidatesFor(typed: string, known: readonly string[], countMax = 12): Candidate[] {
  const allowed = errorsAllowed(typed);
  return known
    .map((word) => ({ word, errorCount: errorCount(typed, word, allowed) }))
    .filter((candidate) => candidate.errorCount > 0 && candidate.errorCount <= allowed)
    .sort(
      (one, other) =>
        byLikelihood(typed, one, other) ||
        Math.abs(one.word.length - typed.length) - Math.abs(other.word.length - typed.length) ||
        (one.word < other.word ? -1 : 1),
    )
    .slice(0, countMax);
}

/** Of equally likely ones those that more products have; none that no product has. */
export function choose(
  typed: string,
  candidates: readonly Candidate[],
  productCounts: ReadonlyMap<string, number>,
  countMax = 3,
): string[] {
  const countOf = ({ word }: Candidate) => productCounts.get(word) ?? 0;
  return candidates
    .filter((candidate) => countOf(candidate) > 0)
    .sort((one, other) => byLikelihood(typed, one, other) || countOf(other) - countOf(one))
    .slice(0, countMax)
    .map(({ word }) => word);
}

/**
 * Whether a word was likelier meant to be another: none or few products have it, and many more have a word that is like it.
 * Catalogues hold misspellings too, and part numbers that differ in one digit.
 */
export function isDoubtful(
  typed: string,
  candidates: readonly Candidate[],
  productCounts: ReadonlyMap<string, number>,
): boolean {
  const typedCount = productCounts.get(typed) ?? 0;
  return candidates.some(({ word }) => (productCounts.get(word) ?? 0) > 10 * typedCount);
}

/** Fewer errors; and people rarely mistype the first letter. */
function byLikelihood(typed: string, one: Candidate, other: Candidate): number {
  return one.errorCount - other.errorCount || Number(one.word[0] !== typed[0]) - Number(other.word[0] !== typed[0]);
}

/**
 * Letters added, left out, replaced, or swapped with their neighbour (optimal string alignment). Anything above `countMax`
 * is given as `countMax + 1`.
 */
export function errorCount(one: string, other: string, countMax: number): number {
  if (Math.abs(one.length - other.length) > countMax) return countMax + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      let least = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (isSame ? 0 : 1));
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]) {
        least = Math.min(least, at(beforeLast, column - 2) + 1);
      }
      current.push(least);
    }
    if (Math.min(...current) > countMax) return countMax + 1;
    beforeLast = last;
    last = current;
  }
  return Math.min(at(last, other.length), countMax + 1);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz';

/**
 * All words one error away from a short one: short words share too few trigrams with their misspellings for these to find
 * them. About 54 for each letter.
 */
export function neighbours(word: string): string[] {
  if (word.length < 3 || word.length > 7) return [];
  const found = new Set<string>();
  for (let index = 0; index <= word.length; index++) {
    const [head, tail] = [word.slice(0, index), word.slice(index)];
    if (tail !== '') found.add(head + tail.slice(1));
    if (tail.length > 1) found.add(head + tail.charAt(1) + tail.charAt(0) + tail.slice(2));
    for (const letter of alphabet) {
      found.add(head + letter + tail);
      if (tail !== '') found.add(head + letter + tail.slice(1));
    }
  }
  found.delete(word);
  return [...found];
}
