-- How often in a row it could not be built: each time it is left alone for longer (leased_until).
alter table page.page add column failed_count integer not null default 0;
