/** By this name the cache signs what it did in `Cache-Status`. */
export const cacheName = 'Onrush';

/** Why a request went upstream (RFC 9211, 2.2). */
export type ForwardReason = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'request' | 'stale' | 'partial';

/** This cache's member of `Cache-Status` (RFC 9211). */
export function statusOfHit(ttlS: number): string {
  return `${cacheName}; hit; ttl=${Math.floor(ttlS)}`;
}

export interface Forwarded {
  readonly reason: ForwardReason;
  /** What upstream answered, if that is not what is given on. */
  readonly status?: number;
  readonly isStored?: boolean;
  /** It waited for another's request. */
  readonly isCollapsed?: boolean;
  /** A token. */
  readonly detail?: string;
}

export function statusOfForward({ reason, status, isStored, isCollapsed, detail }: Forwarded): string {
  let text = `${cacheName}; fwd=${reason}`;
  if (status !== undefined) text += `; fwd-status=${status}`;
  if (isStored) text += '; stored';
  if (isCollapsed) text += '; collapsed';
  if (detail !== undefined) text += `; detail=${detail}`;
  return text;
}
