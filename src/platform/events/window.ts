/** A pg_snapshot as PostgreSQL writes it: `xmin:xmax:xip,…`. */
export type Snapshot = string;

/**
 * The events that became visible between two snapshots. This set is final once `upto` was taken: whoever commits later is
 * in a later window (decision 0002).
 */
export interface Window {
  readonly passed: Snapshot;
  readonly upto: Snapshot;
  /** From here to the ceiling the rows are walked by id; late commits below are fetched by transaction. */
  readonly floorId: number;
  readonly ceilingId: number;
  /** Done up to and including this id. */
  readonly doneId: number;
}

/** The ids that a page walks, both included. */
export interface PageRange {
  readonly firstId: number;
  readonly lastId: number;
}

// A page is sought among so many ids times its length: room for events of other topics, and little enough that it is read
// quickly whichever way.
const idsPerEvent = 5;

export function nextRange(window: Window, limit: number): PageRange {
  const firstId = Math.max(window.doneId + 1, window.floorId);
  return { firstId, lastId: firstId + limit * idsPerEvent - 1 };
}

/** The window after a page, or undefined when that was its last. A full page may have ended before its range did. */
export function afterPage(
  window: Window,
  range: PageRange,
  events: readonly { readonly eventId: number }[],
  limit: number,
): Window | undefined {
  const last = events.at(-1);
  const doneId = events.length === limit && last !== undefined ? last.eventId : range.lastId;
  return doneId >= window.ceilingId ? undefined : { ...window, doneId };
}

/** Whether the first snapshot knows of transactions that had not begun when the second was taken. */
export function isAheadOf(snapshot: Snapshot, other: Snapshot): boolean {
  const xmax = (text: Snapshot) => BigInt(text.split(':')[1] ?? 0);
  return xmax(snapshot) > xmax(other);
}
