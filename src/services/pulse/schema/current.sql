-- The schema `pulse` as its migrations have made it. Written by `npm run schema`; do not edit.

create table pulse.reading (
  at timestamp with time zone not null,
  latency_p50_ms real,
  latency_p99_ms real,
  cache_hit_ratio real,
  lane_count integer not null,
  lag_ms integer not null,
  shed_core integer not null,
  shed_standard integer not null,
  shed_deferrable integer not null,
  constraint reading_pkey PRIMARY KEY (at)
);

create table pulse.sale (
  sale_id uuid not null,
  name text not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  variant_ids uuid[] not null,
  constraint sale_pkey PRIMARY KEY (sale_id)
);

CREATE INDEX sale_start ON pulse.sale USING btree (starts_at);

create table pulse.second (
  at timestamp with time zone not null,
  fold_no bigint not null,
  placed_count integer not null,
  paid_count integer not null,
  cancelled_count integer not null,
  expired_count integer not null,
  money jsonb not null,
  regions jsonb not null,
  units jsonb not null,
  buyers bytea not null,
  constraint second_pkey PRIMARY KEY (at),
  constraint second_buyers_are_whole CHECK (((octet_length(buyers) % 4) = 0)),
  constraint second_counts_not_negative CHECK (((placed_count >= 0) AND (paid_count >= 0) AND (cancelled_count >= 0) AND (expired_count >= 0))),
  constraint second_is_whole CHECK ((date_trunc('second'::text, at) = at))
);

CREATE INDEX second_fold ON pulse.second USING btree (fold_no);
