create schema if not exists platform;

-- What was answered to a request with an Idempotency-Key. A row is in flight (no status) until its answer is known.
create table platform.idempotency_key (
  -- SHA-256 of route, credential and key: neither credentials nor keys are kept.
  key_hash       bytea not null,
  -- SHA-256 of method, path, query and body: the same key with another request is refused.
  fingerprint    bytea not null,
  -- Who is answering. A request that takes over from one that crashed has another; the first can then no longer write.
  lease_id       uuid not null,
  leased_until   timestamptz not null,
  expires_at     timestamptz not null,
  status         integer,
  content_type   text,
  location       text,
  body           text,
  constraint idempotency_key_pkey primary key (key_hash),
  constraint idempotency_key_hash_length check (length(key_hash) = 32 and length(fingerprint) = 32),
  -- 5xx and 429 are not answers: the request may be tried again.
  constraint idempotency_key_status_is_final check (status between 200 and 499 and status <> 429),
  constraint idempotency_key_answer_is_whole check (status is not null or (content_type is null and location is null and body is null))
);

-- deleteExpired: old keys, in the order in which they end.
create index idempotency_key_expires_at on platform.idempotency_key (expires_at);
