create schema if not exists platform;

-- Keys that sign quotes and capabilities. The newest signs; older ones verify until they are deleted. In the database, so
-- that every process of the shop has the same, and a backup of the shop includes them.
create table platform.signing_key (
  key_id     text not null,
  secret     bytea not null,
  created_at timestamptz not null default now(),
  constraint signing_key_pkey primary key (key_id),
  constraint signing_key_long_enough check (length(secret) >= 32)
);
