-- The newest key whose time has come signs, and all that are not retired verify. A retired key stays: the shop's first one
-- gives the codes that cards and networks are counted by. The default is for the previous release, which names no instant.
alter table platform.signing_key
  add column signs_from timestamptz not null default now(),
  add column retired_at timestamptz;
update platform.signing_key
   set signs_from = created_at;
