import { type Behaviour, behaviourNames } from './behaviour.ts';
import type { Proof, Verdict } from './case.ts';
import type { Claims } from './claims.ts';
import { byPromise } from './judge.ts';
import type { SaleSetup } from './setup.ts';
import type { Victim } from './shop-access.ts';
import { type MeasuredCall, measuredCalls, type Tally, type TallyJson } from './tally.ts';

/** What `--json` prints. The first thirteen are promised to scripts; the rest may grow. */
export interface SaleReport {
  readonly buyers: number;
  readonly stock: number;
  /** Units in orders that are paid or hold their units for a payment. */
  readonly sold: number;
  readonly oversold: number;
  readonly lostAcknowledged: number;
  readonly duplicateOrders: number;
  readonly ledgerSum: number;
  /** From the opening until the last unit was acknowledged (or the last order, where some units were left). */
  readonly acknowledgedPerSecond: number;
  /** Of requests to place an order. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** From the opening until the last unit was acknowledged; null where some were left. */
  readonly soldOutMs: number | null;
  readonly errors: number;
  readonly ok: boolean;

  readonly paid: number;
  readonly acknowledgedOrders: number;
  readonly seed: number;
  readonly carts: number;
  readonly concurrency: number;
  readonly processes: number;
  readonly durationMs: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly retries: number;
  readonly missingAnswers: number;
  readonly latencyMs: Readonly<Partial<Record<MeasuredCall, { readonly p50: number; readonly p99: number }>>>;
  readonly behaviours: Readonly<Record<Behaviour, number>>;
  readonly ends: TallyJson['ends'];
  readonly answers: TallyJson['answers'];
  readonly kill: KillReport | null;
  readonly promises: readonly Proof[];
  readonly shop: string;
  readonly url: string;
  /** Folders left behind, to look into what went wrong. */
  readonly left: readonly string[];
}

export interface KillReport {
  readonly process: Victim;
  /** Units acknowledged before. */
  readonly sold: number;
  /** Until an order that was asked for after the kill was answered; null when none was. */
  readonly outageMs: number | null;
}

export interface Measured {
  readonly setup: SaleSetup;
  readonly claims: Claims;
  readonly verdict: Verdict;
  readonly tally: Tally;
  readonly behaviours: readonly Behaviour[];
  readonly openedAtMs: number;
  readonly durationMs: number;
  readonly kill: KillReport | null;
}

export function reportOf(
  measured: Measured,
  about: Pick<SaleReport, 'seed' | 'carts' | 'concurrency' | 'processes' | 'shop' | 'url' | 'left'>,
): SaleReport {
  const { setup, claims, verdict, tally, behaviours, openedAtMs, durationMs, kill } = measured;
  const { requests, retries, missingAnswers, errors, ends, answers } = tally.toJson();
  const pace = paceOf(claims, setup, openedAtMs);
  const promises = kill === null ? verdict.proofs : [...verdict.proofs, comesBack(kill)].sort(byPromise);
  return {
    buyers: behaviours.length,
    stock: setup.hot.stock,
    sold: verdict.sold,
    oversold: verdict.oversold,
    lostAcknowledged: verdict.lostAcknowledged,
    duplicateOrders: verdict.duplicateOrders,
    ledgerSum: verdict.ledgerSum,
    acknowledgedPerSecond: Math.round(pace.perSecond),
    p50Ms: round(tally.latencies.order.percentile(0.5)),
    p99Ms: round(tally.latencies.order.percentile(0.99)),
    soldOutMs: pace.soldOutMs ?? null,
    errors,
    ok: promises.every(({ isKept }) => isKept),
    paid: verdict.paid,
    acknowledgedOrders: claims.orders.size,
    durationMs: Math.round(durationMs),
    requests,
    requestsPerSecond: Math.round((requests / durationMs) * 1000),
    retries,
    missingAnswers,
    latencyMs: Object.fromEntries(
      measuredCalls
        .filter((name) => tally.latencies[name].count > 0)
        .map((name) => [
          name,
          { p50: round(tally.latencies[name].percentile(0.5)), p99: round(tally.latencies[name].percentile(0.99)) },
        ]),
    ),
    behaviours: Object.fromEntries(
      behaviourNames.map((name) => [name, behaviours.filter((each) => each === name).length]),
    ) as Record<Behaviour, number>,
    ends,
    answers,
    kill,
    promises,
    ...about,
  };
}

/** How quickly orders were acknowledged, and when the last unit was. */
export function paceOf(
  claims: Pick<Claims, 'orders'>,
  setup: Pick<SaleSetup, 'hot'>,
  openedAtMs: number,
): { perSecond: number; soldOutMs: number | undefined } {
  const first = [...claims.orders.values()]
    .map((answers) => answers.reduce((one, other) => (other.atMs < one.atMs ? other : one)))
    .sort((a, b) => a.atMs - b.atMs);
  let units = 0;
  let orders = 0;
  let soldOutMs: number | undefined;
  for (const { order, atMs } of first) {
    orders += 1;
    for (const { variantId, quantity } of order.lines) if (variantId === setup.hot.variantId) units += quantity;
    if (units < setup.hot.stock) continue;
    soldOutMs = atMs - openedAtMs;
    break;
  }
  const lastMs = soldOutMs ?? (first.at(-1)?.atMs ?? openedAtMs) - openedAtMs;
  return { perSecond: orders / (Math.max(1, lastMs) / 1000), soldOutMs };
}

function comesBack({ process, sold, outageMs }: KillReport): Proof {
  const isKept = outageMs !== null;
  return {
    id: 'I2',
    promise: 'back after kill -9',
    checked: `the ${process} process, killed when ${sold.toLocaleString('en-US')} units were sold`,
    found: isKept ? `orders again after ${outageMs.toLocaleString('en-US')} ms` : 'no order after it',
    isKept,
    findings: isKept ? [] : ['no order that was asked for after the kill was answered'],
  };
}

function round(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 10) / 10;
}
