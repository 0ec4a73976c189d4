import type { LiveVariant, storefrontApi } from '../live/api.ts';
import { ask } from './ask.ts';

type GetLiveVariants = (typeof storefrontApi)['routes']['getLiveVariants'];

/** Variants as they are this second, and the shop's clock less ours. */
export async function askLive(variantIds: readonly string[]) {
  const sentAtMs = Date.now();
  const { nowMs, items } = await ask<GetLiveVariants>('/v1/storefront/variants', { variantIds: variantIds.join(',') });
  const receivedAtMs = Date.now();
  // The answer was made somewhere between: the middle is wrong by half the way at most.
  noteClock(nowMs - (sentAtMs + receivedAtMs) / 2, receivedAtMs - sentAtMs);
  return new Map<string, LiveVariant>(items.map((item) => [item.variantId, item]));
}

let offsetMs = 0;
let offsetDoubtMs = Number.POSITIVE_INFINITY;

/** The shop's time, as well as we know it: from the answer that travelled the shortest. */
export function shopNowMs(): number {
  return Date.now() + offsetMs;
}

function noteClock(measuredMs: number, roundTripMs: number): void {
  // A cached answer may be a second or two old; the quickest fresh one is the best we have.
  if (roundTripMs > offsetDoubtMs) return;
  offsetMs = measuredMs;
  offsetDoubtMs = roundTripMs;
}
