create schema page;

-- Puts builds and changes in one order (decision 0009): a build draws its mark before it loads anything, a change draws one
-- after it was committed. Without a cache of marks per connection (the default), or they would not rise.
create sequence page.mark;

-- What is known of each stored page; its bytes are in the blob store. A page is stale while version < wanted, or once
-- rebuild_at has come.
create table page.page (
  -- With the locale, as browsers ask for it.
  path         text collate "C" not null,
  kind         text not null,
  locale       text not null,
  -- What it shows; of a page that is gone, what it showed last, so that it comes back when that does.
  tags         text[] not null,
  -- The mark of the build that is stored.
  version      bigint not null,
  -- The mark of the last change that touches it.
  wanted       bigint not null,
  -- Of the templates and settings that it is, or is to be, made with. Only processes that have them build it.
  build_id     text not null,
  etag         text not null,
  byte_count   bigint not null,
  built_at     timestamptz not null,
  rebuild_at   timestamptz,
  -- Somebody builds it and should have done so by then: a hint that saves double work, nothing rests on it.
  leased_until timestamptz,
  is_gone      boolean not null default false,
  constraint page_pkey primary key (path)
) with (fillfactor = 80);

create index page_tags on page.page using gin (tags);
comment on index page.page_tags is 'store.ts: touchPages';

create index page_stale on page.page (wanted, path) where version < wanted;
comment on index page.page_stale is 'store.ts: leaseStale';

create index page_rebuild on page.page (rebuild_at) where rebuild_at is not null;
comment on index page.page_rebuild is 'store.ts: leaseStale';

-- Recent changes, for builds that were under way when they happened.
create table page.touch (
  mark bigint not null,
  -- Null: all tags. The newest of those that were forgotten stays as such, for a build that is older still.
  tags text[],
  constraint touch_pkey primary key (mark)
);
