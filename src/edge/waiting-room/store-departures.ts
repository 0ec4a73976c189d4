import { plainArray, type Queryable, sql } from '../../platform/database/sql.ts';

/** A ticket whose holder leaves the line. */
export interface Departure {
  readonly roomId: string;
  readonly number: number;
  /** Undefined before the lot, until it is reckoned. */
  readonly place: number | undefined;
}

/** Each once. Returns those who have left, now or before; who has a pass is past the line, and is left out. */
export async function insertDepartures(
  on: Queryable,
  departures: readonly Departure[],
  leftAtMs: number,
): Promise<Pick<Departure, 'roomId' | 'number'>[]> {
  const { rows } = await sql<Pick<Departure, 'roomId' | 'number'>>`
    insert into waiting_room.departure (room_id, number, place, left_at)
    select given.*, to_timestamp(${leftAtMs}::double precision / 1000)
      from unnest(${plainArray(departures.map(({ roomId }) => roomId))}::uuid[],
                  ${plainArray(departures.map(({ number }) => number))}::bigint[],
                  ${plainArray(departures.map(({ place }) => place ?? null))}::bigint[]) as given (room_id, number, place)
     where not exists (
             select from waiting_room.pass where pass.room_id = given.room_id and pass.number = given.number
           )
     order by room_id, number
        -- Nothing is changed; a row that was there is told of as well.
        on conflict on constraint departure_pkey do update set left_at = departure.left_at
    returning room_id as "roomId", number`.execute(on);
  return rows;
}

/** Who has left after this instant, of those who could still be called; all where it is undefined. */
export async function loadDepartures(on: Queryable, sinceMs: number | undefined): Promise<Departure[]> {
  const { rows } = await sql<Omit<Departure, 'place'> & { place: number | null }>`
    select departure.room_id as "roomId", number, place
      from waiting_room.departure
      join waiting_room.line on line.room_id = departure.room_id
     where number >= first_number
       and left_at > coalesce(to_timestamp(${sinceMs ?? null}::double precision / 1000), '-infinity')`.execute(on);
  return rows.map((row) => ({ ...row, place: row.place ?? undefined }));
}

/** Numbers, from this one on, of tickets that were left before they had a place. */
export async function loadUnplaced(
  on: Queryable,
  { roomId, firstNumber, countMax }: { roomId: string; firstNumber: number; countMax: number },
): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    select number
      from waiting_room.departure
     where room_id = ${roomId}::uuid
       and place is null
       and number >= ${firstNumber}::bigint
     limit ${countMax}::integer`.execute(on);
  return rows.map(({ number }) => number);
}

export async function writePlaces(
  on: Queryable,
  roomId: string,
  placed: readonly { readonly number: number; readonly place: number }[],
): Promise<void> {
  await sql`
    update waiting_room.departure
       set place = given.place
      from unnest(${plainArray(placed.map(({ number }) => number))}::bigint[],
                  ${plainArray(placed.map(({ place }) => place))}::bigint[]) as given (number, place)
     where departure.room_id = ${roomId}::uuid
       and departure.number = given.number`.execute(on);
}

/** Places from this one on whose holders have left, in their order. */
export async function loadDepartedPlaces(
  on: Queryable,
  { roomId, fromPlace, countMax }: { roomId: string; fromPlace: number; countMax: number },
): Promise<number[]> {
  const { rows } = await sql<{ place: number }>`
    select place
      from waiting_room.departure
     where room_id = ${roomId}::uuid
       and place >= ${fromPlace}::bigint
     order by place
     limit ${countMax}::integer`.execute(on);
  return rows.map(({ place }) => place);
}
