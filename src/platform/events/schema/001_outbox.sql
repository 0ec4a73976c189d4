create schema events;

create table events.outbox (
  -- Without a cache of ids per connection (the default): within a key, ids must rise in the order of the commits.
  id          bigint generated always as identity (maxvalue 9007199254740991),
  -- The transaction that announced it, which decides when readers may see it (decision 0002).
  txid        xid8 not null default pg_current_xact_id(),
  topic       text not null,
  key         text not null,
  -- JSON. As text, because nothing in the database looks inside and parsing it would cost each order.
  payload     text not null,
  occurred_at timestamptz not null,
  traceparent text,
  constraint outbox_pkey primary key (id)
);

create index outbox_txid on events.outbox (txid);
comment on index events.outbox_txid is 'store.ts: openWindow, loadWindowPage, surveyGroups';

create table events.progress (
  group_name text not null,
  -- What this snapshot sees, the group is done with (handled, or kept in events.retry).
  passed     pg_snapshot not null,
  -- The open window, if one is: what `upto` sees and `passed` does not, done up to and including done_id.
  upto       pg_snapshot,
  floor_id   bigint,
  ceiling_id bigint,
  done_id    bigint,
  constraint progress_pkey primary key (group_name),
  constraint progress_window_is_whole check (num_nulls(upto, floor_id, ceiling_id, done_id) in (0, 4))
) with (fillfactor = 50);

create table events.retry (
  group_name text not null,
  event_id   bigint not null,
  key        text not null,
  state      text not null,
  attempts   integer not null,
  -- Null behind an earlier event of the same key: its turn comes when that one is handled or dead.
  next_at    timestamptz,
  last_error text,
  constraint retry_pkey primary key (event_id, group_name),
  constraint retry_group_fkey foreign key (group_name) references events.progress (group_name) on delete cascade,
  -- Whatever deletes old events, one that somebody still needs stays.
  constraint retry_event_fkey foreign key (event_id) references events.outbox (id),
  constraint retry_state_known check (state in ('waiting', 'dead')),
  constraint retry_dead_has_no_turn check (state = 'waiting' or next_at is null)
);

create index retry_queue on events.retry (group_name, key, event_id) where state = 'waiting';
comment on index events.retry_queue is 'store-retry.ts: loadBlockedKeys, loadDueRetries, promoteRetries';

create unique index retry_one_turn_per_key on events.retry (group_name, key) where next_at is not null;
comment on index events.retry_one_turn_per_key is 'Only the first waiting event of a key has a turn, so that its order is kept';

create index retry_due on events.retry (group_name, next_at) where next_at is not null;
comment on index events.retry_due is 'store-retry.ts: loadDueRetries; store.ts: surveyGroups';

create index retry_dead on events.retry (group_name, event_id) where state = 'dead';
comment on index events.retry_dead is 'store-retry.ts: listDeadLetters, replayDeadLetters; store.ts: surveyGroups';
