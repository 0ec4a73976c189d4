create schema gateway;

-- Who is staff: tokens by their SHA-256, so that a copy of the database opens nothing.
create table gateway.admin_token (
  token_hash bytea not null,
  created_at timestamptz not null default now(),
  constraint admin_token_pkey primary key (token_hash)
);
