import { randomBytes } from 'node:crypto';
import { networksOfSite, siteOf } from '../../platform/api/client-prefix.ts';
import type { Signer } from '../../platform/signing/signer.ts';
import type { Rejection, TimeLock } from './api.ts';
import { type Binding, isBoundTo } from './binding.ts';
import { forgetOldest } from './forget-oldest.ts';

/** What a lock says, signed. */
interface LockPayload extends Binding {
  readonly lock: string;
  readonly issuedAtMs: number;
  readonly opensAtMs: number;
  readonly expiresAtMs: number;
}

export interface TimeLocks {
  /** Undefined where the wait would be longer than `waitMaxMs`. */
  issue(binding: Binding, waitMs: number, nowMs: number): TimeLock | undefined;
  kept(token: string): TimeLock | undefined;
  /** The lock's id and end if it is open now. */
  read(
    token: string,
    binding: Binding,
    nowMs: number,
  ): { readonly kind: 'open'; readonly id: string; readonly expiresAtMs: number } | { readonly kind: Rejection };
}

/** A network in which so many wait already is told to come back later. */
const waitMaxMs = 120_000;
/** How long a lock that has opened stays open: somebody has to come back and press a button. */
const openForMs = 5 * 60_000;

/**
 * Signed waits. Waiting costs a machine nothing, so locks of one network open one after the other: to hold a thousand at once
 * buys no more than one every `waitMs`, and in all networks of an IPv6 end site no more than four. That is all that it is worth: more
 * sites, more locks.
 */
export function createTimeLocks(signer: Pick<Signer, 'sign' | 'verify'>, networksMax: number): TimeLocks {
  // When the last lock of each network and site opens; those asked for longest ago come first.
  const lastOpensAtMs = new Map<string, number>();
  // A memory of what was used begins with this process (puzzle.ts).
  let memoryFromMs = Number.POSITIVE_INFINITY;

  function nextOpening(prefix: string, waitMs: number, nowMs: number): number | undefined {
    const siteId = siteOf(prefix);
    const ofSiteAtMs = siteId === undefined ? 0 : afterLast(siteId, waitMs / networksOfSite, nowMs);
    const opensAtMs = Math.max(afterLast(prefix, waitMs, nowMs), ofSiteAtMs);
    if (opensAtMs - nowMs > waitMaxMs) return undefined;
    remember(prefix, opensAtMs);
    if (siteId !== undefined) remember(siteId, ofSiteAtMs);
    return opensAtMs;
  }

  function afterLast(name: string, waitMs: number, nowMs: number): number {
    const last = lastOpensAtMs.get(name) ?? 0;
    // What is further off than any wait can be was said by a clock that has since gone back.
    const isSane = last <= nowMs + waitMaxMs;
    return Math.max(nowMs, isSane ? last : nowMs) + waitMs;
  }

  function remember(name: string, opensAtMs: number): void {
    lastOpensAtMs.delete(name);
    forgetOldest(lastOpensAtMs, networksMax);
    lastOpensAtMs.set(name, opensAtMs);
  }

  return {
    issue(binding, waitMs, nowMs) {
      const opensAtMs = nextOpening(binding.prefix, waitMs, nowMs);
      if (opensAtMs === undefined) return undefined;
      memoryFromMs = Math.min(memoryFromMs, nowMs);
      const payload: LockPayload = {
        ...binding,
        lock: randomBytes(12).toString('base64url'),
        issuedAtMs: nowMs,
        opensAtMs,
        expiresAtMs: opensAtMs + openForMs,
      };
      return { token: signer.sign('challenge', payload), opensAtMs };
    },
    kept(token) {
      const payload = signer.verify('challenge', token) as LockPayload | undefined;
      return payload?.lock === undefined ? undefined : { token, opensAtMs: payload.opensAtMs };
    },
    read(token, binding, nowMs) {
      const payload = signer.verify('challenge', token) as LockPayload | undefined;
      if (payload?.lock === undefined) return { kind: 'forged' };
      if (!isBoundTo(payload, binding)) return { kind: 'elsewhere' };
      if (nowMs < payload.opensAtMs) return { kind: 'early' };
      if (nowMs >= payload.expiresAtMs || !(payload.issuedAtMs >= memoryFromMs)) return { kind: 'expired' };
      return { kind: 'open', id: payload.lock, expiresAtMs: payload.expiresAtMs };
    },
  };
}
