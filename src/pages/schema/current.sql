-- The schema `page` as its migrations have made it. Written by `npm run schema`; do not edit.

create table page.keeper (
  keeper_id uuid not null,
  build_id text not null,
  alive_until timestamp with time zone not null,
  constraint keeper_pkey PRIMARY KEY (keeper_id)
);

create table page.moved_variant (
  variant_id uuid not null,
  mark bigint not null,
  constraint moved_variant_pkey PRIMARY KEY (variant_id)
);

create table page.page (
  path text not null,
  kind text not null,
  locale text not null,
  tags text[] not null,
  version bigint not null,
  wanted bigint not null,
  build_id text not null,
  etag text not null,
  byte_count bigint not null,
  built_at timestamp with time zone not null,
  rebuild_at timestamp with time zone,
  leased_until timestamp with time zone,
  is_gone boolean not null default false,
  failed_count integer not null default 0,
  constraint page_pkey PRIMARY KEY (path)
);

CREATE INDEX page_rebuild ON page.page USING btree (rebuild_at) WHERE (rebuild_at IS NOT NULL);

CREATE INDEX page_stale ON page.page USING btree (wanted, path) WHERE (version < wanted);

CREATE INDEX page_tags ON page.page USING gin (tags);

create table page.touch (
  mark bigint not null,
  tags text[],
  constraint touch_pkey PRIMARY KEY (mark)
);
