create schema jobs;

create table jobs.standing (
  name     text not null,
  -- When the last run ended, well or not.
  ended_at timestamptz not null,
  constraint standing_pkey primary key (name)
);
