-- In a transaction of its own, under a lock that lets carts be read and changed meanwhile.
alter table cart.line
  validate constraint line_seen_price_within_bounds;
