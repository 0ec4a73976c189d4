-- The schema `platform` as its migrations have made it. Written by `npm run schema`; do not edit.

create table platform.feature_switch (
  name text not null,
  position text not null,
  is_thrown boolean not null default false,
  asserted_at timestamp with time zone,
  reason text not null,
  until_at timestamp with time zone,
  changed_at timestamp with time zone not null,
  constraint feature_switch_pkey PRIMARY KEY (name),
  constraint feature_switch_position CHECK (("position" = ANY (ARRAY['on'::text, 'off'::text, 'rule'::text])))
);

create table platform.feature_switch_change (
  change_id bigint not null generated always as identity,
  name text not null,
  position text not null,
  is_off boolean not null,
  who text not null,
  reason text not null,
  until_at timestamp with time zone,
  changed_at timestamp with time zone not null,
  constraint feature_switch_change_pkey PRIMARY KEY (change_id)
);

create table platform.idempotency_key (
  key_hash bytea not null,
  fingerprint bytea not null,
  lease_id uuid not null,
  leased_until timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  status integer,
  content_type text,
  location text,
  body text,
  constraint idempotency_key_pkey PRIMARY KEY (key_hash),
  constraint idempotency_key_answer_is_whole CHECK (((status IS NOT NULL) OR ((content_type IS NULL) AND (location IS NULL) AND (body IS NULL)))),
  constraint idempotency_key_hash_length CHECK (((length(key_hash) = 32) AND (length(fingerprint) = 32))),
  constraint idempotency_key_status_is_final CHECK ((((status >= 200) AND (status <= 499)) AND (status <> 429)))
);

CREATE INDEX idempotency_key_expires_at ON platform.idempotency_key USING btree (expires_at);

create table platform.migration (
  room text not null,
  version integer not null,
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  constraint migration_pkey PRIMARY KEY (room, version)
);

create table platform.signing_key (
  key_id text not null,
  secret bytea not null,
  created_at timestamp with time zone not null default now(),
  signs_from timestamp with time zone not null default now(),
  retired_at timestamp with time zone,
  constraint signing_key_pkey PRIMARY KEY (key_id),
  constraint signing_key_long_enough CHECK ((length(secret) >= 32))
);
