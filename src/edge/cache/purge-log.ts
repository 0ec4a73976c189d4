import { type CacheKey, keyText } from './kept-answer.ts';

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

export function isMeant(target: PurgeTarget, answer: Tagged): boolean {
  const { key, tags, groups } = answer;
  return (
    isMeantByKey(target, key) ||
    tags.some((tag) => target.tags.has(tag)) ||
    groups.some((group) => target.groups.has(group) || target.hostGroups.has(`${key.host}\n${group}`))
  );
}

function isMeantByKey({ everything, urls }: PurgeTarget, key: CacheKey): boolean {
  return everything || urls.has(key.target) || urls.has(keyText(key));
}

/**
 * Keeps purges from being lost to what is being fetched meanwhile: an answer that was asked for before a purge may be of the
 * time before the change. Its tags are known only when it comes, so the purges since are kept for as long as anything is
 * being fetched that began before them.
 */
export interface PurgeLog {
  add(target: PurgeTarget): void;
  begin(key: CacheKey): FetchMark;
  /** Whether a purge since then means it. */
  isPurgedSince(mark: FetchMark, answer: Tagged): boolean;
  /** Whether a purge since then may mean what is being fetched, whose tags nobody knows yet. */
  mayBePurgedSince(mark: FetchMark): boolean;
  end(mark: FetchMark): void;
  /** Whether any of these URLs is being fetched. */
  isFetching(target: Pick<PurgeTarget, 'urls'>): boolean;
}

export interface FetchMark {
  /** How many purges there had been. */
  readonly sequence: number;
  readonly key: CacheKey;
}

export function createPurgeLog(lengthMax = 10_000): PurgeLog {
  let sequence = 0;
  let log: { sequence: number; target: PurgeTarget }[] = [];
  // Purges up to here are forgotten: what began before may have been meant by one of them.
  let forgotten = 0;
  const open = new Set<FetchMark>();
  const openCounts = new Map<string, number>();
  const count = (key: CacheKey, by: number) => {
    const left = (openCounts.get(keyText(key)) ?? 0) + by;
    if (left > 0) openCounts.set(keyText(key), left);
    else openCounts.delete(keyText(key));
  };

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
    add(target) {
      sequence += 1;
      if (open.size === 0) return;
      log.push({ sequence, target });
      if (log.length > lengthMax) trim();
    },
    begin(key) {
      const mark = { sequence, key };
      open.add(mark);
      count(key, 1);
      return mark;
    },
    isPurgedSince(mark, answer) {
      if (mark.sequence < forgotten) return true;
      return log.some((entry) => entry.sequence > mark.sequence && isMeant(entry.target, answer));
    },
    mayBePurgedSince(mark) {
      if (mark.sequence < forgotten) return true;
      return log.some(
        ({ sequence: at, target }) =>
          at > mark.sequence &&
          (isMeantByKey(target, mark.key) || target.tags.size + target.groups.size + target.hostGroups.size > 0),
      );
    },
    isFetching: ({ urls }) => [...urls].some((url) => openCounts.has(url)),
    end(mark) {
      if (open.delete(mark)) count(mark.key, -1);
      if (open.size === 0) log = [];
      else if (log.length > 0) trim();
    },
  };
}
