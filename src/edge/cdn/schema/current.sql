-- The schema `cdn` as its migrations have made it. Written by `npm run schema`; do not edit.

create table cdn.pace (
  is_only boolean not null default true,
  leased_until timestamp with time zone,
  paused_until timestamp with time zone,
  failed_count integer not null default 0,
  constraint pace_pkey PRIMARY KEY (is_only),
  constraint pace_is_one_row CHECK (is_only)
);

create table cdn.purge (
  kind text not null,
  name text not null,
  event_id bigint not null,
  due_at timestamp with time zone not null,
  settled_at timestamp with time zone not null,
  constraint purge_pkey PRIMARY KEY (kind, name),
  constraint purge_everything_has_no_name CHECK (((kind = 'everything'::text) = (name = ''::text))),
  constraint purge_kind_known CHECK ((kind = ANY (ARRAY['tag'::text, 'url'::text, 'everything'::text])))
);

CREATE INDEX purge_due ON cdn.purge USING btree (due_at);
