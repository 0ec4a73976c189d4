-- Processes that keep pages at present, each with the templates and settings that it has (page.build_id). Pages of which no
-- keeper is left are taken over by another.
create table page.keeper (
  keeper_id   uuid not null,
  build_id    text not null,
  alive_until timestamptz not null,
  constraint keeper_pkey primary key (keeper_id)
);
