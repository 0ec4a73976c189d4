create table public.half_done (id integer); select 1/0;
