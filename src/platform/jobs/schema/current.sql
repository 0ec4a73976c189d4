-- The schema `jobs` as its migrations have made it. Written by `npm run schema`; do not edit.

create table jobs.standing (
  name text not null,
  ended_at timestamp with time zone not null,
  constraint standing_pkey PRIMARY KEY (name)
);
