-- The schema `events` as its migrations have made it. Written by `npm run schema`; do not edit.

create table events.outbox (
  id bigint not null generated always as identity,
  txid xid8 not null default pg_current_xact_id(),
  topic text not null,
  key text not null,
  payload text not null,
  occurred_at timestamp with time zone not null,
  traceparent text,
  constraint outbox_pkey PRIMARY KEY (id)
);

CREATE INDEX outbox_txid ON events.outbox USING btree (txid);

create table events.progress (
  group_name text not null,
  passed pg_snapshot not null,
  upto pg_snapshot,
  floor_id bigint,
  ceiling_id bigint,
  done_id bigint,
  constraint progress_pkey PRIMARY KEY (group_name),
  constraint progress_window_is_whole CHECK ((num_nulls(upto, floor_id, ceiling_id, done_id) = ANY (ARRAY[0, 4])))
);

create table events.retry (
  group_name text not null,
  event_id bigint not null,
  key text not null,
  state text not null,
  attempts integer not null,
  next_at timestamp with time zone,
  last_error text,
  constraint retry_pkey PRIMARY KEY (event_id, group_name),
  constraint retry_event_fkey FOREIGN KEY (event_id) REFERENCES events.outbox(id),
  constraint retry_group_fkey FOREIGN KEY (group_name) REFERENCES events.progress(group_name) ON DELETE CASCADE,
  constraint retry_dead_has_no_turn CHECK (((state = 'waiting'::text) OR (next_at IS NULL))),
  constraint retry_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'dead'::text])))
);

CREATE INDEX retry_dead ON events.retry USING btree (group_name, event_id) WHERE (state = 'dead'::text);

CREATE INDEX retry_due ON events.retry USING btree (group_name, next_at) WHERE (next_at IS NOT NULL);

CREATE UNIQUE INDEX retry_one_turn_per_key ON events.retry USING btree (group_name, key) WHERE (next_at IS NOT NULL);

CREATE INDEX retry_queue ON events.retry USING btree (group_name, key, event_id) WHERE (state = 'waiting'::text);
