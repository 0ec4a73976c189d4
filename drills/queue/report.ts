import type { Proof } from '../sale/case.ts';
import type { Calls } from './calls.ts';
import type { QueueCase } from './case.ts';
import { heldUnits } from './judge-passes.ts';
import { type WaiterKind, waiterKinds } from './setup.ts';

/** What `--json` prints. The first ten are promised to scripts; the rest may grow. */
export interface QueueReport {
  readonly waiters: number;
  readonly early: number;
  readonly stock: number;
  readonly pace: number;
  /** Tickets given out, the drill's attackers' too. */
  readonly issued: number;
  readonly called: number;
  readonly passes: number;
  readonly orders: number;
  readonly attempts: number;
  readonly ok: boolean;

  readonly seed: number;
  /** Hexadecimal, as published. */
  readonly lotSeed: string | null;
  readonly durationMs: number;
  /** From the opening. */
  readonly openMs: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly retries: number;
  readonly missingAnswers: number;
  readonly latencyMs: Readonly<Record<string, { readonly p50: number; readonly p99: number }>>;
  readonly kinds: Readonly<Record<WaiterKind, number>>;
  readonly ends: Readonly<Record<string, number>>;
  /** Units that no order holds at the end. */
  readonly unitsLeft: number;
  /** Passes that were given and became no order: while one lasts, a unit is promised to it. */
  readonly unusedPasses: number;
  readonly kill: KillReport | null;
  readonly promises: readonly Proof[];
  readonly shop: string;
  /** Folders left behind, to look into what went wrong. */
  readonly left: readonly string[];
}

export interface KillReport {
  readonly process: string;
  /** Orders acknowledged before. */
  readonly orders: number;
  /** Until something that was asked for after the kill was done; null when nothing was. */
  readonly outageMs: number | null;
}

export function queueReportOf(
  given: QueueCase,
  promises: readonly Proof[],
  measured: {
    readonly calls: Calls;
    readonly durationMs: number;
    readonly openMs: number;
    readonly seed: number;
    readonly shop: string;
    readonly kill: KillReport | null;
  },
): QueueReport {
  const { setup, journal, books } = given;
  const { calls, durationMs, openMs, seed, shop, kill } = measured;
  const all = kill === null ? promises : [...promises, comesBack(kill)];
  const ends: Record<string, number> = {};
  for (const { end = 'still waiting' } of journal.waiters) ends[end] = (ends[end] ?? 0) + 1;
  return {
    waiters: journal.waiters.length,
    early: journal.waiters.filter(({ isEarly }) => isEarly).length,
    stock: setup.stock,
    pace: setup.pacePerS,
    issued: books.line.issued,
    called: books.line.admitted,
    passes: books.passes.length,
    orders: books.orders.length,
    attempts: journal.attempts.length,
    ok: all.every(({ isKept }) => isKept),
    seed,
    lotSeed: books.line.lotSeed,
    durationMs: Math.round(durationMs),
    openMs: Math.round(openMs),
    requests: calls.counts.requests,
    requestsPerSecond: Math.round((calls.counts.requests / durationMs) * 1000),
    retries: calls.counts.retries,
    missingAnswers: calls.counts.missingAnswers,
    latencyMs: Object.fromEntries(
      Object.entries(calls.latencies)
        .filter(([, latencies]) => latencies.count > 0)
        .map(([name, latencies]) => [
          name,
          { p50: round(latencies.percentile(0.5)), p99: round(latencies.percentile(0.99)) },
        ]),
    ),
    kinds: Object.fromEntries(
      waiterKinds.map((kind) => [kind, journal.waiters.filter((waiter) => waiter.kind === kind).length]),
    ) as Record<WaiterKind, number>,
    ends,
    unitsLeft: Math.max(0, setup.stock - heldUnits(books.orders)),
    unusedPasses: Math.max(0, books.passes.length - books.uses.length),
    kill,
    promises: all,
    shop,
    left: [],
  };
}

function comesBack({ process, orders, outageMs }: KillReport): Proof {
  const isKept = outageMs !== null;
  return {
    id: 'I2',
    promise: 'back after kill -9',
    checked: `the ${process} process, killed when ${orders.toLocaleString('en-US')} had ordered`,
    found: isKept ? `at work again after ${outageMs.toLocaleString('en-US')} ms` : 'not at work again',
    isKept,
    findings: isKept ? [] : ['nothing that was asked for after the kill was done'],
  };
}

function round(ms: number | undefined): number {
  return Math.round((ms ?? 0) * 10) / 10;
}
