-- Variants whose stock an order has taken or given back, until the pages that show another number are marked. One row
-- each, however many orders there are.
create table page.moved_variant (
  variant_id uuid not null,
  -- Of the last batch of orders; a row is deleted by who has dealt with this one.
  mark       bigint not null,
  constraint moved_variant_pkey primary key (variant_id)
) with (fillfactor = 50);
