-- Passes of waiting rooms that became an order. One pass is one order, whatever runs at once: the last line against a pass
-- that is shared or replayed (I6). Written in the order's transaction; orders without a pass have no row.
create table checkout.used_pass (
  room_id  uuid not null,
  place    bigint not null,
  order_id uuid not null,
  used_at  timestamptz not null default now(),
  constraint used_pass_pkey primary key (room_id, place),
  constraint used_pass_place_not_negative check (place >= 0)
);
