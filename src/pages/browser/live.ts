import type { LiveVariant, storefrontApi } from '../live/api.ts';
import { ask } from './ask.ts';

type GetLiveVariants = (typeof storefrontApi)['routes']['getLiveVariants'];

/** Variants as they are this second, and the shop's clock less ours. */
export async function askLive(variantIds: readonly string[]) {
  const { nowMs, items, queues } = await ask<GetLiveVariants>('/v1/storefront/variants', {
    variantIds: variantIds.join(','),
  });
  noteClock(nowMs);
  document.dispatchEvent(new CustomEvent('sale-queues', { detail: queues }));
  return new Map<string, LiveVariant>(items.map((item) => [item.variantId, item]));
}

/** The shop's clock less the time since the page was opened; undefined until the shop has said it. */
let offsetMs: number | undefined;

/** The shop's time, as well as we know it: late by as long as its quickest answer travelled here, never early. */
export function shopNowMs(): number {
  return offsetMs === undefined ? Date.now() : performance.now() + offsetMs;
}

/**
 * Whatever an answer went through on its way, a cache for some seconds too, the shop's clock is at least at what it says: of
 * all that was heard the latest is the best. How long the request was out says nothing, for what comes out of a cache comes
 * quickest and is the oldest.
 */
function noteClock(saidMs: number): void {
  offsetMs = Math.max(offsetMs ?? Number.NEGATIVE_INFINITY, saidMs - performance.now());
}
