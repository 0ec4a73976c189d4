import type { Context } from '../../platform/context/context.ts';
import { awayAfterMs } from './absence.ts';
import { createDeparted, type DepartedBook } from './departed.ts';
import type { CallEntry } from './estimate.ts';
import type { RoomRecord } from './room.ts';
import type { RoomSettings } from './settings.ts';
import { loadCalls, loadRooms } from './store.ts';
import { loadDepartures } from './store-departures.ts';
import { placeOfNumber, type RoomView, viewOf } from './view.ts';

/** All rooms in this process's memory, as they were when they were last read. */
export interface RoomBook {
  of(roomId: string): RoomView | undefined;
  /** The room before a sale; undefined: the one before every purchase. */
  before(saleId: string | undefined): RoomView | undefined;
  all(): readonly RoomView[];
  /** Reads what has changed until now. Those who ask while one reads share the next reading: theirs must not be older than they are. */
  refresh(): Promise<void>;
}

/** Of so many calls a second at most (pacer.ts) all are known in which a place can be turned into a pass, and some minutes of others. */
const callsPerS = 5;
const othersS = 300;
/** Longer than it takes to write down who leaves, and than the clocks of two processes differ. */
const writingMsMax = 10_000;

export function createRoomBook(
  { database, clock }: Pick<Context, 'database' | 'clock'>,
  { claimWithinMs }: Pick<RoomSettings, 'claimWithinMs'>,
): RoomBook {
  const callsMax = callsPerS * (Math.ceil(claimWithinMs / 1000) + othersS);
  let byRoom = new Map<string, RoomView>();
  let bySale = new Map<string | undefined, RoomView>();
  let departed = new Map<string, DepartedBook>();
  let departedReadAtMs: number | undefined;
  let reading: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function read(): Promise<void> {
    // Before the rooms: who left an opening that they do not tell of yet is read again with it.
    const nowMs = clock.nowMs();
    const records = await loadRooms(database);
    if (records.length > 0) await readDeparted(records, nowMs);
    const views = await Promise.all(records.map(readView));
    byRoom = new Map(views.map((view) => [view.record.config.roomId, view]));
    bySale = new Map(views.map((view) => [view.record.config.saleId, view]));
  }

  async function readView(record: RoomRecord): Promise<RoomView> {
    const before = byRoom.get(record.config.roomId);
    const calls = notLaterThanNow(await readCalls(record, before));
    const own = departedOf(record);
    const view = viewOf({ record, calls, departed: own }, before, clock.nowMs());
    own.reckon((number) => placeOfNumber(view, number));
    return view;
  }

  /** Adds who has left since. Those who left what is now an earlier opening are forgotten. */
  async function readDeparted(records: readonly RoomRecord[], nowMs: number): Promise<void> {
    // A clock that was set back makes the last reading late.
    const sinceMs = departedReadAtMs && Math.min(departedReadAtMs, nowMs) - writingMsMax;
    const fresh = await loadDepartures(database, sinceMs);
    departedReadAtMs = nowMs;
    departed = new Map(records.map((record) => [record.config.roomId, departedOf(record)]));
    for (const [roomId, departures] of Map.groupBy(fresh, (departure) => departure.roomId)) {
      departed.get(roomId)?.add(departures);
    }
  }

  function departedOf({ config, line: { firstNumber } }: RoomRecord): DepartedBook {
    const known = departed.get(config.roomId);
    return known?.firstNumber === firstNumber ? known : createDeparted(firstNumber);
  }

  async function readCalls(
    { config, progress }: RoomRecord,
    before: RoomView | undefined,
  ): Promise<readonly CallEntry[]> {
    const known = before?.calls ?? [];
    const upTo = known.at(-1)?.to ?? 0;
    if (progress.admitted <= upTo) return known;
    const fresh = await loadCalls(database, config.roomId, upTo, callsMax);
    return fresh.length === 0 ? known : [...known, ...fresh].slice(-callsMax);
  }

  /** After a clock was set back by hours, a call would stay fresh for hours: then it was made now. */
  function notLaterThanNow(calls: readonly CallEntry[]): readonly CallEntry[] {
    const nowMs = clock.nowMs();
    const isLate = ({ atMs }: CallEntry) => atMs > nowMs + awayAfterMs;
    return calls.some(isLate) ? calls.map((call) => (isLate(call) ? { ...call, atMs: nowMs } : call)) : calls;
  }

  return {
    of: (roomId) => byRoom.get(roomId),
    before: (saleId) => bySale.get(saleId),
    all: () => [...byRoom.values()],
    refresh() {
      next ??= reading.then(() => {
        next = undefined;
        const current = read();
        reading = current.catch(() => {});
        return current;
      });
      return next;
    },
  };
}
