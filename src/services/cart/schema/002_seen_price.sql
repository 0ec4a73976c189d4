-- What the buyer was shown when the line was put in. Null where nobody said: the previous release writes none.
-- `not valid`: the lock that keeps every buyer out of their cart is held for a moment, not while all lines are read.
alter table cart.line
  add column seen_unit_price_minor bigint,
  add constraint line_seen_price_within_bounds check (seen_unit_price_minor between 0 and 1000000000000) not valid;
