alter table promotion.sale
  -- How long an order of the sale waits for its payment, where that is shorter than the shop gives: what nobody pays is soon on sale again.
  add column pay_within_ms integer,
  add constraint sale_pay_within_positive check (pay_within_ms > 0) not valid;
alter table promotion.sale_item
  -- Units that one means of payment may pay for; as many as one buyer may take where it is null.
  add column limit_per_instrument integer,
  add constraint sale_item_instrument_limit_positive check (limit_per_instrument > 0) not valid;
