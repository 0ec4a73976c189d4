-- How many unpaid orders a buyer, or a network, may have at a time is counted from the orders themselves, under a lock of
-- whom they are counted for: nothing is added up that could be forgotten when an order ends.
alter table checkout.purchase_order
  -- Placed while unpaid orders were limited: counted until it is paid or has ended.
  add column is_counted boolean not null default false,
  -- Where it was placed from, as a code that only the shop can make: no address. Null where nothing is counted by network.
  add column client_prefix text;
