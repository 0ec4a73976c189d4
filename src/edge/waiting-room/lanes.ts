import { createLane, type Lane } from '../../platform/batch/lane.ts';
import type { Context } from '../../platform/context/context.ts';
import { type Claim, insertPasses, issueNumbers, loadPasses, type StoredPass } from './store.ts';
import { type Departure, insertDepartures } from './store-departures.ts';

const batchMax = 2_000;
/** Some seconds of work: who comes then is told to come again, before anything was promised to him. */
const waitingMax = 50_000;

/**
 * Gives out numbers, first come, first served, over any number of processes: one statement and one commit for all who ask
 * while the one before commits. What was given out is given out, whatever happens after. Undefined: there never was such a room.
 */
export function createTicketLane({ database }: Pick<Context, 'database'>): Lane<string, number | undefined> {
  return createLane({
    name: 'the lane of tickets',
    batchMax,
    waitingMax,
    async run(roomIds) {
      const counts = new Map<string, number>();
      for (const roomId of roomIds) counts.set(roomId, (counts.get(roomId) ?? 0) + 1);
      const next = await issueNumbers(database, counts);
      return roomIds.map((roomId) => {
        const number = next.get(roomId);
        if (number !== undefined) next.set(roomId, number + 1);
        return number;
      });
    },
  });
}

export interface ClaimRequest extends Claim {
  /** Whether it is its turn; else it gets what it got before, or nothing. */
  readonly isDue: boolean;
}

export interface PlaceLanes {
  readonly passes: Lane<ClaimRequest, StoredPass | undefined>;
  readonly departures: Lane<Departure, boolean>;
}

/** Where places are turned into passes or given up: of who comes and leaves at once in this process, one thing is done first. */
export function createPlaceLanes(ctx: Pick<Context, 'database' | 'clock'>, passTtlMs: number): PlaceLanes {
  const inTurn = createTurn();
  return { passes: createPassLane(ctx, passTtlMs, inTurn), departures: createDepartureLane(ctx, inTurn) };
}

/** Begins a work when the one before it has ended, however that ended. */
type Turn = <T>(work: () => Promise<T>) => Promise<T>;

function createTurn(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}

/** Turns places into passes: one each, by primary key, the same one however often and wherever it is asked for. */
function createPassLane(
  { database, clock }: Pick<Context, 'database' | 'clock'>,
  passTtlMs: number,
  inTurn: Turn,
): Lane<ClaimRequest, StoredPass | undefined> {
  const keyOf = ({ roomId, place }: Pick<Claim, 'roomId' | 'place'>) => `${roomId}/${place}`;
  return createLane({
    name: 'the lane of passes',
    batchMax,
    waitingMax,
    async run(requests) {
      const claimedAtMs = clock.nowMs();
      const due = [...new Map(requests.filter(({ isDue }) => isDue).map((each) => [keyOf(each), each])).values()];
      const at = { claimedAtMs, expiresAtMs: claimedAtMs + passTtlMs };
      const made = due.length === 0 ? [] : await inTurn(() => insertPasses(database, due, at));
      const found = new Map(made.map((pass) => [keyOf(pass), pass]));
      const others = requests.filter((request) => !found.has(keyOf(request)));
      const kept = others.length === 0 ? [] : await loadPasses(database, others);
      for (const pass of kept) found.set(keyOf(pass), pass);
      return requests.map((request) => found.get(keyOf(request)));
    },
  });
}

/** Writes down who leaves the line, once however often he says so. False: he has a pass, and is past the line. */
function createDepartureLane(
  { database, clock }: Pick<Context, 'database' | 'clock'>,
  inTurn: Turn,
): Lane<Departure, boolean> {
  const keyOf = ({ roomId, number }: Pick<Departure, 'roomId' | 'number'>) => `${roomId}/${number}`;
  return createLane({
    name: 'the lane of departures',
    batchMax,
    waitingMax,
    async run(departures) {
      const each = [...new Map(departures.map((departure) => [keyOf(departure), departure])).values()];
      const left = await inTurn(() => insertDepartures(database, each, clock.nowMs()));
      const leftKeys = new Set(left.map(keyOf));
      return departures.map((departure) => leftKeys.has(keyOf(departure)));
    },
  });
}
