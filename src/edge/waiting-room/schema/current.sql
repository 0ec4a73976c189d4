-- The schema `waiting_room` as its migrations have made it. Written by `npm run schema`; do not edit.

create table waiting_room.call (
  room_id uuid not null,
  from_place bigint not null,
  to_place bigint not null,
  called_at timestamp with time zone not null,
  constraint call_pkey PRIMARY KEY (room_id, from_place),
  constraint call_of_somebody CHECK (((0 <= from_place) AND (from_place < to_place)))
);

CREATE INDEX call_by_age ON waiting_room.call USING btree (called_at);

create table waiting_room.departure (
  room_id uuid not null,
  number bigint not null,
  place bigint,
  left_at timestamp with time zone not null,
  constraint departure_pkey PRIMARY KEY (room_id, number)
);

CREATE INDEX departure_by_age ON waiting_room.departure USING btree (left_at);

CREATE INDEX departure_by_place ON waiting_room.departure USING btree (room_id, place);

create table waiting_room.line (
  room_id uuid not null,
  first_number bigint not null default 0,
  issued bigint not null default 0,
  lot_seed bytea,
  lot_count bigint,
  lot_drawn_at timestamp with time zone,
  constraint line_pkey PRIMARY KEY (room_id),
  constraint line_lot_of_tickets CHECK (((lot_count >= 0) AND (lot_count <= (issued - first_number)))),
  constraint line_lot_seed_long CHECK ((length(lot_seed) = 32)),
  constraint line_lot_whole CHECK ((num_nulls(lot_seed, lot_count, lot_drawn_at) = ANY (ARRAY[0, 3]))),
  constraint line_numbers_in_order CHECK (((0 <= first_number) AND (first_number <= issued)))
);

create table waiting_room.pass (
  room_id uuid not null,
  place bigint not null,
  number bigint not null,
  buyer_id uuid not null,
  claimed_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint pass_one_per_ticket UNIQUE (room_id, number),
  constraint pass_pkey PRIMARY KEY (room_id, place)
);

CREATE INDEX pass_unused ON waiting_room.pass USING btree (room_id, expires_at) WHERE (used_at IS NULL);

create table waiting_room.progress (
  room_id uuid not null,
  state text not null default 'off'::text,
  admitted bigint not null default 0,
  pace_per_s double precision not null default 0,
  credit double precision not null default 0,
  ticked_at timestamp with time zone,
  away_from_at timestamp with time zone,
  away_until_at timestamp with time zone,
  opens_at timestamp with time zone,
  ends_at timestamp with time zone,
  busy_since_at timestamp with time zone,
  calm_since_at timestamp with time zone,
  off_since_at timestamp with time zone,
  used_passes bigint not null default 0,
  used_units bigint not null default 0,
  deleted_sale_id uuid,
  constraint progress_pkey PRIMARY KEY (room_id),
  constraint progress_admitted_not_negative CHECK ((admitted >= 0)),
  constraint progress_state_known CHECK ((state = ANY (ARRAY['off'::text, 'before'::text, 'open'::text, 'promised'::text, 'over'::text])))
);

create table waiting_room.room (
  room_id uuid not null,
  name text,
  sale_id uuid,
  switched_by text not null,
  is_on boolean not null default false,
  queue_from_at timestamp with time zone,
  opens_at timestamp with time zone,
  pace_per_s_max double precision,
  constraint room_one_per_sale UNIQUE NULLS NOT DISTINCT (sale_id),
  constraint room_pkey PRIMARY KEY (room_id),
  constraint room_switched_by_known CHECK ((switched_by = ANY (ARRAY['schedule'::text, 'load'::text, 'hand'::text])))
);
