/** Why a request went upstream (RFC 9211, 2.2). */
export type ForwardReason = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'request' | 'stale' | 'partial';

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

/** What one cache says of itself in `Cache-Status` (RFC 9211): its member of the list, behind those of the caches nearer to the origin. */
export interface CacheMember {
  hit(ttlS: number): string;
  forwarded(forwarded: Forwarded): string;
}

/** `name` is a token: it stands as it is. */
export function createCacheMember(name: string): CacheMember {
  return {
    hit: (ttlS) => `${name}; hit; ttl=${Math.floor(ttlS)}`,
    forwarded({ reason, status, isStored, isCollapsed, detail }) {
      let text = `${name}; fwd=${reason}`;
      if (status !== undefined) text += `; fwd-status=${status}`;
      if (isStored) text += '; stored';
      if (isCollapsed) text += '; collapsed';
      if (detail !== undefined) text += `; detail=${detail}`;
      return text;
    },
  };
}
