import type { CacheKey } from './kept-answer.ts';

/** Whom a purge means. */
export interface PurgeTarget {
  readonly tags: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  /** Groups of one host only (RFC 9875): `host` and group joined by a line break. */
  readonly hostGroups: ReadonlySet<string>;
  /** A key's host and target joined by a line break; the target alone for every host. */
  readonly urls: ReadonlySet<string>;
  readonly everything: boolean;
}

export interface Tagged {
  readonly key: CacheKey;
  readonly tags: readonly string[];
  readonly groups: readonly string[];
}

export function isMeant(target: PurgeTarget, { key, tags, groups }: Tagged): boolean {
  return (
    target.everything ||
    target.urls.has(key.target) ||
    target.urls.has(`${key.host}\n${key.target}`) ||
    tags.some((tag) => target.tags.has(tag)) ||
    groups.some((group) => target.groups.has(group) || target.hostGroups.has(`${key.host}\n${group}`))
  );
}

/**
 * Keeps purges from being lost to what is being fetched meanwhile: an answer that was asked for before a purge may be of the
 * time before the change. Its tags are known only when it comes, so the purges since are kept for as long as anything is
 * being fetched that began before them.
 */
export interface PurgeLog {
  /** Counts purges. What begins to be fetched remembers it. */
  readonly sequence: number;
  add(target: PurgeTarget): void;
  begin(): FetchMark;
  /** Whether a purge since then means it. */
  isPurgedSince(mark: FetchMark, answer: Tagged): boolean;
  end(mark: FetchMark): void;
}

export interface FetchMark {
  readonly sequence: number;
}

export function createPurgeLog(lengthMax = 10_000): PurgeLog {
  let sequence = 0;
  let log: { sequence: number; target: PurgeTarget }[] = [];
  // Purges up to here are forgotten: what began before may have been meant by one of them.
  let forgotten = 0;
  const open = new Set<FetchMark>();

  const trim = () => {
    let oldest = sequence;
    for (const mark of open) oldest = Math.min(oldest, mark.sequence);
    log = log.filter((entry) => entry.sequence > oldest);
    if (log.length > lengthMax) {
      const [dropped, kept] = [log.slice(0, log.length - lengthMax / 2), log.slice(log.length - lengthMax / 2)];
      forgotten = dropped.at(-1)?.sequence ?? forgotten;
      log = kept;
    }
  };
  return {
    get sequence() {
      return sequence;
    },
    add(target) {
      sequence += 1;
      if (open.size === 0) return;
      log.push({ sequence, target });
      if (log.length > lengthMax) trim();
    },
    begin() {
      const mark = { sequence };
      open.add(mark);
      return mark;
    },
    isPurgedSince(mark, answer) {
      if (mark.sequence < forgotten) return true;
      return log.some((entry) => entry.sequence > mark.sequence && isMeant(entry.target, answer));
    },
    end(mark) {
      open.delete(mark);
      if (open.size === 0) log = [];
      else if (log.length > 0) trim();
    },
  };
}
