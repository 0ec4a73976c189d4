-- For counting what the networks of one end site of IPv6 hold together (store-unpaid.ts, countOfSites): the code of the site stands
-- before the dot of a network's. Apart, as 005 is.
create index purchase_order_unpaid_of_site on checkout.purchase_order (split_part(client_prefix, '.', 1))
  where state = 'placed' and client_prefix is not null;
