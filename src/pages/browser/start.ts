/** How a page waits for the start of a sale. Pure. */

/** A price as the script of a page writes it. */
export interface Priced {
  /** Undefined: not for sale. */
  minor: number | undefined;
  price: string;
  was: string;
}

/** What may be not for sale yet. */
export interface Startable extends Priced {
  /** Until then it is not for sale, and from then on at this price. */
  soldFrom?: (Priced & { readonly atMs: number }) | undefined;
}

/** Puts on sale what starts by `nowMs`; false where nothing does. */
export function startDue(variants: readonly Startable[], nowMs: number): boolean {
  let hasStarted = false;
  for (const variant of variants) {
    if (variant.soldFrom === undefined || variant.soldFrom.atMs > nowMs) continue;
    const { atMs: _, ...priced } = variant.soldFrom;
    Object.assign(variant, priced, { soldFrom: undefined });
    hasStarted = true;
  }
  return hasStarted;
}

/** Unix milliseconds; undefined where nothing waits. */
export function nextStartMs(variants: readonly Startable[]): number | undefined {
  const startsAtMs = variants.flatMap(({ soldFrom }) => soldFrom?.atMs ?? []);
  return startsAtMs.length === 0 ? undefined : Math.min(...startsAtMs);
}

const afterStartMs = 5_000;
const nearMs = 120_000;
const everyMsNear = 15_000;
const everyMsFar = 60_000;

/**
 * After how long a page asks the shop again whose next start is in `leftMs`; nought or less: it has just come. `draw` is
 * random in [0, 1): a million pages that wait for one instant must not ask in one millisecond. It is asked before the start,
 * because that may be moved, and because an answer may have lain in a cache for two seconds: of several the latest tells the
 * shop's time best.
 */
export function askAgainAfterMs(leftMs: number, draw: number): number {
  if (leftMs <= 0) return draw * afterStartMs;
  return (leftMs < nearMs ? everyMsNear : everyMsFar) * (0.75 + draw / 2);
}
