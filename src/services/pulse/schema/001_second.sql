create schema pulse;

-- Each fold of events takes the next number. The consumer group's lock is held until its transaction commits, so numbers
-- become visible in their order, and whoever has read up to one misses nothing by reading what is above it.
create sequence pulse.fold_no as bigint;

-- What happened in one second of the shop, by when it happened. Seconds in which nothing did have no row.
create table pulse.second (
  at              timestamptz not null,
  -- The last fold that changed it.
  fold_no         bigint      not null,
  placed_count    integer     not null,
  paid_count      integer     not null,
  cancelled_count integer     not null,
  expired_count   integer     not null,
  -- Captured less refunded, in minor units, by currency: {"USD": 4900}.
  money           jsonb       not null,
  -- Orders placed by the country that they go to; ZZ where none is known.
  regions         jsonb       not null,
  -- By variant: [units ordered, change of the units held, change of the units sold].
  units           jsonb       not null,
  -- Who placed an order: four bytes of each buyer's id, rising, each once. Enough to count heads, too little to know one.
  buyers          bytea       not null,
  constraint second_pkey primary key (at),
  constraint second_is_whole check (date_trunc('second', at) = at),
  constraint second_counts_not_negative check (
    placed_count >= 0 and paid_count >= 0 and cancelled_count >= 0 and expired_count >= 0
  ),
  constraint second_buyers_are_whole check (octet_length(buyers) % 4 = 0)
);

create index second_fold on pulse.second (fold_no);
comment on index pulse.second_fold is 'loadChangedSeconds: what was folded since';

-- How the shop felt in a second: what the process that somebody watched measured. No figure where it had none.
create table pulse.reading (
  at               timestamptz not null,
  latency_p50_ms   real,
  latency_p99_ms   real,
  cache_hit_ratio  real,
  lane_count       integer     not null,
  lag_ms           integer     not null,
  shed_core        integer     not null,
  shed_standard    integer     not null,
  shed_deferrable  integer     not null,
  constraint reading_pkey primary key (at)
);

-- Sales as they were last announced: what can be replayed, and what is hot now.
create table pulse.sale (
  sale_id     uuid        not null,
  name        text        not null,
  starts_at   timestamptz not null,
  ends_at     timestamptz not null,
  variant_ids uuid[]      not null,
  constraint sale_pkey primary key (sale_id)
);

create index sale_start on pulse.sale (starts_at);
comment on index pulse.sale_start is 'loadSales: those that began lately, the latest first';
