import type { LimitPolicy } from './policies.ts';

/**
 * `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-11) as structured fields (RFC 9651). A bucket's quota is its
 * burst, its window the time in which it fills: the most that can be taken at once, and when all of it may be taken again.
 */
export function policyItem({ name, unitsPerS, burstUnits }: LimitPolicy): string {
  return `"${name}";q=${Math.floor(burstUnits)};w=${Math.max(1, Math.ceil(burstUnits / unitsPerS))}`;
}

/** The partition key says which bucket it is: a client that changes its network finds another. */
export function withPartition(item: string, label: string): string {
  return `${item};pk=:${label}:`;
}

/** What is left in a bucket now, and after how many seconds it will be full. */
export function limitItem({ name }: LimitPolicy, unitsLeft: number, fullInMs: number): string {
  return `"${name}";r=${Math.max(0, Math.floor(unitsLeft))};t=${Math.ceil(fullInMs / 1000)}`;
}
