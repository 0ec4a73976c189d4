-- Tickets whose holders have left the line by themselves: nothing of who waits, one row of who does so no more.
create table waiting_room.departure (
  room_id uuid not null,
  number  bigint not null,
  -- Null for who left before the lot gave him one, until the pacer reckons it (departures.ts).
  place   bigint,
  left_at timestamptz not null,
  constraint departure_pkey primary key (room_id, number)
);

-- For the places that are passed over, and those called whose holders have left (store-departures.ts, store.ts, loadDemand).
create index departure_by_place on waiting_room.departure (room_id, place);

-- For what was left since the last look, and for what is old enough to be deleted (store-departures.ts).
create index departure_by_age on waiting_room.departure (left_at);
