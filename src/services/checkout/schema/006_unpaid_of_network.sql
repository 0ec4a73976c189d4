-- For counting a network's unpaid orders (store-unpaid.ts, countOfNetworks and countUnits). Apart, as 005 is.
create index purchase_order_unpaid_of_network on checkout.purchase_order (client_prefix)
  where state = 'placed' and client_prefix is not null;
