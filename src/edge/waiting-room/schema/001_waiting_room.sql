create schema waiting_room;

-- How rooms are set up.
create table waiting_room.room (
  room_id        uuid not null,
  name           text not null,
  -- Null: before every purchase.
  sale_id        uuid,
  switched_by    text not null,
  is_on          boolean not null default false,
  queue_from_at  timestamptz,
  opens_at       timestamptz,
  pace_per_s_max double precision,
  constraint room_pkey primary key (room_id),
  constraint room_switched_by_known check (switched_by in ('schedule', 'load', 'hand')),
  -- Two before one sale would each let in half of those that the other keeps out.
  constraint room_one_per_sale unique nulls not distinct (sale_id)
);

-- The tickets given out: one hot row a room, updated once per batch of tickets. Apart from the progress, so that who gives out
-- tickets and who calls them never wait for each other.
create table waiting_room.line (
  room_id      uuid not null,
  -- Tickets below it are of an earlier opening.
  first_number bigint not null default 0,
  issued       bigint not null default 0,
  -- Drawn at the opening, of the tickets given out by then.
  lot_seed     bytea,
  lot_count    bigint,
  lot_drawn_at timestamptz,
  constraint line_pkey primary key (room_id),
  constraint line_room_fkey foreign key (room_id) references waiting_room.room,
  constraint line_numbers_in_order check (0 <= first_number and first_number <= issued),
  constraint line_lot_whole check (num_nulls(lot_seed, lot_count, lot_drawn_at) in (0, 3)),
  constraint line_lot_of_tickets check (lot_count between 0 and issued - first_number),
  constraint line_lot_seed_long check (length(lot_seed) = 32)
) with (fillfactor = 50);

-- How far a room is: one hot row a room, updated by whoever ticks.
create table waiting_room.progress (
  room_id       uuid not null,
  state         text not null default 'off',
  -- Places below it were called.
  admitted      bigint not null default 0,
  pace_per_s    double precision not null default 0,
  credit        double precision not null default 0,
  ticked_at     timestamptz,
  away_from_at  timestamptz,
  away_until_at timestamptz,
  opens_at      timestamptz,
  ends_at       timestamptz,
  busy_since_at timestamptz,
  calm_since_at timestamptz,
  off_since_at  timestamptz,
  used_passes   bigint not null default 0,
  used_units    bigint not null default 0,
  constraint progress_pkey primary key (room_id),
  constraint progress_room_fkey foreign key (room_id) references waiting_room.room,
  constraint progress_state_known check (state in ('off', 'before', 'open', 'promised', 'over')),
  constraint progress_admitted_not_negative check (admitted >= 0)
) with (fillfactor = 50);

-- Which places were called when. Each place once: the next call begins where the last one ended.
create table waiting_room.call (
  room_id    uuid not null,
  from_place bigint not null,
  to_place   bigint not null,
  called_at  timestamptz not null,
  constraint call_pkey primary key (room_id, from_place),
  constraint call_of_somebody check (0 <= from_place and from_place < to_place)
);

-- Places that were turned into passes. By primary key one pass a place, however often and wherever it is asked for.
create table waiting_room.pass (
  room_id    uuid not null,
  place      bigint not null,
  number     bigint not null,
  buyer_id   uuid not null,
  claimed_at timestamptz not null,
  expires_at timestamptz not null,
  used_at    timestamptz,
  constraint pass_pkey primary key (room_id, place),
  -- A ticket has one place, and a place one ticket.
  constraint pass_one_per_ticket unique (room_id, number)
);

-- For counting what is promised (store.ts, loadDemand).
create index pass_unused on waiting_room.pass (room_id, expires_at) where used_at is null;
