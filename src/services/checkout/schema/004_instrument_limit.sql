alter table checkout.order_line
  -- How many units under its limit one means of payment may pay for; null where that is not limited.
  add column instrument_max integer;
