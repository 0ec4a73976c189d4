alter table promotion.sale
  -- Whether its variants are kept back until it starts, and not sold at the list price before.
  add column is_held_until_start boolean not null default false;
