create schema cdn;

-- What the CDN is still to forget. A name stands here once, however many events touched it.
create table cdn.purge (
  kind       text not null,
  -- A tag as answers carry it, a whole URL; empty for everything.
  name       text not null,
  -- The event that asked last: it becomes a dead letter if the CDN refuses.
  event_id   bigint not null,
  -- When to send it.
  due_at     timestamptz not null,
  -- Sent before this, it is sent once more: what asked last may not have reached every cache behind the CDN yet.
  settled_at timestamptz not null,
  constraint purge_pkey primary key (kind, name),
  constraint purge_kind_known check (kind in ('tag', 'url', 'everything')),
  constraint purge_everything_has_no_name check ((kind = 'everything') = (name = ''))
);

create index purge_due on cdn.purge (due_at);
comment on index cdn.purge_due is 'store.ts: loadDue';

-- One row: who sends, and when it may be tried again.
create table cdn.pace (
  is_only      boolean not null default true,
  leased_until timestamptz,
  paused_until timestamptz,
  -- In a row, for the backoff.
  failed_count integer not null default 0,
  constraint pace_pkey primary key (is_only),
  constraint pace_is_one_row check (is_only)
);

insert into cdn.pace default values;
