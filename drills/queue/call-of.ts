import type { CallRow } from './case.ts';

/** The call of a place, by binary search: the calls are in the order of their places. Undefined: it was never called. */
export function callOf(calls: readonly CallRow[], place: number): CallRow | undefined {
  let [low, high] = [0, calls.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const call = calls[middle];
    if (call === undefined) return undefined;
    if (place < call.fromPlace) high = middle - 1;
    else if (place >= call.toPlace) low = middle + 1;
    else return call;
  }
  return undefined;
}
