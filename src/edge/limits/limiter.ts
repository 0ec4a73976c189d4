import { createMeter, fullAtAfter, type Meter, unitsLeft, waitMs } from '../../platform/rate/bucket.ts';
import { type BucketTable, createBucketTable } from './bucket-table.ts';
import type { Fingerprint } from './keyed-hash.ts';
import type { LimitPolicy } from './policies.ts';

/** Who is asking, by each key that a policy may have; no session, no limit of it. */
export interface Names {
  readonly client: Fingerprint;
  readonly network: Fingerprint;
  readonly session: Fingerprint | undefined;
}

export interface Taking {
  /** 0 if it was taken; else nothing was taken, from no bucket. */
  readonly waitMs: number;
  /** Index of the policy that refused, or of the one nearest to it; -1 if none was asked. */
  readonly policy: number;
  readonly unitsLeft: number;
  /** Until that bucket is full. */
  readonly fullInMs: number;
}

export interface Limiter {
  /** Takes from the bucket of each of these policies, or from none. */
  take(policies: readonly number[], names: Names, units: number): Taking;
  /** The same for who is not refused here but asked once more, by `take`: one refusal is held against him, not two. */
  takeIfThere(policies: readonly number[], names: Names, units: number): Taking;
  /** From 0 to 1; see api.ts. */
  suspicionOf(names: Names): number;
  suspect(client: Fingerprint, weight: number): void;
  /** Buckets that are not full, by the policy's name. */
  countOwing(): ReadonlyMap<string, number>;
}

const nothingTaken: Taking = { waitMs: 0, policy: -1, unitsLeft: 0, fullInMs: 0 };

// 24 bytes a slot: 7.5 MB for all policies, whoever comes.
const slotCounts = { client: 65_536, network: 16_384, session: 65_536 };

// A refusal is remembered for half a second, those of a minute for a minute: 120 without a pause are beyond doubt.
const refusalMs = 500;
const suspicionMaxMs = 60_000;

export function createLimiter(policies: readonly LimitPolicy[], nowMs: () => number): Limiter {
  const meters = policies.map(createMeter);
  const tables = policies.map(({ key }) => createBucketTable(slotCounts[key]));
  const slots = new Int32Array(policies.length);
  const afters = new Float64Array(policies.length);
  const clientPolicy = policies.findIndex(({ name }) => name === 'client');
  const networkPolicy = policies.findIndex(({ name }) => name === 'network');
  const tableOf = (policy: number) => tables[policy] as BucketTable;
  const meterOf = (policy: number) => meters[policy] as Meter;
  const nameFor = (policy: number, names: Names) => names[(policies[policy] as LimitPolicy).key];

  function suspect(client: Fingerprint, forMs: number): void {
    const { calmAtMs, slotOf } = tableOf(clientPolicy);
    const slot = slotOf(client);
    const now = nowMs();
    calmAtMs[slot] = Math.min(Math.max(calmAtMs[slot] as number, now) + forMs, now + suspicionMaxMs);
  }

  /** How far a bucket is used up, from 0 to 1. */
  function usedShare(policy: number, names: Names, now: number): number {
    const name = nameFor(policy, names);
    const slot = name === undefined ? -1 : tableOf(policy).find(name);
    const owedMs = slot < 0 ? 0 : (tableOf(policy).fullAtMs[slot] as number) - now;
    return Math.max(0, owedMs) / meterOf(policy).burstMs;
  }

  function takeIfThere(wanted: readonly number[], names: Names, units: number): Taking {
    const now = nowMs();
    let tightest = -1;
    let tightestShare = -1;
    let wait = 0;
    for (const policy of wanted) {
      const name = nameFor(policy, names);
      if (name === undefined) continue;
      const table = tableOf(policy);
      const meter = meterOf(policy);
      const slot = table.slotOf(name);
      const after = fullAtAfter(meter, table.fullAtMs[slot] as number, units, now);
      slots[policy] = slot;
      afters[policy] = after;
      wait = Math.max(wait, waitMs(meter, after, now));
      const share = (after - now) / meter.burstMs;
      if (share > tightestShare) {
        tightest = policy;
        tightestShare = share;
      }
    }
    if (tightest < 0) return nothingTaken;
    const { fullAtMs } = tableOf(tightest);
    if (wait <= 0) {
      for (const policy of wanted) {
        if (nameFor(policy, names) !== undefined)
          tableOf(policy).fullAtMs[slots[policy] as number] = afters[policy] as number;
      }
    }
    const fullAt = fullAtMs[slots[tightest] as number] as number;
    return {
      waitMs: wait,
      policy: tightest,
      unitsLeft: unitsLeft(meterOf(tightest), fullAt, now),
      fullInMs: Math.max(0, fullAt - now),
    };
  }

  return {
    take(wanted, names, units) {
      const taking = takeIfThere(wanted, names, units);
      const isRefused = taking.waitMs > 0;
      // For what his neighbours ask nobody is suspected.
      if (isRefused && (policies[taking.policy] as LimitPolicy).key !== 'network') suspect(names.client, refusalMs);
      return taking;
    },
    takeIfThere,

    suspicionOf(names) {
      const now = nowMs();
      const table = tableOf(clientPolicy);
      const slot = table.find(names.client);
      const distrustMs = slot < 0 ? 0 : (table.calmAtMs[slot] as number) - now;
      if (distrustMs > 0) return 0.5 + distrustMs / suspicionMaxMs / 2;
      // Half a bucket is what a busy minute takes; a neighbourhood makes nobody more than a little suspicious.
      const used = usedShare(clientPolicy, names, now);
      const networkUsed = usedShare(networkPolicy, names, now);
      return Math.min(0.5, Math.max(0, used - 0.5, (networkUsed - 0.5) / 2));
    },
    suspect: (client, weight) => suspect(client, weight * suspicionMaxMs),
    countOwing() {
      const now = nowMs();
      return new Map(policies.map(({ name }, policy) => [name, tableOf(policy).countOwing(now)]));
    },
  };
}
