import assert from 'node:assert/strict';
import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';
import type { RoomInput, RoomState } from './api.ts';
import type { CallEntry } from './estimate.ts';
import type { PassUse } from './events.ts';
import type { RoomConfig, RoomProgress, RoomRecord } from './room.ts';
import type { Demand } from './tick.ts';

/** What time it is by the database's clock, Unix milliseconds. */
export async function readTime(on: Queryable): Promise<number> {
  const { rows } = await sql<{ nowMs: number }>`select clock_timestamp() as "nowMs"`.execute(on);
  const [row] = rows;
  assert(row !== undefined, 'there is always a time');
  return row.nowMs;
}

interface RoomRow {
  readonly roomId: string;
  readonly name: string | null;
  readonly saleId: string | null;
  readonly switchedBy: RoomInput['switchedBy'];
  readonly isOn: boolean;
  readonly queueFromMs: number | null;
  readonly configOpensAtMs: number | null;
  readonly pacePerSMax: number | null;
  readonly firstNumber: number;
  readonly issued: number;
  readonly lotSeed: Buffer | null;
  readonly lotCount: number | null;
  readonly lotDrawnAtMs: number | null;
  readonly state: RoomState;
  readonly admitted: number;
  readonly pacePerS: number;
  readonly credit: number;
  readonly tickedAtMs: number | null;
  readonly awayFromMs: number | null;
  readonly awayUntilMs: number | null;
  readonly opensAtMs: number | null;
  readonly endsAtMs: number | null;
  readonly busySinceMs: number | null;
  readonly calmSinceMs: number | null;
  readonly offSinceMs: number | null;
}

/** Rooms as they are now: all, or this one. */
export async function loadRooms(on: Queryable, roomId?: string): Promise<RoomRecord[]> {
  const { rows } = await sql<RoomRow>`
    select room.room_id as "roomId", name, sale_id as "saleId", switched_by as "switchedBy", is_on as "isOn",
           queue_from_at as "queueFromMs", room.opens_at as "configOpensAtMs", pace_per_s_max as "pacePerSMax",
           first_number as "firstNumber", issued, lot_seed as "lotSeed", lot_count as "lotCount",
           lot_drawn_at as "lotDrawnAtMs", state, admitted, pace_per_s as "pacePerS", credit, ticked_at as "tickedAtMs",
           away_from_at as "awayFromMs", away_until_at as "awayUntilMs", progress.opens_at as "opensAtMs",
           ends_at as "endsAtMs", busy_since_at as "busySinceMs", calm_since_at as "calmSinceMs",
           off_since_at as "offSinceMs"
      from waiting_room.room
      join waiting_room.line on line.room_id = room.room_id
      join waiting_room.progress on progress.room_id = room.room_id
     where room.room_id = coalesce(${roomId ?? null}::uuid, room.room_id)
     order by room.room_id`.execute(on);
  return rows.map(recordOf);
}

function recordOf(row: RoomRow): RoomRecord {
  const { roomId, switchedBy, isOn, firstNumber, issued, state, admitted, pacePerS, credit } = row;
  const { lotSeed, lotCount, lotDrawnAtMs, awayFromMs, awayUntilMs } = row;
  const hasLot = lotSeed !== null && lotCount !== null && lotDrawnAtMs !== null;
  const wasAway = awayFromMs !== null && awayUntilMs !== null;
  return {
    config: {
      roomId,
      name: row.name ?? undefined,
      saleId: row.saleId ?? undefined,
      switchedBy,
      isOn,
      queueFromMs: row.queueFromMs ?? undefined,
      opensAtMs: row.configOpensAtMs ?? undefined,
      pacePerSMax: row.pacePerSMax ?? undefined,
    },
    line: {
      firstNumber,
      issued,
      lot: hasLot ? { seed: lotSeed, count: lotCount, drawnAtMs: lotDrawnAtMs } : undefined,
    },
    progress: {
      state,
      admitted,
      pacePerS,
      credit,
      tickedAtMs: row.tickedAtMs ?? undefined,
      absence: wasAway ? { fromMs: awayFromMs, untilMs: awayUntilMs } : undefined,
      opensAtMs: row.opensAtMs ?? undefined,
      endsAtMs: row.endsAtMs ?? undefined,
      busySinceMs: row.busySinceMs ?? undefined,
      calmSinceMs: row.calmSinceMs ?? undefined,
      offSinceMs: row.offSinceMs ?? undefined,
    },
  };
}

/** Writes how a room is set up; its tickets and its progress stay as they are. */
export async function writeConfig(tx: Queryable, config: RoomConfig): Promise<{ isNew: boolean; room: RoomRecord }> {
  const { roomId, name, saleId, switchedBy, isOn, queueFromMs, opensAtMs, pacePerSMax } = config;
  const { rows } = await sql<{ isNew: boolean }>`
    insert into waiting_room.room
           (room_id, name, sale_id, switched_by, is_on, queue_from_at, opens_at, pace_per_s_max)
    values (${roomId}::uuid, ${name ?? null}::text, ${saleId ?? null}::uuid, ${switchedBy}::text, ${isOn}::boolean,
            to_timestamp(${queueFromMs ?? null}::double precision / 1000),
            to_timestamp(${opensAtMs ?? null}::double precision / 1000), ${pacePerSMax ?? null}::double precision)
        on conflict on constraint room_pkey do update
       set name = excluded.name, sale_id = excluded.sale_id, switched_by = excluded.switched_by, is_on = excluded.is_on,
           queue_from_at = excluded.queue_from_at, opens_at = excluded.opens_at, pace_per_s_max = excluded.pace_per_s_max
    returning xmax = 0 as "isNew"`.execute(tx);
  await sql`
    insert into waiting_room.line (room_id) values (${roomId}::uuid)
        on conflict on constraint line_pkey do nothing`.execute(tx);
  await sql`
    insert into waiting_room.progress (room_id) values (${roomId}::uuid)
        on conflict on constraint progress_pkey do nothing`.execute(tx);
  const [room] = await loadRooms(tx, roomId);
  assert(room !== undefined, 'it was written just now');
  return { isNew: rows[0]?.isNew === true, room };
}

/** Gives out so many numbers in each room: the first of each. A room that there never was is left out. */
export async function issueNumbers(
  on: Queryable,
  countByRoom: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  // In key order, so that two batches never wait for each other in a circle.
  const { rows } = await sql<{ roomId: string; firstOfBatch: number }>`
    with locked as (
      select line.room_id, wanted.count
        from waiting_room.line
        join unnest(${plainArray([...countByRoom.keys()])}::uuid[], ${plainArray([...countByRoom.values()])}::bigint[])
          as wanted (room_id, count) on line.room_id = wanted.room_id
       order by line.room_id
         for no key update of line
    )
    update waiting_room.line
       set issued = line.issued + locked.count
      from locked
     where line.room_id = locked.room_id
    returning line.room_id as "roomId", line.issued - locked.count as "firstOfBatch"`.execute(on);
  return new Map(rows.map(({ roomId, firstOfBatch }) => [roomId, firstOfBatch]));
}

/**
 * Draws the lot of all tickets given out by now: whoever asks for one at this moment comes before it or after it, by the lock of
 * the row. Nothing where it was drawn before.
 */
export async function drawLot(tx: Queryable, roomId: string, seed: Buffer, drawnAtMs: number): Promise<void> {
  await sql`
    update waiting_room.line
       set lot_seed = ${seed}::bytea, lot_count = issued - first_number,
           lot_drawn_at = to_timestamp(${drawnAtMs}::double precision / 1000)
     where room_id = ${roomId}::uuid
       and lot_seed is null`.execute(tx);
}

/** A new opening: the tickets so far are past. Returns the first number of those that come. */
export async function beginLine(tx: Queryable, roomId: string): Promise<number> {
  const { rows } = await sql<{ firstNumber: number }>`
    update waiting_room.line
       set first_number = issued, lot_seed = null, lot_count = null, lot_drawn_at = null
     where room_id = ${roomId}::uuid
    returning first_number as "firstNumber"`.execute(tx);
  return rows[0]?.firstNumber ?? 0;
}

/**
 * When the room last ticked, and how far it was, if it is there and nobody else has hold of it now: then nobody else ticks until
 * the transaction ends.
 */
export async function lockProgress(
  tx: Queryable,
  roomId: string,
): Promise<Pick<RoomProgress, 'tickedAtMs' | 'admitted'> | undefined> {
  const { rows } = await sql<{ tickedAtMs: number | null; admitted: number }>`
    select ticked_at as "tickedAtMs", admitted
      from waiting_room.progress
     where room_id = ${roomId}::uuid
       and exists (select from waiting_room.room where room.room_id = progress.room_id)
       for no key update skip locked`.execute(tx);
  return rows[0] && { tickedAtMs: rows[0].tickedAtMs ?? undefined, admitted: rows[0].admitted };
}

export async function writeProgress(tx: Queryable, roomId: string, progress: RoomProgress): Promise<void> {
  const { state, admitted, pacePerS, credit, tickedAtMs, absence, opensAtMs, endsAtMs } = progress;
  await sql`
    update waiting_room.progress
       set state = ${state}::text, admitted = greatest(admitted, ${admitted}::bigint),
           pace_per_s = ${pacePerS}::double precision, credit = ${credit}::double precision,
           ticked_at = to_timestamp(${tickedAtMs ?? null}::double precision / 1000),
           away_from_at = to_timestamp(${absence?.fromMs ?? null}::double precision / 1000),
           away_until_at = to_timestamp(${absence?.untilMs ?? null}::double precision / 1000),
           opens_at = to_timestamp(${opensAtMs ?? null}::double precision / 1000),
           ends_at = to_timestamp(${endsAtMs ?? null}::double precision / 1000),
           busy_since_at = to_timestamp(${progress.busySinceMs ?? null}::double precision / 1000),
           calm_since_at = to_timestamp(${progress.calmSinceMs ?? null}::double precision / 1000),
           off_since_at = to_timestamp(${progress.offSinceMs ?? null}::double precision / 1000)
     where room_id = ${roomId}::uuid`.execute(tx);
}

export async function insertCall(tx: Queryable, roomId: string, { from, to, atMs }: CallEntry): Promise<void> {
  await sql`
    insert into waiting_room.call (room_id, from_place, to_place, called_at)
    values (${roomId}::uuid, ${from}::bigint, ${to}::bigint, to_timestamp(${atMs}::double precision / 1000))`.execute(
    tx,
  );
}

/** The calls of a room from this place on, oldest first; of many the last. */
export async function loadCalls(
  on: Queryable,
  roomId: string,
  fromPlace: number,
  countMax: number,
): Promise<CallEntry[]> {
  const { rows } = await sql<{ from: number; to: number; atMs: number }>`
    select from_place as "from", to_place as "to", called_at as "atMs"
      from waiting_room.call
     where room_id = ${roomId}::uuid
       and from_place >= ${fromPlace}::bigint
     order by from_place desc
     limit ${countMax}::integer`.execute(on);
  return rows.reverse();
}

export interface FoundDemand extends Omit<Demand, 'calledOut' | 'dueCount'> {
  readonly claimedOfOpen: number;
  /** Places, called or passed over, whose holders have left and have no pass. */
  readonly leftOfOpen: number;
  readonly leftOfDue: number;
}

const noneFound: FoundDemand = {
  usedPasses: 0,
  usedUnits: 0,
  passesOut: 0,
  cameCount: 0,
  claimedOfOpen: 0,
  leftOfOpen: 0,
  leftOfDue: 0,
};

/**
 * What became of the places called. `openFrom`: the first place that can still be turned into a pass; `dueFrom` to `openFrom` are
 * those that could lately. The counts of places called are the caller's, who has the calls.
 */
export async function loadDemand(
  on: Queryable,
  room: { roomId: string; dueFrom: number; openFrom: number; admitted: number; outSinceMs: number },
): Promise<FoundDemand> {
  const { roomId, dueFrom, openFrom, admitted, outSinceMs } = room;
  const { rows } = await sql<FoundDemand>`
    select used_passes as "usedPasses", used_units as "usedUnits",
           (select count(*)
              from waiting_room.pass
             where pass.room_id = progress.room_id
               and used_at is null
               and expires_at > to_timestamp(${outSinceMs}::double precision / 1000)) as "passesOut",
           (select count(*)
              from waiting_room.pass
             where pass.room_id = progress.room_id
               and place >= ${openFrom}::bigint) as "claimedOfOpen",
           (select count(*)
              from waiting_room.pass
             where pass.room_id = progress.room_id
               and place >= ${dueFrom}::bigint
               and place < ${openFrom}::bigint) as "cameCount",
           left_of_open as "leftOfOpen", left_of_due as "leftOfDue"
      from waiting_room.progress
     cross join lateral (
             select count(*) filter (where departure.place >= ${openFrom}::bigint) as left_of_open,
                    count(*) filter (where departure.place < ${openFrom}::bigint) as left_of_due
               from waiting_room.departure
              where departure.room_id = progress.room_id
                and departure.place >= ${dueFrom}::bigint
                and departure.place < ${admitted}::bigint
                and not exists (
                      select from waiting_room.pass
                       where pass.room_id = departure.room_id
                         and pass.number = departure.number
                    )
           ) as departed
     where progress.room_id = ${roomId}::uuid`.execute(on);
  return rows[0] ?? noneFound;
}

/** A place to be turned into a pass. */
export interface Claim {
  readonly roomId: string;
  readonly place: number;
  readonly number: number;
  readonly buyerId: string;
}

export interface StoredPass extends Claim {
  readonly expiresAtMs: number;
  /** It has become an order. */
  readonly isUsed: boolean;
}

/**
 * Makes passes of these places, as far as they were called and it is still known. Those that have one keep it, and are left out, as
 * are those whose holders have left. Who comes and leaves in the same moment, in two processes, may do both: then he has his pass.
 */
export async function insertPasses(
  tx: Queryable,
  claims: readonly Claim[],
  at: { claimedAtMs: number; expiresAtMs: number },
): Promise<StoredPass[]> {
  const { rows } = await sql<StoredPass>`
    insert into waiting_room.pass (room_id, place, number, buyer_id, claimed_at, expires_at)
    select given.*, to_timestamp(${at.claimedAtMs}::double precision / 1000),
           to_timestamp(${at.expiresAtMs}::double precision / 1000)
      from unnest(${plainArray(claims.map(({ roomId }) => roomId))}::uuid[],
                  ${plainArray(claims.map(({ place }) => place))}::bigint[],
                  ${plainArray(claims.map(({ number }) => number))}::bigint[],
                  ${plainArray(claims.map(({ buyerId }) => buyerId))}::uuid[]) as given (room_id, place, number, buyer_id)
     cross join lateral (
             select to_place
               from waiting_room.call
              where call.room_id = given.room_id
                and call.from_place <= given.place
              order by call.from_place desc
              limit 1
           ) as called
     where called.to_place > given.place
       and not exists (
             select from waiting_room.departure
              where departure.room_id = given.room_id
                and departure.number = given.number
           )
     order by room_id, place
        on conflict on constraint pass_pkey do nothing
    returning room_id as "roomId", place, number, buyer_id as "buyerId", expires_at as "expiresAtMs",
              false as "isUsed"`.execute(tx);
  return rows;
}

export async function loadPasses(
  on: Queryable,
  places: readonly Pick<Claim, 'roomId' | 'place'>[],
): Promise<StoredPass[]> {
  const { rows } = await sql<StoredPass>`
    select pass.room_id as "roomId", pass.place, number, buyer_id as "buyerId", expires_at as "expiresAtMs",
           used_at is not null as "isUsed"
      from waiting_room.pass
      join unnest(${plainArray(places.map(({ roomId }) => roomId))}::uuid[],
                  ${plainArray(places.map(({ place }) => place))}::bigint[]) as wanted (room_id, place)
        on pass.room_id = wanted.room_id
       and pass.place = wanted.place`.execute(on);
  return rows;
}

/** Passes that became orders. Told of one twice, it counts once. */
export async function markUsed(tx: Queryable, uses: readonly PassUse[], usedAtMs: number): Promise<void> {
  await sql`
    with used as (
      update waiting_room.pass
         set used_at = to_timestamp(${usedAtMs}::double precision / 1000)
        from unnest(${plainArray(uses.map(({ roomId }) => roomId))}::uuid[],
                    ${plainArray(uses.map(({ place }) => place))}::bigint[],
                    ${plainArray(uses.map(({ units }) => units))}::bigint[]) as given (room_id, place, units)
       where pass.room_id = given.room_id
         and pass.place = given.place
         and used_at is null
      returning pass.room_id, given.units
    ), counted as (
      select room_id, count(*) as passes, sum(units) as units from used group by room_id
    )
    update waiting_room.progress
       set used_passes = used_passes + counted.passes, used_units = used_units + counted.units
      from counted
     where progress.room_id = counted.room_id`.execute(tx);
}
