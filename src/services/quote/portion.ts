import assert from 'node:assert/strict';

// Exact integer arithmetic on minor units: no binary fraction ever stands for money.

/**
 * `numerator / denominator` of an amount, rounded half to even, so that over many orders neither the shop nor the buyer
 * gains by rounding. Exact for every amount below 2^53: the amount is split, so that no product leaves the safe integers.
 */
export function portionOf(amountMinor: number, numerator: number, denominator: number): number {
  const rest = amountMinor % denominator;
  const whole = ((amountMinor - rest) / denominator) * numerator;
  const product = rest * numerator;
  const remainder = product % denominator;
  const floor = whole + (product - remainder) / denominator;
  assert(Number.isSafeInteger(floor), 'an amount stays within 2^53');
  if (remainder * 2 < denominator) return floor;
  return remainder * 2 > denominator || floor % 2 === 1 ? floor + 1 : floor;
}

/**
 * Spreads an amount over weights so that the shares sum to it exactly and none is larger than its weight: each gets its
 * proportional share rounded down, and the units left over go to the largest remainders, the earlier of equals first.
 */
export function spread(amountMinor: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  assert(amountMinor <= sum, 'no more is spread than there is to carry it');
  if (amountMinor === 0) return weights.map(() => 0);

  const parts = weights.map((weight, index) => ({ index, ...divide(amountMinor, weight, sum) }));
  let left = amountMinor - parts.reduce((total, part) => total + part.share, 0);
  // A remainder of nothing gets nothing: fewer units are left over than there are remainders above zero.
  const byRemainder = parts.toSorted((a, b) => b.remainder - a.remainder || a.index - b.index);
  const shares = parts.map((part) => part.share);
  for (const { index } of byRemainder) {
    if (left === 0) break;
    shares[index] = (shares[index] ?? 0) + 1;
    left--;
  }
  return shares;
}

/** `amount × weight / sum`, with what is left. The product may leave the safe integers; then it is done in BigInt. */
function divide(amountMinor: number, weight: number, sum: number): { share: number; remainder: number } {
  const product = amountMinor * weight;
  if (Number.isSafeInteger(product)) {
    const remainder = product % sum;
    return { share: (product - remainder) / sum, remainder };
  }
  const exact = BigInt(amountMinor) * BigInt(weight);
  return { share: Number(exact / BigInt(sum)), remainder: Number(exact % BigInt(sum)) };
}
